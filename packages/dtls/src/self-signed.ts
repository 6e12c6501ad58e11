// The DER form of a certificate that signs itself, as small as X.509 allows.
// https://www.rfc-editor.org/rfc/rfc5280#section-4.1

import {
  DerTag,
  encodeDer,
  encodeDerUnsigned,
  type SignatureAlgorithm,
  type SigningKey,
} from '@kaon/crypto';
import { encodeUtf8 } from '@kaon/wire';

//  Certificate ::= SEQUENCE {
//    tbsCertificate SEQUENCE {
//      version [0] INTEGER, serialNumber INTEGER, signature AlgorithmIdentifier, issuer Name,
//      validity SEQUENCE { notBefore Time, notAfter Time }, subject Name, subjectPublicKeyInfo },
//    signatureAlgorithm AlgorithmIdentifier,
//    signatureValue BIT STRING }

/** What the certificate says. */
export interface SelfSigned {
  /** The public key that belongs to {@link key}: SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  readonly key: SigningKey;
  readonly algorithm: CertificateSignature;
  /** At most 20 bytes, big-endian, the first below 0x80 (RFC 5280 §4.1.2.2). */
  readonly serialNumber: Uint8Array;
  /** Issuer and subject. */
  readonly commonName: string;
  /** Whole seconds, in milliseconds since 1970. */
  readonly notBefore: number;
  /** Whole seconds, in milliseconds since 1970. */
  readonly notAfter: number;
}

/** The algorithms that such a certificate is signed with. */
export type CertificateSignature = keyof typeof ALGORITHM_OIDS & SignatureAlgorithm;

// Object identifiers in DER: RFC 5758 §3.2 for ECDSA, RFC 8017 Appendix C for RSA, X.520 for the name.
const ALGORITHM_OIDS = {
  'ecdsa-sha256': [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  'ecdsa-sha384': [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
  'rsa-pkcs1-sha256': [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
  'rsa-pkcs1-sha384': [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c],
  'rsa-pkcs1-sha512': [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d],
} as const;
const COMMON_NAME_OID = [0x55, 0x04, 0x03];

const TAG_VERSION = 0xa0;
const TAG_SET = 0x31;
const TAG_UTF8_STRING = 0x0c;
const TAG_UTC_TIME = 0x17;
const TAG_GENERALIZED_TIME = 0x18;
const VERSION_3 = Uint8Array.of(2);
const WHOLE_BYTES = Uint8Array.of(0);

/** Signs and encodes it. */
export function encodeSelfSigned(certificate: SelfSigned): Uint8Array {
  const { algorithm, commonName, key, serialNumber, spki } = certificate;
  const signatureAlgorithm = encodeAlgorithm(algorithm);
  const name = encodeName(commonName);
  const toBeSigned = encodeDer(
    DerTag.sequence,
    encodeDer(TAG_VERSION, encodeDer(DerTag.integer, VERSION_3)),
    encodeDerUnsigned(serialNumber),
    signatureAlgorithm,
    name,
    encodeDer(DerTag.sequence, encodeTime(certificate.notBefore), encodeTime(certificate.notAfter)),
    name,
    spki,
  );
  const signature = key.sign(algorithm, toBeSigned);
  return encodeDer(
    DerTag.sequence,
    toBeSigned,
    signatureAlgorithm,
    encodeDer(DerTag.bitString, WHOLE_BYTES, signature),
  );
}

function encodeAlgorithm(algorithm: CertificateSignature): Uint8Array {
  const oid = encodeDer(DerTag.objectIdentifier, Uint8Array.from(ALGORITHM_OIDS[algorithm]));
  // RFC 4055 §5: RSA has NULL for parameters; RFC 5758 §3.2: ECDSA has none.
  if (!algorithm.startsWith('rsa')) return encodeDer(DerTag.sequence, oid);
  return encodeDer(DerTag.sequence, oid, encodeDer(DerTag.null));
}

/** `CN=…` and nothing else. */
function encodeName(commonName: string): Uint8Array {
  const type = encodeDer(DerTag.objectIdentifier, Uint8Array.from(COMMON_NAME_OID));
  const value = encodeDer(TAG_UTF8_STRING, encodeUtf8(commonName));
  return encodeDer(DerTag.sequence, encodeDer(TAG_SET, encodeDer(DerTag.sequence, type, value)));
}

/** UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
function encodeTime(milliseconds: number): Uint8Array {
  const text = `${new Date(milliseconds).toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
  const isLate = Number(text.slice(0, 4)) >= 2050;
  return isLate
    ? encodeDer(TAG_GENERALIZED_TIME, encodeUtf8(text))
    : encodeDer(TAG_UTC_TIME, encodeUtf8(text.slice(2)));
}
