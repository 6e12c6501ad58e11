// The server's steps through the handshake. https://www.rfc-editor.org/rfc/rfc6347#section-4.2.4
//
//   client                                            server
//   1 ClientHello                  →
//                                  ←  2 HelloVerifyRequest (if the cookie exchange is on)
//   3 ClientHello with cookie      →
//                                  ←  4 ServerHello, Certificate, ServerKeyExchange,
//                                       CertificateRequest, ServerHelloDone
//   5 Certificate, ClientKeyExchange,
//     CertificateVerify, [ChangeCipherSpec], Finished  →
//                                  ←  6 [ChangeCipherSpec], Finished

import {
  type Hmac,
  type KeyAgreement,
  type KeyAgreementGroup,
  readSubjectPublicKeyInfo,
} from '@kaon/crypto';
import { concatBytes, equalBytes } from '@kaon/wire';
import { type CipherSuite, EMPTY_RENEGOTIATION_INFO_SCSV, suiteFitsKey } from './cipher-suite.ts';
import { decodeEcPointFormats, encodeEcPointFormats } from './extensions/ec-point-formats.ts';
import { type Extension, ExtensionType, findExtension } from './extensions/extension.ts';
import { decodeRecordSizeLimit, encodeRecordSizeLimit } from './extensions/record-size-limit.ts';
import {
  decodeRenegotiationInfo,
  encodeRenegotiationInfo,
} from './extensions/renegotiation-info.ts';
import { decodeSignatureAlgorithms } from './extensions/signature-algorithms.ts';
import { decodeSupportedGroups } from './extensions/supported-groups.ts';
import { decodeSupportedVersions } from './extensions/supported-versions.ts';
import { decodeUseSrtp, encodeUseSrtp } from './extensions/use-srtp.ts';
import { decodeCertificateChain, encodeCertificateChain } from './handshake/certificate-chain.ts';
import {
  ClientCertificateType,
  encodeCertificateRequest,
} from './handshake/certificate-request.ts';
import { decodeCertificateVerify } from './handshake/certificate-verify.ts';
import {
  type ClientHello,
  decodeClientHello,
  encodeClientHello,
} from './handshake/client-hello.ts';
import { decodeClientKeyExchange } from './handshake/client-key-exchange.ts';
import {
  fatalFault,
  type HandshakeFault,
  malformedMessage,
  unexpectedMessage,
} from './handshake/handshake-fault.ts';
import { type HandshakeMessage, HandshakeType } from './handshake/handshake-message.ts';
import { encodeHelloVerifyRequest } from './handshake/hello-verify-request.ts';
import { encodeServerHello } from './handshake/server-hello.ts';
import { encodeEcdhParams, encodeServerKeyExchange } from './handshake/server-key-exchange.ts';
import type {
  HandshakeContext,
  HandshakeResult,
  HandshakeRole,
  Negotiated,
} from './handshake-context.ts';
import type { SessionSecrets } from './key-schedule.ts';
import { namedGroupId } from './named-group.ts';
import { ProtocolVersion } from './protocol-version.ts';
import { MAX_PLAINTEXT_LENGTH } from './record/record.ts';
import {
  chooseSignatureScheme,
  SIGNATURE_SCHEMES,
  type SignatureScheme,
  signatureSchemeById,
} from './signature-scheme.ts';

const EMPTY = new Uint8Array(0);

/** What follows from a ClientHello. */
interface Choice {
  readonly suite: CipherSuite;
  readonly group: KeyAgreementGroup;
  readonly scheme: SignatureScheme;
  readonly extendedMasterSecret: boolean;
  readonly srtpProtectionProfile: number | undefined;
  readonly remoteRecordSizeLimit: number | undefined;
  /** The extensions of the answer. */
  readonly extensions: readonly Extension[];
}

/** Where the server is: the message that comes next, and what is known by then. */
type ServerStep =
  | { readonly name: 'client-hello' }
  | {
      readonly name: 'certificate';
      readonly negotiated: Negotiated;
      readonly ephemeral: KeyAgreement;
    }
  | {
      readonly name: 'client-key-exchange';
      readonly negotiated: Negotiated;
      readonly ephemeral: KeyAgreement;
      readonly chain: readonly Uint8Array[];
      readonly publicKeyInfo: Uint8Array;
    }
  | {
      readonly name: 'certificate-verify';
      readonly secrets: SessionSecrets;
      readonly publicKeyInfo: Uint8Array;
      readonly outcome: HandshakeResult;
    }
  | {
      readonly name: 'finished';
      readonly secrets: SessionSecrets;
      readonly outcome: HandshakeResult;
    }
  | { readonly name: 'done'; readonly outcome: HandshakeResult };

/** The server's half of a handshake. */
export class ServerHandshake implements HandshakeRole {
  readonly #context: HandshakeContext;
  readonly #cookieKey: Hmac;
  #step: ServerStep = { name: 'client-hello' };

  constructor(context: HandshakeContext) {
    this.#context = context;
    this.#cookieKey = context.settings.crypto.createHmac('sha256', context.randomBytes(32));
  }

  get result(): HandshakeResult | undefined {
    return this.#step.name === 'done' ? this.#step.outcome : undefined;
  }

  prepare(): void {
    // The key pair is the context's, and the rest depends on the client.
  }

  start(): void {
    // A server waits for its client.
  }

  handleRepeated(): boolean {
    return false; // A client says the same again.
  }

  handleMessage(
    message: HandshakeMessage,
    now: number,
  ): 'accepted' | 'repeatable' | HandshakeFault {
    const { type } = message;
    const step = this.#step;
    switch (step.name) {
      case 'client-hello':
        if (type !== HandshakeType.clientHello) return unexpectedMessage(type, 'ClientHello');
        return this.#onClientHello(message, now);
      case 'certificate':
        if (type !== HandshakeType.certificate) return unexpectedMessage(type, 'Certificate');
        return this.#onCertificate(step, message) ?? 'accepted';
      case 'client-key-exchange':
        if (type !== HandshakeType.clientKeyExchange) {
          return unexpectedMessage(type, 'ClientKeyExchange');
        }
        return this.#onClientKeyExchange(step, message) ?? 'accepted';
      case 'certificate-verify':
        if (type !== HandshakeType.certificateVerify) {
          return unexpectedMessage(type, 'CertificateVerify');
        }
        return this.#onCertificateVerify(step, message) ?? 'accepted';
      case 'finished':
        if (type !== HandshakeType.finished) return unexpectedMessage(type, 'Finished');
        return this.#onFinished(step, message, now) ?? 'accepted';
      case 'done':
        return unexpectedMessage(type, 'nothing');
    }
  }

  #onClientHello(
    message: HandshakeMessage,
    now: number,
  ): 'accepted' | 'repeatable' | HandshakeFault {
    const context = this.#context;
    const { settings } = context;
    const hello = decodeClientHello(message.body);
    if (hello === undefined) return malformedMessage(message.type);
    if (settings.cookieExchange) {
      const cookie = this.#cookieFor(hello);
      // RFC 6347 §4.2.1: a wrong cookie is treated as none.
      if (!equalBytes(hello.cookie, cookie)) {
        this.#sendHelloVerifyRequest(cookie, now);
        return 'repeatable';
      }
    }
    const choice = this.#choose(hello);
    if ('alert' in choice) return choice;
    context.fixVersion();
    // RFC 6347 §4.2.2: our messages are numbered as the client's, in lockstep so far.
    context.nextMessageSeq = message.messageSeq;
    context.transcript.clear();
    context.transcript.append(message.bytes);
    this.#sendServerFlight(hello, choice, now);
    return 'accepted';
  }

  /** Depends on all of the hello but the cookie itself, and on a key that lives as long as we wait. */
  #cookieFor(hello: ClientHello): Uint8Array {
    return this.#cookieKey.compute(encodeClientHello({ ...hello, cookie: EMPTY }));
  }

  #sendHelloVerifyRequest(cookie: Uint8Array, now: number): void {
    const context = this.#context;
    const { flight } = context;
    flight.begin();
    context.nextMessageSeq = 0;
    // RFC 6347 §4.2.1: DTLS 1.0 whatever is negotiated; it stands only for the format.
    const request = encodeHelloVerifyRequest({ version: ProtocolVersion.dtls10, cookie });
    context.addUnrecordedMessage(HandshakeType.helloVerifyRequest, request);
    // No timer: the client asks again if it does not hear us.
    flight.send(now, false);
  }

  #choose(hello: ClientHello): Choice | HandshakeFault {
    const { settings } = this.#context;
    const { extensions } = hello;
    const faultOfVersion = checkVersion(hello);
    if (faultOfVersion !== undefined) return faultOfVersion;
    if (!hello.compressionMethods.includes(0)) {
      return fatalFault('illegalParameter', 'The client insists on compression.');
    }
    const answer: Extension[] = [];
    const pointFormats = findExtension(extensions, ExtensionType.ecPointFormats);
    if (pointFormats !== undefined) {
      if (decodeEcPointFormats(pointFormats)?.uncompressed !== true) {
        return fatalFault('illegalParameter', 'The client does not take uncompressed points.');
      }
      answer.push({ type: ExtensionType.ecPointFormats, data: encodeEcPointFormats() });
    }
    const masterSecret = findExtension(extensions, ExtensionType.extendedMasterSecret);
    if (masterSecret !== undefined) {
      // RFC 7627 §5.1
      if (masterSecret.length > 0) {
        return fatalFault('decodeError', "The client's extended_master_secret is not empty.");
      }
      answer.push({ type: ExtensionType.extendedMasterSecret, data: EMPTY });
    } else if (settings.requireExtendedMasterSecret) {
      return fatalFault('handshakeFailure', 'The client lacks the extended master secret.');
    }
    const renegotiation = findExtension(extensions, ExtensionType.renegotiationInfo);
    if (renegotiation !== undefined && decodeRenegotiationInfo(renegotiation)?.length !== 0) {
      return fatalFault('handshakeFailure', 'The first handshake claims to renew another.');
    }
    // RFC 5746 §3.6: the SCSV is answered as the extension is.
    const { cipherSuites } = hello;
    if (renegotiation !== undefined || cipherSuites.includes(EMPTY_RENEGOTIATION_INFO_SCSV)) {
      answer.push({ type: ExtensionType.renegotiationInfo, data: encodeRenegotiationInfo() });
    }
    const useSrtp = findExtension(extensions, ExtensionType.useSrtp);
    const offered = useSrtp === undefined ? undefined : decodeUseSrtp(useSrtp);
    if (useSrtp !== undefined && offered === undefined) {
      return fatalFault('decodeError', "The client's use_srtp is malformed.");
    }
    // RFC 5764 §4.1.1: without a common profile the extension is left out.
    const profile = settings.srtpProtectionProfiles.find((each) =>
      offered?.profiles.includes(each),
    );
    if (profile !== undefined) {
      // RFC 5764 §4.1.3: an empty MKI says that none will be used, whatever was offered.
      const data = encodeUseSrtp({ profiles: [profile], mki: EMPTY });
      answer.push({ type: ExtensionType.useSrtp, data });
    }
    const sizeLimit = findExtension(extensions, ExtensionType.recordSizeLimit);
    const remoteRecordSizeLimit =
      sizeLimit === undefined ? undefined : decodeRecordSizeLimit(sizeLimit);
    if (sizeLimit !== undefined) {
      // RFC 8449 §4: less than 64 is an illegal_parameter.
      if (remoteRecordSizeLimit === undefined) {
        return fatalFault('illegalParameter', "The client's record_size_limit is impossible.");
      }
      const data = encodeRecordSizeLimit(MAX_PLAINTEXT_LENGTH);
      answer.push({ type: ExtensionType.recordSizeLimit, data });
    }
    const parameters = this.#chooseParameters(hello);
    if ('alert' in parameters) return parameters;
    return {
      ...parameters,
      extendedMasterSecret: masterSecret !== undefined,
      srtpProtectionProfile: profile,
      remoteRecordSizeLimit,
      extensions: answer,
    };
  }

  #chooseParameters(
    hello: ClientHello,
  ): Pick<Choice, 'suite' | 'group' | 'scheme'> | HandshakeFault {
    const { settings } = this.#context;
    const { key } = settings.certificate;
    const suite = settings.cipherSuites.find(
      (each) => hello.cipherSuites.includes(each.id) && suiteFitsKey(each, key),
    );
    if (suite === undefined) return fatalFault('handshakeFailure', 'No cipher suite in common.');
    // RFC 8422 §4: a client that lists no groups takes any; P-256 is the one that all have.
    // Deviation: the list does not restrict the curve of our certificate (RFC 8422 §5.1.1), because
    // clients of today mean the key exchange only (RFC 8446 §4.2.7) and verify what their
    // signature_algorithms say.
    const groupData = findExtension(hello.extensions, ExtensionType.supportedGroups);
    const groups = groupData === undefined ? [23] : decodeSupportedGroups(groupData);
    if (groups === undefined) return fatalFault('decodeError', 'supported_groups is malformed.');
    const group = settings.groups.find((each) => groups.includes(namedGroupId(each)));
    if (group === undefined) return fatalFault('handshakeFailure', 'No group in common.');
    // RFC 5246 §7.4.1.4.1: without the extension the client verifies SHA-1 only, which we don't sign.
    const schemeData = findExtension(hello.extensions, ExtensionType.signatureAlgorithms);
    const schemes = schemeData === undefined ? [] : decodeSignatureAlgorithms(schemeData);
    if (schemes === undefined) {
      return fatalFault('decodeError', 'signature_algorithms is malformed.');
    }
    const scheme = chooseSignatureScheme(key, schemes);
    if (scheme === undefined) {
      return fatalFault('handshakeFailure', 'The client cannot verify signatures of our key.');
    }
    return { suite, group, scheme };
  }

  #sendServerFlight(hello: ClientHello, choice: Choice, now: number): void {
    const context = this.#context;
    const { certificate } = context.settings;
    const { suite, group, scheme } = choice;
    const { extendedMasterSecret, srtpProtectionProfile, remoteRecordSizeLimit } = choice;
    // A copy, as the hello's memory should not be held for it.
    const clientRandom = new Uint8Array(hello.random);
    const serverRandom = context.randomBytes(32);
    context.flight.begin();
    context.addMessage(
      HandshakeType.serverHello,
      encodeServerHello({
        version: ProtocolVersion.dtls12,
        random: serverRandom,
        sessionId: EMPTY,
        cipherSuite: suite.id,
        compressionMethod: 0,
        extensions: choice.extensions,
      }),
    );
    context.addMessage(HandshakeType.certificate, encodeCertificateChain(certificate.chain));
    const ephemeral = context.keyAgreement(group);
    const { publicKey } = ephemeral;
    const params = encodeEcdhParams(namedGroupId(group), publicKey);
    const signature = certificate.key.sign(
      scheme.algorithm,
      concatBytes(clientRandom, serverRandom, params),
    );
    context.addMessage(
      HandshakeType.serverKeyExchange,
      encodeServerKeyExchange({
        group: namedGroupId(group),
        publicKey,
        scheme: scheme.id,
        signature,
      }),
    );
    context.addMessage(
      HandshakeType.certificateRequest,
      encodeCertificateRequest({
        certificateTypes: [ClientCertificateType.ecdsaSign, ClientCertificateType.rsaSign],
        schemes: SIGNATURE_SCHEMES.map(({ id }) => id),
      }),
    );
    context.addMessage(HandshakeType.serverHelloDone, EMPTY);
    context.flight.send(now, true);
    this.#step = {
      name: 'certificate',
      negotiated: {
        suite,
        clientRandom,
        serverRandom,
        extendedMasterSecret,
        srtpProtectionProfile,
        remoteRecordSizeLimit,
      },
      ephemeral,
    };
  }

  #onCertificate(
    step: Extract<ServerStep, { name: 'certificate' }>,
    message: HandshakeMessage,
  ): HandshakeFault | undefined {
    const chain = decodeCertificateChain(message.body);
    if (chain === undefined) return malformedMessage(message.type);
    const [own] = chain;
    // RFC 5246 §7.4.6: the server may insist.
    if (own === undefined) {
      return fatalFault('handshakeFailure', 'The client shows no certificate.');
    }
    const fault = this.#context.checkFingerprint(own);
    if (fault !== undefined) return fault;
    const publicKeyInfo = readSubjectPublicKeyInfo(own);
    if (publicKeyInfo === undefined) {
      return fatalFault('badCertificate', "The client's certificate cannot be read.");
    }
    this.#context.transcript.append(message.bytes);
    this.#step = { ...step, name: 'client-key-exchange', chain, publicKeyInfo };
    return undefined;
  }

  #onClientKeyExchange(
    step: Extract<ServerStep, { name: 'client-key-exchange' }>,
    message: HandshakeMessage,
  ): HandshakeFault | undefined {
    const { negotiated, ephemeral, chain, publicKeyInfo } = step;
    const publicKey = decodeClientKeyExchange(message.body);
    if (publicKey === undefined) return malformedMessage(message.type);
    const preMasterSecret = ephemeral.computeSecret(publicKey);
    if (preMasterSecret === undefined) {
      return fatalFault('illegalParameter', "The client's key is no point of its group.");
    }
    this.#context.transcript.append(message.bytes);
    const secrets = this.#context.deriveSecrets(negotiated, preMasterSecret);
    // The client's Finished may be here already, and waits for its key.
    this.#context.installKeys(secrets);
    const outcome = {
      secrets,
      group: ephemeral.group,
      srtpProtectionProfile: negotiated.srtpProtectionProfile,
      remoteRecordSizeLimit: negotiated.remoteRecordSizeLimit,
      remoteCertificates: chain,
    };
    this.#step = { name: 'certificate-verify', secrets, publicKeyInfo, outcome };
    return undefined;
  }

  #onCertificateVerify(
    step: Extract<ServerStep, { name: 'certificate-verify' }>,
    message: HandshakeMessage,
  ): HandshakeFault | undefined {
    const { settings, transcript } = this.#context;
    const verify = decodeCertificateVerify(message.body);
    if (verify === undefined) return malformedMessage(message.type);
    const { publicKeyInfo, secrets, outcome } = step;
    const algorithm = signatureSchemeById(verify.scheme)?.algorithm;
    if (algorithm === undefined) {
      return fatalFault('illegalParameter', 'The client signed in a way that was not asked for.');
    }
    const signed = transcript.bytes();
    if (!settings.crypto.verify(algorithm, publicKeyInfo, signed, verify.signature)) {
      return fatalFault('decryptError', "The client's signature over the handshake is wrong.");
    }
    transcript.append(message.bytes);
    this.#step = { name: 'finished', secrets, outcome };
    return undefined;
  }

  #onFinished(
    step: Extract<ServerStep, { name: 'finished' }>,
    message: HandshakeMessage,
    now: number,
  ): HandshakeFault | undefined {
    const context = this.#context;
    const fault = context.checkFinished(step.secrets, message.body);
    if (fault !== undefined) return fault;
    context.transcript.append(message.bytes);
    context.flight.begin();
    context.addFinished(step.secrets);
    // No timer: a client that does not hear us repeats its own flight, and we this one.
    context.flight.send(now, false);
    this.#step = { name: 'done', outcome: step.outcome };
    return undefined;
  }
}

function checkVersion(hello: ClientHello): HandshakeFault | undefined {
  const versions = findExtension(hello.extensions, ExtensionType.supportedVersions);
  const isOffered =
    versions === undefined
      ? // Newer versions have smaller numbers.
        hello.version >> 8 === 0xfe && hello.version <= ProtocolVersion.dtls12
      : decodeSupportedVersions(versions)?.includes(ProtocolVersion.dtls12) === true;
  return isOffered
    ? undefined
    : fatalFault('protocolVersion', 'The client does not speak DTLS 1.2.');
}
