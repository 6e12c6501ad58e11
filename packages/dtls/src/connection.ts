// One DTLS connection: the machine around the handshake and the record layer.
// https://www.rfc-editor.org/rfc/rfc6347
//
// What comes before the keys is not authenticated, and anyone who can send us a datagram can forge it. So
// until then a malformed message, one out of turn or a fatal alert does not end the handshake: it is put
// down as a suspicion, which the next good message of the peer clears. If none comes, the suspicion was
// right, and the connection fails with it.

import { Queue } from '@kaon/wire';
import { AlertDescription, AlertLevel, alertName, decodeAlert, encodeAlert } from './alert.ts';
import type { CipherSuiteName } from './cipher-suite.ts';
import { ClientHandshake } from './client.ts';
import { DtlsError, type DtlsErrorCode } from './errors.ts';
import { Flight } from './flight.ts';
import {
  decodeHandshakeFragment,
  HANDSHAKE_HEADER_LENGTH,
  type HandshakeFragment,
  HandshakeType,
  handshakeTypeName,
} from './handshake/handshake-message.ts';
import { Reassembler } from './handshake/reassembler.ts';
import { HandshakeContext, type HandshakeResult, type HandshakeRole } from './handshake-context.ts';
import { exportKeyingMaterial, type SessionSecrets } from './key-schedule.ts';
import {
  ContentType,
  decodeRecordHeader,
  MAX_PLAINTEXT_LENGTH,
  RECORD_HEADER_LENGTH,
  type RecordHeader,
} from './record/record.ts';
import type { RecordReceiver } from './record/record-receiver.ts';
import { RecordSender } from './record/record-sender.ts';
import { ServerHandshake } from './server.ts';
import { type DtlsOptions, type DtlsSettings, resolveSettings } from './settings.ts';
import {
  createCounters,
  type DtlsCounters,
  type DtlsDropReason,
  type MutableDtlsCounters,
} from './trace.ts';

/** What a connection agreed on. */
export interface DtlsConnectionInfo {
  readonly version: 'DTLS 1.2';
  readonly cipherSuite: CipherSuiteName;
  /** The group of the key exchange: `x25519`, `secp256r1` or `secp384r1`. */
  readonly group: string;
  /** The number of the SRTP protection profile; undefined if none was agreed on. */
  readonly srtpProtectionProfile: number | undefined;
  /** The peer's certificates in DER, its own first. */
  readonly remoteCertificates: readonly Uint8Array[];
}

/** Where a connection is. */
export type DtlsState = 'new' | 'connecting' | 'connected' | 'closed' | 'failed';

/** What a connection tells the layer above. */
export type DtlsEvent =
  | { readonly type: 'connected'; readonly info: DtlsConnectionInfo }
  /** The content of one record, the receiver's to keep. */
  | { readonly type: 'data'; readonly data: Uint8Array }
  /** Either side said close_notify; the last event. */
  | { readonly type: 'closed' }
  /** The last event. */
  | { readonly type: 'failed'; readonly error: DtlsError };

/** How long a suspicion stands before it is believed. */
const SUSPICION_MS = 2000;
/** Protected records that came before the keys, and data that came before the handshake was done. */
const MAX_EARLY_RECORDS = 32;
const MAX_EARLY_BYTES = 32768;

interface Suspicion {
  readonly code: DtlsErrorCode;
  readonly reason: string;
  /** The alert that answers a faulty message. */
  readonly answer: number | undefined;
  /** The alert that came. */
  readonly receivedAlert: number | undefined;
  readonly deadline: number;
}

type State =
  | { readonly name: 'new' }
  | {
      readonly name: 'connecting';
      readonly context: HandshakeContext;
      readonly role: HandshakeRole;
      readonly reassembler: Reassembler;
      /** When the handshake has taken too long; a server's runs from the first ClientHello on. */
      deadline: number;
      /** Copies of protected records that came before their keys. */
      early: { readonly header: RecordHeader; readonly record: Uint8Array }[];
      /** Genuine application data that came before Finished. */
      earlyData: Uint8Array[];
      earlyBytes: number;
      suspicion: Suspicion | undefined;
    }
  | {
      readonly name: 'connected';
      readonly info: DtlsConnectionInfo;
      readonly secrets: SessionSecrets;
      readonly receiver: RecordReceiver;
      /** The server's last flight, until data shows that the client has it. */
      lastFlight: Flight | undefined;
    }
  | { readonly name: 'closed' }
  | { readonly name: 'failed' };

type ConnectingState = Extract<State, { name: 'connecting' }>;
type ConnectedState = Extract<State, { name: 'connected' }>;

/**
 * A DTLS 1.2 client or server, over any path that carries datagrams.
 *
 * It has no socket and no clock: hand it what arrives with {@link handleDatagram} and call
 * {@link handleTimeout} at {@link nextTimeout}; after each call send what {@link pollDatagram} gives and
 * take what {@link pollEvent} tells. `now` is monotonic milliseconds.
 *
 * @example
 * const client = new DtlsConnection({ role: 'client', certificate, crypto, random, remoteFingerprints });
 * client.start(now);
 * for (let datagram = client.pollDatagram(); datagram; datagram = client.pollDatagram()) send(datagram);
 */
export class DtlsConnection {
  readonly #settings: DtlsSettings;
  readonly #sender: RecordSender;
  readonly #events: Queue<DtlsEvent> = new Queue<DtlsEvent>();
  readonly #counters: MutableDtlsCounters = createCounters();
  #state: State = { name: 'new' };

  /** @throws DtlsError with code `DTLS_INVALID_OPTION`. */
  constructor(options: DtlsOptions) {
    this.#settings = resolveSettings(options);
    this.#sender = new RecordSender(this.#settings.mtu);
  }

  get state(): DtlsState {
    return this.#state.name;
  }

  /** What was agreed on; undefined before and after the connection. */
  get info(): DtlsConnectionInfo | undefined {
    return this.#state.name === 'connected' ? this.#state.info : undefined;
  }

  /** What came, went and was dropped. */
  get counters(): DtlsCounters {
    this.#counters.recordsSent = this.#sender.recordsSent;
    return this.#counters;
  }

  /** Bytes that a record is longer than its data. */
  get overhead(): number {
    return this.#sender.overhead;
  }

  /** When {@link handleTimeout} is to be called; Infinity if there is no need. */
  get nextTimeout(): number {
    const state = this.#state;
    if (state.name !== 'connecting') return Number.POSITIVE_INFINITY;
    const suspicion = state.suspicion?.deadline ?? Number.POSITIVE_INFINITY;
    return Math.min(state.deadline, state.context.flight.deadline, suspicion);
  }

  /**
   * Begins: a client sends its ClientHello, a server is ready for one.
   *
   * @throws DtlsError with code `DTLS_INVALID_STATE` if it has begun.
   */
  start(now: number): void {
    if (this.#state.name !== 'new') {
      throw new DtlsError('DTLS_INVALID_STATE', `The connection is ${this.#state.name} already.`);
    }
    const { role, initialRetransmissionMs, maxRetransmissionMs, handshakeTimeoutMs } =
      this.#settings;
    const isClient = role === 'client';
    const flight = new Flight(this.#sender, initialRetransmissionMs, maxRetransmissionMs);
    const context = new HandshakeContext(this.#settings, this.#sender, flight);
    const handshake = isClient ? new ClientHandshake(context) : new ServerHandshake(context);
    this.#enter({
      name: 'connecting',
      context,
      role: handshake,
      reassembler: new Reassembler(isClient),
      deadline: isClient ? now + handshakeTimeoutMs : Number.POSITIVE_INFINITY,
      early: [],
      earlyData: [],
      earlyBytes: 0,
      suspicion: undefined,
    });
    handshake.start(now);
  }

  /** Takes a datagram of the peer; what is of no use in it is dropped and counted. */
  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#counters.datagramsReceived++;
    let start = 0;
    while (start < datagram.length) {
      const { name } = this.#state;
      if (name !== 'connecting' && name !== 'connected') {
        this.#drop('not-connected');
        return;
      }
      const header = decodeRecordHeader(datagram, start);
      if (header === undefined) {
        this.#drop('malformed-record');
        return;
      }
      this.#handleRecord(header, datagram, start, now);
      start += RECORD_HEADER_LENGTH + header.length;
    }
  }

  /** Does what is due at `now`. */
  handleTimeout(now: number): void {
    const state = this.#state;
    if (state.name !== 'connecting') return;
    const { suspicion } = state;
    if (suspicion !== undefined && now >= suspicion.deadline) {
      const { code, reason, answer, receivedAlert } = suspicion;
      this.#fail(code, reason, answer, receivedAlert);
    } else if (now >= state.deadline) {
      const seconds = this.#settings.handshakeTimeoutMs / 1000;
      this.#fail('DTLS_HANDSHAKE_TIMEOUT', `The handshake was not done within ${seconds} s.`);
    } else if (state.context.flight.handleTimeout(now)) {
      this.#noteRetransmission('timeout');
    }
  }

  /** The next datagram to send; undefined if there is none. It is the caller's. */
  pollDatagram(): Uint8Array | undefined {
    const datagram = this.#sender.datagrams.shift();
    if (datagram !== undefined) this.#counters.datagramsSent++;
    return datagram;
  }

  /** What happened next; undefined if nothing else did. */
  pollEvent(): DtlsEvent | undefined {
    return this.#events.shift();
  }

  /**
   * Sends `data` in one record and one datagram of {@link overhead} more bytes. It is copied.
   *
   * @throws DtlsError with code `DTLS_INVALID_STATE` if not connected, or `DTLS_DATA_TOO_LARGE` above
   * 16384 bytes.
   */
  send(data: Uint8Array, _now: number): void {
    if (this.#state.name !== 'connected') {
      const message = `Data can be sent while connected; the connection is ${this.#state.name}.`;
      throw new DtlsError('DTLS_INVALID_STATE', message);
    }
    if (data.length > MAX_PLAINTEXT_LENGTH) {
      const message = `A record carries ${MAX_PLAINTEXT_LENGTH} bytes; data has ${data.length}.`;
      throw new DtlsError('DTLS_DATA_TOO_LARGE', message);
    }
    if (!this.#sender.send(ContentType.applicationData, data)) {
      this.#fail('DTLS_SEQUENCE_EXHAUSTED', 'All sequence numbers of the epoch have been used.');
    }
  }

  /** Ends the connection and tells the peer (RFC 5246 §7.2.1). Nothing happens if it has ended. */
  close(_now: number): void {
    const { name } = this.#state;
    if (name === 'closed' || name === 'failed') return;
    if (name !== 'new') this.#sendAlert(AlertLevel.warning, AlertDescription.closeNotify);
    this.#end({ name: 'closed' });
    this.#events.push({ type: 'closed' });
  }

  /**
   * Keying material for another protocol, such as `EXTRACTOR-dtls_srtp` (RFC 5705 §4, RFC 5764 §4.2).
   *
   * @param context optional bytes to bind it to; none and empty are two things.
   * @throws DtlsError with code `DTLS_INVALID_STATE` if not connected.
   */
  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array {
    const state = this.#state;
    if (state.name !== 'connected') {
      const message = `Keys can be exported while connected; the connection is ${state.name}.`;
      throw new DtlsError('DTLS_INVALID_STATE', message);
    }
    return exportKeyingMaterial(this.#settings.crypto, state.secrets, label, length, context);
  }

  #handleRecord(header: RecordHeader, datagram: Uint8Array, start: number, now: number): void {
    const state = this.#state;
    this.#counters.recordsReceived++;
    const { type, version, epoch, sequenceNumber, length } = header;
    const { onTrace } = this.#settings;
    onTrace?.({ type: 'record-received', contentType: type, epoch, sequenceNumber, length });
    // RFC 6347 §4.1.2.7: what is invalid is dropped in silence. Of the version only the protocol counts
    // here, as first hellos bear any; a protected record's is authenticated.
    const isKnown = type >= ContentType.changeCipherSpec && type <= ContentType.applicationData;
    if (version >> 8 !== 0xfe || !isKnown || epoch > 1) {
      this.#drop('unexpected-record');
    } else if (epoch === 0) {
      const content = start + RECORD_HEADER_LENGTH;
      this.#handleCleartext(header, datagram.subarray(content, content + length), now);
    } else if (state.name === 'connected') {
      this.#handleProtected(state.receiver, header, datagram, start, now);
    } else if (state.name === 'connecting') {
      const { receiver } = state.context;
      if (receiver !== undefined) this.#handleProtected(receiver, header, datagram, start, now);
      else this.#keepEarlyRecord(state, header, datagram, start);
    }
  }

  #handleCleartext(header: RecordHeader, content: Uint8Array, now: number): void {
    const state = this.#state;
    if (header.type === ContentType.applicationData) {
      this.#drop('cleartext-data');
    } else if (state.name !== 'connecting') {
      // Anyone can send it, so nothing follows from it. RFC 6347 §4.2.8 would let a ClientHello begin a
      // new association here; with ICE a new one comes on a new transport.
      const isAlert = header.type === ContentType.alert;
      this.#drop(isAlert ? 'unauthenticated-alert' : 'unexpected-record');
    } else if (header.type === ContentType.alert) {
      this.#suspectAlert(state, content, now);
    } else if (header.type === ContentType.handshake) {
      this.#handleFragments(state, header, content, now);
    }
    // Deviation: a ChangeCipherSpec is not waited for (RFC 5246 §7.1). The epoch in each record's header
    // says which keys it needs, the message is not authenticated, and it may be lost or late.
  }

  #handleProtected(
    receiver: RecordReceiver,
    header: RecordHeader,
    datagram: Uint8Array,
    start: number,
    now: number,
  ): void {
    const content = receiver.open(header, datagram, start);
    if (typeof content === 'string') {
      this.#drop(content);
      return;
    }
    const state = this.#state;
    if (header.type === ContentType.applicationData) {
      if (state.name === 'connected') this.#receiveData(state, content);
      else if (state.name === 'connecting') this.#keepEarlyData(state, content);
    } else if (header.type === ContentType.alert) {
      this.#handleAlert(content);
    } else if (header.type === ContentType.handshake) {
      if (state.name === 'connecting') this.#handleFragments(state, header, content, now);
      else if (state.name === 'connected') this.#handleLateHandshake(state, content, now);
    } else {
      this.#drop('unexpected-record');
    }
  }

  #receiveData(state: ConnectedState, data: Uint8Array): void {
    state.lastFlight = undefined;
    // RFC 5246 §6.2.1: empty records are allowed, and carry nothing.
    if (data.length > 0) this.#events.push({ type: 'data', data });
  }

  #keepEarlyData(state: ConnectingState, data: Uint8Array): void {
    if (this.#hasEarlyRoom(state, state.earlyData.length, data.length)) state.earlyData.push(data);
  }

  #keepEarlyRecord(
    state: ConnectingState,
    header: RecordHeader,
    datagram: Uint8Array,
    start: number,
  ): void {
    const length = RECORD_HEADER_LENGTH + header.length;
    if (!this.#hasEarlyRoom(state, state.early.length, length)) return;
    // A copy, because the datagram is the caller's again; kept until the keys are there.
    state.early.push({ header, record: datagram.slice(start, start + length) });
  }

  #hasEarlyRoom(state: ConnectingState, records: number, length: number): boolean {
    if (records >= MAX_EARLY_RECORDS || state.earlyBytes + length > MAX_EARLY_BYTES) {
      this.#drop('early-over-limit');
      return false;
    }
    state.earlyBytes += length;
    return true;
  }

  #handleFragments(
    state: ConnectingState,
    header: RecordHeader,
    content: Uint8Array,
    now: number,
  ): void {
    const { reassembler, context } = state;
    let start = 0;
    do {
      const fragment = decodeHandshakeFragment(content, start);
      if (fragment === undefined) {
        this.#drop('malformed-handshake');
        return;
      }
      start += HANDSHAKE_HEADER_LENGTH + fragment.fragment.length;
      if (!this.#belongsToEpoch(fragment, header.epoch)) {
        this.#drop('unexpected-handshake');
        continue;
      }
      const verdict = reassembler.insert(fragment, header.epoch);
      if (verdict === 'over-limit') {
        this.#drop('handshake-over-limit');
      } else if (verdict === 'old') {
        // RFC 6347 §4.2.4: the peer repeats its flight, so it has not heard ours.
        if (context.flight.repeat(now)) this.#noteRetransmission('peer-repeats');
      } else {
        this.#handleMessages(state, header, now);
        if (this.#state !== state) return;
      }
    } while (start < content.length);
  }

  /** Finished is the one message that is protected, and only what is protected counts as Finished. */
  #belongsToEpoch(fragment: HandshakeFragment, epoch: number): boolean {
    return (fragment.type === HandshakeType.finished) === (epoch === 1);
  }

  #handleMessages(state: ConnectingState, header: RecordHeader, now: number): void {
    const { reassembler, role, context } = state;
    for (let message = reassembler.poll(); message; message = reassembler.poll()) {
      const { type, messageSeq } = message;
      const { onTrace, role: ourRole, handshakeTimeoutMs } = this.#settings;
      const { length } = message.body;
      const name = handshakeTypeName(type);
      onTrace?.({ type: 'handshake-received', message: name, messageSeq, length });
      if (ourRole === 'server' && type === HandshakeType.clientHello) {
        context.continueRecordNumbers(header.sequenceNumber);
        state.deadline = Math.min(state.deadline, now + handshakeTimeoutMs);
      }
      const verdict = role.handleMessage(message, now);
      if (verdict === 'repeatable') {
        continue;
      }
      if (verdict !== 'accepted') {
        if (verdict.isFatal || message.epoch > 0) {
          this.#fail(verdict.code, verdict.reason, verdict.alert);
          return;
        }
        const isMalformed = verdict.alert === AlertDescription.decodeError;
        this.#drop(isMalformed ? 'malformed-handshake' : 'unexpected-handshake');
        this.#suspect(state, verdict.code, verdict.reason, now, verdict.alert, undefined);
        continue;
      }
      reassembler.accept(message);
      state.suspicion = undefined;
      const { result } = role;
      if (result !== undefined) {
        this.#connect(state, result);
        return;
      }
      if (context.receiver !== undefined && state.early.length > 0) {
        this.#openEarlyRecords(state, context.receiver, now);
        if (this.#state !== state) return;
      }
    }
  }

  #openEarlyRecords(state: ConnectingState, receiver: RecordReceiver, now: number): void {
    const { early } = state;
    state.early = [];
    state.earlyBytes = 0;
    for (const { header, record } of early) {
      this.#handleProtected(receiver, header, record, 0, now);
      if (this.#state.name !== 'connecting' && this.#state.name !== 'connected') return;
    }
  }

  #connect(state: ConnectingState, result: HandshakeResult): void {
    const { context, earlyData } = state;
    const { secrets, group, srtpProtectionProfile, remoteCertificates } = result;
    const info: DtlsConnectionInfo = {
      version: 'DTLS 1.2',
      cipherSuite: secrets.suite.name,
      group,
      srtpProtectionProfile,
      // Copies, which the user may keep for good, of views into whole handshake messages.
      remoteCertificates: remoteCertificates.map((certificate) => certificate.slice()),
    };
    const connected: ConnectedState = {
      name: 'connected',
      info,
      secrets,
      receiver: context.receiver as RecordReceiver,
      lastFlight: this.#settings.role === 'server' ? context.flight : undefined,
    };
    this.#enter(connected);
    this.#events.push({ type: 'connected', info });
    for (const data of earlyData) this.#receiveData(connected, data);
  }

  /** A handshake message after the handshake; it is authenticated. */
  #handleLateHandshake(state: ConnectedState, content: Uint8Array, now: number): void {
    const type = decodeHandshakeFragment(content, 0)?.type;
    if (type === HandshakeType.finished) {
      // RFC 6347 §4.2.4: the client has not heard our last flight.
      if (state.lastFlight?.repeat(now)) this.#noteRetransmission('peer-repeats');
    } else if (type === HandshakeType.clientHello || type === HandshakeType.helloRequest) {
      // RFC 5246 §7.2.2: we never renegotiate.
      this.#sendAlert(AlertLevel.warning, AlertDescription.noRenegotiation);
    } else {
      this.#drop('unexpected-handshake');
    }
  }

  /** An alert that is authenticated. */
  #handleAlert(content: Uint8Array): void {
    const alert = decodeAlert(content);
    if (alert === undefined) {
      this.#drop('malformed-record');
      return;
    }
    const { level, description } = alert;
    const name = alertName(description);
    this.#settings.onTrace?.({ type: 'alert-received', level, description, name });
    if (description === AlertDescription.closeNotify) {
      // RFC 5246 §7.2.1: answered in kind.
      this.close(0);
    } else if (level === AlertLevel.fatal) {
      this.#fail('DTLS_ALERT_RECEIVED', `The peer sent ${name}.`, undefined, description);
    }
  }

  /** An alert that anyone may have sent. */
  #suspectAlert(state: ConnectingState, content: Uint8Array, now: number): void {
    const alert = decodeAlert(content);
    if (alert === undefined) {
      this.#drop('malformed-record');
      return;
    }
    const { level, description } = alert;
    const name = alertName(description);
    this.#settings.onTrace?.({ type: 'alert-received', level, description, name });
    if (level !== AlertLevel.fatal && description !== AlertDescription.closeNotify) return;
    const reason = `The peer sent ${name} during the handshake.`;
    this.#suspect(state, 'DTLS_ALERT_RECEIVED', reason, now, undefined, description);
  }

  #suspect(
    state: ConnectingState,
    code: DtlsErrorCode,
    reason: string,
    now: number,
    answer: number | undefined,
    receivedAlert: number | undefined,
  ): void {
    const deadline = state.suspicion?.deadline ?? now + SUSPICION_MS;
    state.suspicion = { code, reason, answer, receivedAlert, deadline };
  }

  #sendAlert(level: number, description: number): void {
    const name = alertName(description);
    this.#settings.onTrace?.({ type: 'alert-sent', level, description, name });
    this.#sender.send(ContentType.alert, encodeAlert({ level, description }));
  }

  #fail(code: DtlsErrorCode, reason: string, sentAlert?: number, receivedAlert?: number): void {
    if (sentAlert !== undefined) this.#sendAlert(AlertLevel.fatal, sentAlert);
    this.#end({ name: 'failed' });
    const error = new DtlsError(code, reason, {
      ...(sentAlert !== undefined && { sentAlert }),
      ...(receivedAlert !== undefined && { receivedAlert }),
    });
    this.#events.push({ type: 'failed', error });
  }

  #end(state: Extract<State, { name: 'closed' | 'failed' }>): void {
    if (this.#state.name === 'connected') this.#state.secrets.masterSecret.fill(0);
    this.#enter(state);
  }

  #enter(state: State): void {
    this.#state = state;
    this.#settings.onTrace?.({ type: 'state', state: state.name });
  }

  #noteRetransmission(cause: 'timeout' | 'peer-repeats'): void {
    this.#counters.flightsRetransmitted++;
    this.#settings.onTrace?.({ type: 'flight-retransmitted', cause });
  }

  #drop(reason: DtlsDropReason): void {
    this.#counters.dropped[reason]++;
    this.#settings.onTrace?.({ type: 'dropped', reason });
  }
}
