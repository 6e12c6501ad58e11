// The client's steps through the handshake. https://www.rfc-editor.org/rfc/rfc6347#section-4.2.4
//
//   client                                            server
//   1 ClientHello                  →
//                                  ←  2 HelloVerifyRequest (optional)
//   3 ClientHello with cookie      →
//                                  ←  4 ServerHello, Certificate, ServerKeyExchange,
//                                       CertificateRequest, ServerHelloDone
//   5 Certificate, ClientKeyExchange,
//     CertificateVerify, [ChangeCipherSpec], Finished  →
//                                  ←  6 [ChangeCipherSpec], Finished

import { type KeyAgreementGroup, readSubjectPublicKeyInfo } from '@kaon/crypto';
import { concatBytes, equalBytes } from '@kaon/wire';
import { EMPTY_RENEGOTIATION_INFO_SCSV } from './cipher-suite.ts';
import { decodeEcPointFormats, encodeEcPointFormats } from './extensions/ec-point-formats.ts';
import { type Extension, ExtensionType, findExtension } from './extensions/extension.ts';
import { decodeRecordSizeLimit, encodeRecordSizeLimit } from './extensions/record-size-limit.ts';
import { decodeRenegotiationInfo } from './extensions/renegotiation-info.ts';
import { encodeSignatureAlgorithms } from './extensions/signature-algorithms.ts';
import { encodeSupportedGroups } from './extensions/supported-groups.ts';
import { decodeUseSrtp, encodeUseSrtp } from './extensions/use-srtp.ts';
import { decodeCertificateChain, encodeCertificateChain } from './handshake/certificate-chain.ts';
import { decodeCertificateRequest } from './handshake/certificate-request.ts';
import { encodeCertificateVerify } from './handshake/certificate-verify.ts';
import { type ClientHello, encodeClientHello } from './handshake/client-hello.ts';
import { encodeClientKeyExchange } from './handshake/client-key-exchange.ts';
import {
  fatalFault,
  type HandshakeFault,
  malformedMessage,
  unexpectedMessage,
} from './handshake/handshake-fault.ts';
import {
  type HandshakeFragment,
  type HandshakeMessage,
  HandshakeType,
} from './handshake/handshake-message.ts';
import { decodeHelloVerifyRequest } from './handshake/hello-verify-request.ts';
import { decodeServerHello, type ServerHello } from './handshake/server-hello.ts';
import { decodeServerKeyExchange, encodeEcdhParams } from './handshake/server-key-exchange.ts';
import type {
  HandshakeContext,
  HandshakeResult,
  HandshakeRole,
  Negotiated,
} from './handshake-context.ts';
import type { SessionSecrets } from './key-schedule.ts';
import { namedGroupById, namedGroupId } from './named-group.ts';
import { ProtocolVersion } from './protocol-version.ts';
import { MAX_PLAINTEXT_LENGTH } from './record/record.ts';
import {
  chooseSignatureScheme,
  SIGNATURE_SCHEMES,
  type SignatureScheme,
  signatureSchemeById,
} from './signature-scheme.ts';

const EMPTY = new Uint8Array(0);

/** A server that forgets its secret at the wrong moment asks twice; who asks more often is none. */
const MAX_COOKIES = 4;

interface ServerKey {
  readonly group: KeyAgreementGroup;
  readonly publicKey: Uint8Array;
}

/** Where the client is: the message that comes next, and what is known by then. */
type ClientStep =
  | { readonly name: 'start' }
  | {
      readonly name: 'server-hello';
      readonly hello: ClientHello;
      /** Cookies that the server has given. */
      readonly cookies: number;
      /** The number of the first record with this hello. */
      readonly firstRecord: number;
    }
  | { readonly name: 'certificate'; readonly negotiated: Negotiated }
  | {
      readonly name: 'server-key-exchange';
      readonly negotiated: Negotiated;
      readonly chain: readonly Uint8Array[];
      readonly publicKeyInfo: Uint8Array;
    }
  | {
      readonly name: 'certificate-request';
      readonly negotiated: Negotiated;
      readonly chain: readonly Uint8Array[];
      readonly serverKey: ServerKey;
    }
  | {
      readonly name: 'server-hello-done';
      readonly negotiated: Negotiated;
      readonly chain: readonly Uint8Array[];
      readonly serverKey: ServerKey;
      /** What to sign with, if the server wants to see our certificate. */
      readonly scheme: SignatureScheme | undefined;
    }
  | {
      readonly name: 'finished';
      readonly secrets: SessionSecrets;
      readonly outcome: HandshakeResult;
    }
  | { readonly name: 'done'; readonly outcome: HandshakeResult };

/** The client's half of a handshake. */
export class ClientHandshake implements HandshakeRole {
  readonly #context: HandshakeContext;
  #step: ClientStep = { name: 'start' };
  #preparedHello: ClientHello | undefined = undefined;

  constructor(context: HandshakeContext) {
    this.#context = context;
  }

  get result(): HandshakeResult | undefined {
    return this.#step.name === 'done' ? this.#step.outcome : undefined;
  }

  prepare(): void {
    this.#preparedHello = this.#createClientHello();
  }

  start(now: number): void {
    this.#sendClientHello(this.#preparedHello ?? this.#createClientHello(), 0, now);
  }

  /**
   * A HelloVerifyRequest may come again and be another one: the server does not take the cookie it gave, or it
   * was not the server that gave it. As it keeps nothing, it counts its message as the first one again.
   */
  handleRepeated(fragment: HandshakeFragment, sequenceNumber: number, now: number): boolean {
    const step = this.#step;
    if (fragment.type !== HandshakeType.helloVerifyRequest) return false;
    if (step.name !== 'server-hello' || step.cookies >= MAX_COOKIES) return false;
    // RFC 6347 §4.2.1: it bears the record number of the hello that it answers, the one with a cookie.
    if (sequenceNumber < step.firstRecord) return false;
    if (fragment.fragment.length !== fragment.length) return false;
    const request = decodeHelloVerifyRequest(fragment.fragment);
    if (request === undefined || equalBytes(request.cookie, step.hello.cookie)) return false;
    // A copy, because the datagram is the caller's again.
    const hello = { ...step.hello, cookie: new Uint8Array(request.cookie) };
    this.#context.nextMessageSeq--; // It takes the place of the one with the other cookie.
    this.#sendClientHello(hello, step.cookies + 1, now);
    return true;
  }

  handleMessage(message: HandshakeMessage, now: number): 'accepted' | HandshakeFault {
    const fault = this.#classify(message, now);
    return fault ?? 'accepted';
  }

  /** Each step appends the message to the transcript itself, after what it checks against it. */
  #classify(message: HandshakeMessage, now: number): HandshakeFault | undefined {
    const { type } = message;
    const step = this.#step;
    switch (step.name) {
      case 'server-hello':
        if (type === HandshakeType.helloVerifyRequest && step.cookies < MAX_COOKIES) {
          return this.#onHelloVerifyRequest(step, message, now);
        }
        if (type !== HandshakeType.serverHello) return unexpectedMessage(type, 'ServerHello');
        return this.#onServerHello(step.hello, message);
      case 'certificate':
        if (type !== HandshakeType.certificate) return unexpectedMessage(type, 'Certificate');
        return this.#onCertificate(step.negotiated, message);
      case 'server-key-exchange':
        if (type !== HandshakeType.serverKeyExchange) {
          return unexpectedMessage(type, 'ServerKeyExchange');
        }
        return this.#onServerKeyExchange(step, message);
      case 'certificate-request':
        if (type === HandshakeType.serverHelloDone) {
          return this.#onServerHelloDone({ ...step, scheme: undefined }, message, now);
        }
        if (type !== HandshakeType.certificateRequest) {
          return unexpectedMessage(type, 'CertificateRequest or ServerHelloDone');
        }
        return this.#onCertificateRequest(step, message);
      case 'server-hello-done':
        if (type !== HandshakeType.serverHelloDone) {
          return unexpectedMessage(type, 'ServerHelloDone');
        }
        return this.#onServerHelloDone(step, message, now);
      case 'finished':
        if (type !== HandshakeType.finished) return unexpectedMessage(type, 'Finished');
        return this.#onFinished(step, message);
      case 'start':
      case 'done':
        return unexpectedMessage(type, 'nothing');
    }
  }

  #createClientHello(): ClientHello {
    const { settings } = this.#context;
    const extensions: Extension[] = [
      { type: ExtensionType.extendedMasterSecret, data: EMPTY },
      {
        type: ExtensionType.supportedGroups,
        data: encodeSupportedGroups(settings.groups.map(namedGroupId)),
      },
      { type: ExtensionType.ecPointFormats, data: encodeEcPointFormats() },
      {
        type: ExtensionType.signatureAlgorithms,
        data: encodeSignatureAlgorithms(SIGNATURE_SCHEMES.map(({ id }) => id)),
      },
    ];
    // RFC 8449 §4: without it a peer would have to guess how large the records may be that we take.
    extensions.push({
      type: ExtensionType.recordSizeLimit,
      data: encodeRecordSizeLimit(MAX_PLAINTEXT_LENGTH),
    });
    if (settings.srtpProtectionProfiles.length > 0) {
      const useSrtp = { profiles: settings.srtpProtectionProfiles, mki: EMPTY };
      extensions.push({ type: ExtensionType.useSrtp, data: encodeUseSrtp(useSrtp) });
    }
    return {
      version: ProtocolVersion.dtls12,
      random: this.#context.randomBytes(32),
      sessionId: EMPTY,
      cookie: EMPTY,
      // RFC 5746 §3.4: the SCSV says the same as an empty renegotiation_info, and is shorter.
      cipherSuites: [...settings.cipherSuites.map(({ id }) => id), EMPTY_RENEGOTIATION_INFO_SCSV],
      compressionMethods: Uint8Array.of(0),
      extensions,
    };
  }

  #sendClientHello(hello: ClientHello, cookies: number, now: number): void {
    const context = this.#context;
    const firstRecord = context.nextRecordNumber;
    context.transcript.clear();
    context.flight.begin();
    context.addMessage(HandshakeType.clientHello, encodeClientHello(hello));
    context.flight.send(now, true);
    this.#step = { name: 'server-hello', hello, cookies, firstRecord };
  }

  // RFC 6347 §4.2.1: the same hello with the cookie.
  #onHelloVerifyRequest(
    { hello, cookies }: Extract<ClientStep, { name: 'server-hello' }>,
    message: HandshakeMessage,
    now: number,
  ): HandshakeFault | undefined {
    const request = decodeHelloVerifyRequest(message.body);
    if (request === undefined) return malformedMessage(message.type);
    this.#sendClientHello({ ...hello, cookie: request.cookie }, cookies + 1, now);
    return undefined;
  }

  #onServerHello(hello: ClientHello, message: HandshakeMessage): HandshakeFault | undefined {
    const { settings, transcript } = this.#context;
    const serverHello = decodeServerHello(message.body);
    if (serverHello === undefined) return malformedMessage(message.type);
    if (serverHello.version !== ProtocolVersion.dtls12) {
      return fatalFault('protocolVersion', 'The server does not speak DTLS 1.2.');
    }
    const suite = settings.cipherSuites.find(({ id }) => id === serverHello.cipherSuite);
    if (suite === undefined || serverHello.compressionMethod !== 0) {
      return fatalFault('illegalParameter', 'The server chose what was not offered.');
    }
    const extensions = this.#readExtensions(hello, serverHello);
    if ('alert' in extensions) return extensions;
    transcript.append(message.bytes);
    this.#context.fixVersion();
    const { random: clientRandom } = hello;
    const serverRandom = serverHello.random;
    this.#step = {
      name: 'certificate',
      negotiated: { suite, clientRandom, serverRandom, ...extensions },
    };
    return undefined;
  }

  #readExtensions(
    hello: ClientHello,
    { extensions }: ServerHello,
  ):
    | Pick<Negotiated, 'extendedMasterSecret' | 'srtpProtectionProfile' | 'remoteRecordSizeLimit'>
    | HandshakeFault {
    const { settings } = this.#context;
    // RFC 5246 §7.4.1.4: only what was offered. The SCSV offers renegotiation_info (RFC 5746 §3.4).
    const isUnsolicited = ({ type }: Extension): boolean =>
      type !== ExtensionType.renegotiationInfo &&
      !hello.extensions.some((offered) => offered.type === type);
    if (extensions.some(isUnsolicited)) {
      return fatalFault('unsupportedExtension', 'The server answers an extension never offered.');
    }
    const renegotiation = findExtension(extensions, ExtensionType.renegotiationInfo);
    if (renegotiation !== undefined && decodeRenegotiationInfo(renegotiation)?.length !== 0) {
      return fatalFault('handshakeFailure', 'The first handshake claims to renew another.');
    }
    const pointFormats = findExtension(extensions, ExtensionType.ecPointFormats);
    if (pointFormats !== undefined && decodeEcPointFormats(pointFormats)?.uncompressed !== true) {
      return fatalFault('illegalParameter', 'The server does not take uncompressed points.');
    }
    const masterSecret = findExtension(extensions, ExtensionType.extendedMasterSecret);
    if (masterSecret === undefined && settings.requireExtendedMasterSecret) {
      return fatalFault('handshakeFailure', 'The server lacks the extended master secret.');
    }
    // RFC 7627 §5.1
    if (masterSecret !== undefined && masterSecret.length > 0) {
      return fatalFault('decodeError', "The server's extended_master_secret is not empty.");
    }
    const useSrtp = findExtension(extensions, ExtensionType.useSrtp);
    const chosen = useSrtp === undefined ? undefined : decodeUseSrtp(useSrtp);
    const profile = chosen?.profiles[0];
    // RFC 5764 §4.1.1: one of those offered, and our own (empty) MKI.
    if (useSrtp !== undefined) {
      const isOffered = profile !== undefined && settings.srtpProtectionProfiles.includes(profile);
      if (!isOffered || chosen?.profiles.length !== 1 || chosen.mki.length !== 0) {
        return fatalFault('illegalParameter', 'The server chose no SRTP profile of ours.');
      }
    }
    const sizeLimit = findExtension(extensions, ExtensionType.recordSizeLimit);
    const remoteRecordSizeLimit =
      sizeLimit === undefined ? undefined : decodeRecordSizeLimit(sizeLimit);
    // RFC 8449 §4: less than 64 is an illegal_parameter, and so is more than DTLS 1.2 allows.
    if (sizeLimit !== undefined && !((remoteRecordSizeLimit ?? Infinity) <= MAX_PLAINTEXT_LENGTH)) {
      return fatalFault('illegalParameter', "The server's record_size_limit is impossible.");
    }
    return {
      extendedMasterSecret: masterSecret !== undefined,
      srtpProtectionProfile: profile,
      remoteRecordSizeLimit,
    };
  }

  #onCertificate(negotiated: Negotiated, message: HandshakeMessage): HandshakeFault | undefined {
    const chain = decodeCertificateChain(message.body);
    const own = chain?.[0];
    if (chain === undefined || own === undefined) return malformedMessage(message.type);
    const fault = this.#context.checkFingerprint(own);
    if (fault !== undefined) return fault;
    const publicKeyInfo = readSubjectPublicKeyInfo(own);
    if (publicKeyInfo === undefined) {
      return fatalFault('badCertificate', "The server's certificate cannot be read.");
    }
    this.#context.transcript.append(message.bytes);
    this.#step = { name: 'server-key-exchange', negotiated, chain, publicKeyInfo };
    return undefined;
  }

  #onServerKeyExchange(
    step: Extract<ClientStep, { name: 'server-key-exchange' }>,
    message: HandshakeMessage,
  ): HandshakeFault | undefined {
    const { settings, transcript } = this.#context;
    const { negotiated, chain, publicKeyInfo } = step;
    const exchange = decodeServerKeyExchange(message.body);
    if (exchange === undefined) return malformedMessage(message.type);
    const { publicKey } = exchange;
    const group = namedGroupById(exchange.group);
    if (group === undefined || !settings.groups.includes(group)) {
      return fatalFault('illegalParameter', 'The server chose a group that was not offered.');
    }
    const scheme = signatureSchemeById(exchange.scheme);
    const isRsa = negotiated.suite.authentication === 'rsa';
    if (scheme === undefined || (scheme.keyType === 'rsa') !== isRsa) {
      return fatalFault('illegalParameter', 'The server signed in a way that was not offered.');
    }
    const signed = concatBytes(
      negotiated.clientRandom,
      negotiated.serverRandom,
      encodeEcdhParams(exchange.group, publicKey),
    );
    if (!settings.crypto.verify(scheme.algorithm, publicKeyInfo, signed, exchange.signature)) {
      return fatalFault('decryptError', "The server's signature over its key is wrong.");
    }
    transcript.append(message.bytes);
    const serverKey = { group, publicKey };
    this.#step = { name: 'certificate-request', negotiated, chain, serverKey };
    return undefined;
  }

  #onCertificateRequest(
    step: Extract<ClientStep, { name: 'certificate-request' }>,
    message: HandshakeMessage,
  ): HandshakeFault | undefined {
    const { settings, transcript } = this.#context;
    const request = decodeCertificateRequest(message.body);
    if (request === undefined) return malformedMessage(message.type);
    const scheme = chooseSignatureScheme(settings.certificate.key, request.schemes);
    if (scheme === undefined) {
      return fatalFault('handshakeFailure', 'The server cannot verify signatures of our key.');
    }
    transcript.append(message.bytes);
    this.#step = { ...step, name: 'server-hello-done', scheme };
    return undefined;
  }

  #onServerHelloDone(
    step: Pick<
      Extract<ClientStep, { name: 'server-hello-done' }>,
      'negotiated' | 'chain' | 'serverKey' | 'scheme'
    >,
    message: HandshakeMessage,
    now: number,
  ): HandshakeFault | undefined {
    const context = this.#context;
    const { certificate } = context.settings;
    const { negotiated, serverKey, scheme } = step;
    if (message.body.length !== 0) return malformedMessage(message.type);
    const ephemeral = context.keyAgreement(serverKey.group);
    const preMasterSecret = ephemeral.computeSecret(serverKey.publicKey);
    if (preMasterSecret === undefined) {
      return fatalFault('illegalParameter', "The server's key is no point of its group.");
    }
    const { transcript, flight } = context;
    transcript.append(message.bytes);
    flight.begin();
    if (scheme !== undefined) {
      context.addMessage(HandshakeType.certificate, encodeCertificateChain(certificate.chain));
    }
    const clientKeyExchange = encodeClientKeyExchange(ephemeral.publicKey);
    context.addMessage(HandshakeType.clientKeyExchange, clientKeyExchange);
    const secrets = context.deriveSecrets(negotiated, preMasterSecret);
    if (scheme !== undefined) {
      const signature = certificate.key.sign(scheme.algorithm, transcript.bytes());
      const verify = encodeCertificateVerify({ scheme: scheme.id, signature });
      context.addMessage(HandshakeType.certificateVerify, verify);
    }
    context.installKeys(secrets);
    context.addFinished(secrets);
    flight.send(now, true);
    const outcome = {
      secrets,
      group: serverKey.group,
      srtpProtectionProfile: negotiated.srtpProtectionProfile,
      remoteRecordSizeLimit: negotiated.remoteRecordSizeLimit,
      remoteCertificates: step.chain,
    };
    this.#step = { name: 'finished', secrets, outcome };
    return undefined;
  }

  #onFinished(
    step: Extract<ClientStep, { name: 'finished' }>,
    message: HandshakeMessage,
  ): HandshakeFault | undefined {
    const fault = this.#context.checkFinished(step.secrets, message.body);
    if (fault !== undefined) return fault;
    this.#context.flight.end();
    this.#step = { name: 'done', outcome: step.outcome };
    return undefined;
  }
}
