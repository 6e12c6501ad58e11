// What client and server share during a handshake: transcript, flight, and the way from secrets to keys.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.2.4

import type { KeyAgreement, KeyAgreementGroup } from '@kaon/crypto';
import { equalBytes, formatHex } from '@kaon/wire';
import type { CipherSuite } from './cipher-suite.ts';
import { matchesFingerprint } from './fingerprint.ts';
import type { Flight } from './flight.ts';
import { fatalFault, type HandshakeFault } from './handshake/handshake-fault.ts';
import {
  encodeHandshakeMessage,
  type HandshakeFragment,
  type HandshakeMessage,
  HandshakeType,
  handshakeTypeName,
} from './handshake/handshake-message.ts';
import { Transcript } from './handshake/transcript.ts';
import {
  deriveProtection,
  extendedMasterSecret,
  plainMasterSecret,
  type SessionSecrets,
  verifyData,
} from './key-schedule.ts';
import { ProtocolVersion } from './protocol-version.ts';
import { RecordReceiver } from './record/record-receiver.ts';
import type { RecordSender } from './record/record-sender.ts';
import type { DtlsSettings } from './settings.ts';

/** No client has sent that many records before its ClientHello was heard. */
const MAX_ADOPTED_NUMBER = 2 ** 32;

/** What the hello messages settled. */
export interface Negotiated {
  readonly suite: CipherSuite;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  readonly extendedMasterSecret: boolean;
  /** The number of the profile; undefined if none was agreed on. */
  readonly srtpProtectionProfile: number | undefined;
  /** The largest plaintext of a record that the peer says it takes; undefined if it says nothing. */
  readonly remoteRecordSizeLimit: number | undefined;
}

/** The outcome of a handshake. */
export interface HandshakeResult {
  readonly secrets: SessionSecrets;
  readonly group: string;
  readonly srtpProtectionProfile: number | undefined;
  readonly remoteRecordSizeLimit: number | undefined;
  /** DER, the peer's own certificate first; empty if it showed none. */
  readonly remoteCertificates: readonly Uint8Array[];
}

/** One side's steps through the handshake. */
export interface HandshakeRole {
  /** Makes ahead what does not depend on the peer. */
  prepare(): void;
  /** Begins: a client speaks, a server waits. */
  start(now: number): void;
  /**
   * Takes the next message. Nothing has changed if there is a fault.
   *
   * @returns `accepted`, or `repeatable` if the same message may come again and be taken again.
   */
  handleMessage(message: HandshakeMessage, now: number): 'accepted' | 'repeatable' | HandshakeFault;
  /**
   * Takes a piece of a message with a number that was handled before, in the record with `sequenceNumber`.
   *
   * @returns whether it is not the same message again, and was answered.
   */
  handleRepeated(fragment: HandshakeFragment, sequenceNumber: number, now: number): boolean;
  /** The outcome, once all is done. */
  readonly result: HandshakeResult | undefined;
}

/** The tools of a handshake. */
export class HandshakeContext {
  readonly settings: DtlsSettings;
  readonly flight: Flight;
  readonly transcript: Transcript = new Transcript();
  /** The sequence number of our next message. */
  nextMessageSeq = 0;
  /** Opens what the peer protects; there once the keys are. */
  receiver: RecordReceiver | undefined;
  readonly #sender: RecordSender;
  #preparedKeyAgreement: KeyAgreement | undefined = undefined;
  #masterSecret: Uint8Array | undefined = undefined;

  constructor(settings: DtlsSettings, sender: RecordSender, flight: Flight) {
    this.settings = settings;
    this.flight = flight;
    this.#sender = sender;
  }

  /** The number of the next record in the clear. */
  get nextRecordNumber(): number {
    return this.#sender.nextCleartextNumber;
  }

  /** Fresh random bytes for a hello message. */
  randomBytes(length: number): Uint8Array {
    return this.settings.random.fill(new Uint8Array(length));
  }

  /** Makes the ephemeral key pair ahead, in the group that will most likely be agreed on. */
  prepareKeyAgreement(): void {
    const { crypto, random, groups } = this.settings;
    const [preferred] = groups;
    if (preferred === undefined) return;
    this.#preparedKeyAgreement = crypto.generateKeyAgreement(preferred, random);
  }

  /** An ephemeral key pair in `group`: the prepared one, once, or a fresh one. */
  keyAgreement(group: KeyAgreementGroup): KeyAgreement {
    const { crypto, random } = this.settings;
    const prepared = this.#preparedKeyAgreement;
    this.#preparedKeyAgreement = undefined;
    return prepared?.group === group ? prepared : crypto.generateKeyAgreement(group, random);
  }

  /** Adds a message to the flight and to the transcript; `epoch` 1 once the keys are in use. */
  addMessage(type: number, body: Uint8Array, epoch = 0): void {
    this.transcript.append(this.addUnrecordedMessage(type, body, epoch));
  }

  /** Adds a message to the flight only. */
  addUnrecordedMessage(type: number, body: Uint8Array, epoch = 0): Uint8Array {
    const messageSeq = this.nextMessageSeq++;
    const bytes = encodeHandshakeMessage(type, messageSeq, body);
    this.flight.addMessage(bytes, epoch);
    const { length } = body;
    const message = handshakeTypeName(type);
    this.settings.onTrace?.({ type: 'handshake-sent', message, messageSeq, length });
    return bytes;
  }

  /** Settles the version that our records bear from here on. */
  fixVersion(): void {
    this.#sender.version = ProtocolVersion.dtls12;
  }

  /** RFC 6347 §4.2.1: answers go on with the record numbers of the ClientHello. */
  continueRecordNumbers(sequenceNumber: number): void {
    // A forged number near the end would leave none for us.
    if (sequenceNumber < MAX_ADOPTED_NUMBER) this.#sender.continueFrom(sequenceNumber);
  }

  /**
   * The secrets that follow from the key exchange; the transcript must end with ClientKeyExchange
   * (RFC 7627 §3). The premaster secret is wiped.
   */
  deriveSecrets(negotiated: Negotiated, preMasterSecret: Uint8Array): SessionSecrets {
    const { crypto, onKeyLog } = this.settings;
    const { suite, clientRandom, serverRandom } = negotiated;
    const masterSecret = negotiated.extendedMasterSecret
      ? extendedMasterSecret(
          crypto,
          suite,
          preMasterSecret,
          this.transcript.hash(crypto, suite.hash),
        )
      : plainMasterSecret(crypto, suite, preMasterSecret, clientRandom, serverRandom);
    preMasterSecret.fill(0);
    this.#masterSecret = masterSecret;
    onKeyLog?.(`CLIENT_RANDOM ${formatHex(clientRandom)} ${formatHex(masterSecret)}`);
    return { suite, masterSecret, clientRandom, serverRandom };
  }

  /** Makes the keys of epoch 1 usable in both directions. */
  installKeys(secrets: SessionSecrets): void {
    const { crypto, role } = this.settings;
    const { sealer, opener } = deriveProtection(crypto, secrets, role);
    this.#sender.addEpoch(sealer);
    this.receiver = new RecordReceiver(1, opener);
  }

  /** Wipes what there is of keys, of a handshake that comes to nothing. */
  destroy(): void {
    this.#masterSecret?.fill(0);
    this.receiver?.destroy();
  }

  /** Adds ChangeCipherSpec and our Finished. */
  addFinished(secrets: SessionSecrets): void {
    const { crypto, role } = this.settings;
    const hash = this.transcript.hash(crypto, secrets.suite.hash);
    this.flight.addChangeCipherSpec();
    this.addMessage(HandshakeType.finished, verifyData(crypto, secrets, role, hash), 1);
  }

  /** Whether the peer's Finished shows the same transcript as ours. */
  checkFinished(secrets: SessionSecrets, body: Uint8Array): HandshakeFault | undefined {
    const { crypto, role } = this.settings;
    const hash = this.transcript.hash(crypto, secrets.suite.hash);
    const peer = role === 'client' ? 'server' : 'client';
    if (equalBytes(verifyData(crypto, secrets, peer, hash), body)) return undefined;
    // RFC 5246 §7.2.2 decrypt_error
    return fatalFault('decryptError', `The Finished message of the ${peer} is wrong.`);
  }

  /** Whether the peer's own certificate is the one that was signalled (RFC 8122 §5, RFC 8827 §6.5). */
  checkFingerprint(certificate: Uint8Array): HandshakeFault | undefined {
    const { crypto, expectedFingerprints } = this.settings;
    if (matchesFingerprint(crypto, certificate, expectedFingerprints)) return undefined;
    return fatalFault(
      'badCertificate',
      "The peer's certificate has none of the expected fingerprints.",
      'DTLS_FINGERPRINT_MISMATCH',
    );
  }
}
