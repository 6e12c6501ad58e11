// One DTLS connection: the machine around the handshake and the record layer.
// https://www.rfc-editor.org/rfc/rfc6347

import { Queue } from '@kaon/wire';
import { AlertDescription, AlertLevel, alertName, decodeAlert, encodeAlert } from './alert.ts';
import type { CipherSuiteName } from './cipher-suite.ts';
import { EarlyRecords } from './early-records.ts';
import { DtlsError } from './errors.ts';
import type { Flight } from './flight.ts';
import { decodeHandshakeFragment, HandshakeType } from './handshake/handshake-message.ts';
import type { HandshakeResult } from './handshake-context.ts';
import { type DtlsFailure, HandshakeDriver, type HandshakeEnd } from './handshake-driver.ts';
import { exportKeyingMaterial, type SessionSecrets } from './key-schedule.ts';
import { DtlsMonitor } from './monitor.ts';
import {
  ContentType,
  decodeRecordHeader,
  MAX_PLAINTEXT_LENGTH,
  RECORD_HEADER_LENGTH,
  type RecordHeader,
} from './record/record.ts';
import type { RecordReceiver } from './record/record-receiver.ts';
import { RecordSender } from './record/record-sender.ts';
import { type DtlsOptions, type DtlsSettings, resolveSettings } from './settings.ts';
import type { DtlsCounters } from './trace.ts';

/** What a connection agreed on. */
export interface DtlsConnectionInfo {
  readonly version: 'DTLS 1.2';
  readonly cipherSuite: CipherSuiteName;
  /** The group of the key exchange: `x25519`, `secp256r1` or `secp384r1`. */
  readonly group: string;
  /** The number of the SRTP protection profile; undefined if none was agreed on. */
  readonly srtpProtectionProfile: number | undefined;
  /**
   * Bytes of data that the peer says it takes in one record (RFC 8449); undefined if it says nothing, as
   * most do whose buffers are made for packets of 1500 bytes.
   */
  readonly remoteRecordSizeLimit: number | undefined;
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

type State =
  | { readonly name: 'new'; readonly handshake: HandshakeDriver | undefined }
  | {
      readonly name: 'connecting';
      readonly handshake: HandshakeDriver;
      /** Copies of protected records that came before their keys. */
      readonly sealed: EarlyRecords;
      /** Genuine application data that came before Finished. */
      readonly data: EarlyRecords;
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
  readonly #monitor: DtlsMonitor;
  #state: State = { name: 'new', handshake: undefined };

  /** @throws DtlsError with code `DTLS_INVALID_OPTION`. */
  constructor(options: DtlsOptions) {
    this.#settings = resolveSettings(options);
    this.#sender = new RecordSender(this.#settings.mtu);
    this.#monitor = new DtlsMonitor(this.#settings.onTrace);
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
    const { counters } = this.#monitor;
    counters.recordsSent = this.#sender.recordsSent;
    return counters;
  }

  /** Bytes that a record is longer than its data. */
  get overhead(): number {
    return this.#sender.overhead;
  }

  /** When {@link handleTimeout} is to be called; Infinity if there is no need. */
  get nextTimeout(): number {
    const state = this.#state;
    return state.name === 'connecting' ? state.handshake.nextTimeout : Number.POSITIVE_INFINITY;
  }

  /**
   * Makes what the handshake needs whatever the peer will say, its key pair above all, while there is time:
   * before {@link start}, once is enough. What is not prepared is made when it is needed.
   *
   * @throws DtlsError with code `DTLS_INVALID_STATE` if it has begun.
   */
  prepare(): void {
    const state = this.#requireNew();
    if (state.handshake !== undefined) return;
    const handshake = this.#createHandshake();
    handshake.prepare();
    this.#state = { name: 'new', handshake };
  }

  /**
   * Begins: a client sends its ClientHello, a server is ready for one.
   *
   * @throws DtlsError with code `DTLS_INVALID_STATE` if it has begun.
   */
  start(now: number): void {
    const handshake = this.#requireNew().handshake ?? this.#createHandshake();
    const [sealed, data] = [new EarlyRecords(), new EarlyRecords()];
    this.#enter({ name: 'connecting', handshake, sealed, data });
    handshake.start(now);
  }

  /** Takes a datagram of the peer; what is of no use in it is dropped and counted. */
  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#monitor.counters.datagramsReceived++;
    let start = 0;
    while (start < datagram.length) {
      const { name } = this.#state;
      if (name !== 'connecting' && name !== 'connected') {
        this.#monitor.drop('not-connected');
        return;
      }
      const header = decodeRecordHeader(datagram, start);
      if (header === undefined) {
        this.#monitor.drop('malformed-record');
        return;
      }
      this.#handleRecord(header, datagram, start, now);
      start += RECORD_HEADER_LENGTH + header.length;
    }
  }

  /** Does what is due at `now`. */
  handleTimeout(now: number): void {
    const state = this.#state;
    if (state.name === 'connecting') this.#take(state, state.handshake.handleTimeout(now));
  }

  /** The next datagram to send; undefined if there is none. It is the caller's. */
  pollDatagram(): Uint8Array | undefined {
    const datagram = this.#sender.datagrams.shift();
    if (datagram !== undefined) this.#monitor.counters.datagramsSent++;
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
   * 16384 bytes, or what the peer's record_size_limit allows (RFC 8449).
   */
  send(data: Uint8Array, _now: number): void {
    if (this.#state.name !== 'connected') {
      const message = `Data can be sent while connected; the connection is ${this.#state.name}.`;
      throw new DtlsError('DTLS_INVALID_STATE', message);
    }
    const { remoteRecordSizeLimit = MAX_PLAINTEXT_LENGTH } = this.#state.info;
    const limit = Math.min(remoteRecordSizeLimit, MAX_PLAINTEXT_LENGTH);
    if (data.length > limit) {
      const message = `A record to this peer carries ${limit} bytes; data has ${data.length}.`;
      throw new DtlsError('DTLS_DATA_TOO_LARGE', message);
    }
    if (!this.#sender.send(ContentType.applicationData, data)) {
      const reason = 'All sequence numbers of the epoch have been used.';
      this.#fail({ code: 'DTLS_SEQUENCE_EXHAUSTED', reason });
    }
  }

  /** Ends the connection and tells the peer (RFC 5246 §7.2.1). Nothing happens if it has ended. */
  close(_now: number): void {
    const { name } = this.#state;
    if (name === 'connecting' || name === 'connected') {
      this.#close();
    } else if (name === 'new') {
      this.#end({ name: 'closed' });
      this.#events.push({ type: 'closed' });
    }
  }

  /**
   * Keying material for another protocol, such as `EXTRACTOR-dtls_srtp` (RFC 5705 §4, RFC 5764 §4.2).
   *
   * @param length in bytes.
   * @param context optional bytes to bind it to, 65535 at most; none and empty are two things.
   * @throws DtlsError with code `DTLS_INVALID_STATE` if not connected; RangeError for the length, or the
   * context's.
   */
  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array {
    const state = this.#state;
    if (state.name !== 'connected') {
      const message = `Keys can be exported while connected; the connection is ${state.name}.`;
      throw new DtlsError('DTLS_INVALID_STATE', message);
    }
    return exportKeyingMaterial(this.#settings.crypto, state.secrets, label, length, context);
  }

  #requireNew(): Extract<State, { name: 'new' }> {
    if (this.#state.name === 'new') return this.#state;
    throw new DtlsError('DTLS_INVALID_STATE', `The connection is ${this.#state.name} already.`);
  }

  #createHandshake(): HandshakeDriver {
    return new HandshakeDriver(this.#settings, this.#sender, this.#monitor);
  }

  #handleRecord(header: RecordHeader, datagram: Uint8Array, start: number, now: number): void {
    const state = this.#state;
    this.#monitor.counters.recordsReceived++;
    const { type, version, epoch, sequenceNumber, length } = header;
    this.#monitor.trace?.({
      type: 'record-received',
      contentType: type,
      epoch,
      sequenceNumber,
      length,
    });
    // RFC 6347 §4.1.2.7: what is invalid is dropped in silence. Of the version only the protocol counts
    // here, as first hellos bear any; a protected record's is authenticated.
    const isKnown = type >= ContentType.changeCipherSpec && type <= ContentType.applicationData;
    if (version >> 8 !== 0xfe || !isKnown || epoch > 1) {
      this.#monitor.drop('unexpected-record');
    } else if (epoch === 0) {
      const content = start + RECORD_HEADER_LENGTH;
      this.#handleCleartext(header, datagram.subarray(content, content + length), now);
    } else if (state.name === 'connected') {
      this.#handleProtected(state.receiver, header, datagram, start, now);
    } else if (state.name === 'connecting') {
      const { receiver } = state.handshake;
      if (receiver !== undefined) this.#handleProtected(receiver, header, datagram, start, now);
      else this.#keepEarlyRecord(state, header, datagram, start);
    }
  }

  #handleCleartext(header: RecordHeader, content: Uint8Array, now: number): void {
    const state = this.#state;
    if (header.type === ContentType.applicationData) {
      this.#monitor.drop('cleartext-data');
    } else if (state.name !== 'connecting') {
      // Anyone can send it, so nothing follows from it.
      // Deviation: RFC 6347 §4.2.8 would let a ClientHello begin a new association here; with ICE a new one
      // comes on a new transport.
      const isAlert = header.type === ContentType.alert;
      this.#monitor.drop(isAlert ? 'unauthenticated-alert' : 'unexpected-record');
    } else if (header.type === ContentType.alert) {
      state.handshake.suspectAlert(content, now);
    } else if (header.type === ContentType.handshake) {
      this.#handleHandshake(state, header, content, now);
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
      this.#monitor.drop(content);
      return;
    }
    const state = this.#state;
    if (header.type === ContentType.applicationData) {
      if (state.name === 'connected') this.#receiveData(state, content);
      else if (state.name === 'connecting' && !state.data.add(header, content)) {
        this.#monitor.drop('early-over-limit');
      }
    } else if (header.type === ContentType.alert) {
      this.#handleAlert(content);
    } else if (header.type === ContentType.handshake) {
      if (state.name === 'connecting') this.#handleHandshake(state, header, content, now);
      else if (state.name === 'connected') this.#handleLateHandshake(state, content, now);
    } else {
      this.#monitor.drop('unexpected-record');
    }
  }

  #receiveData(state: ConnectedState, data: Uint8Array): void {
    state.lastFlight = undefined;
    // RFC 5246 §6.2.1: empty records are allowed, and carry nothing.
    if (data.length > 0) this.#events.push({ type: 'data', data });
  }

  #keepEarlyRecord(
    state: ConnectingState,
    header: RecordHeader,
    datagram: Uint8Array,
    start: number,
  ): void {
    const length = RECORD_HEADER_LENGTH + header.length;
    // A copy, because the datagram is the caller's again; kept until the keys are there.
    const isKept =
      state.sealed.hasRoomFor(length) &&
      state.sealed.add(header, new Uint8Array(datagram.subarray(start, start + length)));
    if (!isKept) this.#monitor.drop('early-over-limit');
  }

  #handleHandshake(
    state: ConnectingState,
    header: RecordHeader,
    content: Uint8Array,
    now: number,
  ): void {
    this.#take(state, state.handshake.handleContent(header, content, now));
    const { receiver } = state.handshake;
    if (receiver === undefined) return;
    for (const early of state.sealed.take()) {
      if (this.#state.name !== 'connecting' && this.#state.name !== 'connected') return;
      this.#handleProtected(receiver, early.header, early.bytes, 0, now);
    }
  }

  #take(state: ConnectingState, end: HandshakeEnd | undefined): void {
    if (end?.name === 'done') this.#connect(state, end.result);
    else if (end?.name === 'failed') this.#fail(end.failure);
  }

  #connect(state: ConnectingState, result: HandshakeResult): void {
    const { handshake } = state;
    const { secrets, group, srtpProtectionProfile, remoteCertificates, remoteRecordSizeLimit } =
      result;
    const info: DtlsConnectionInfo = {
      version: 'DTLS 1.2',
      cipherSuite: secrets.suite.name,
      group,
      srtpProtectionProfile,
      remoteRecordSizeLimit,
      // Copies, which the user may keep for good, of views into whole handshake messages.
      remoteCertificates: remoteCertificates.map((certificate) => new Uint8Array(certificate)),
    };
    const connected: ConnectedState = {
      name: 'connected',
      info,
      secrets,
      receiver: handshake.receiver as RecordReceiver,
      lastFlight: this.#settings.role === 'server' ? handshake.flight : undefined,
    };
    this.#enter(connected);
    this.#events.push({ type: 'connected', info });
    for (const { bytes } of state.data.take()) this.#receiveData(connected, bytes);
  }

  /** A handshake message after the handshake; it is authenticated. */
  #handleLateHandshake(state: ConnectedState, content: Uint8Array, now: number): void {
    const type = decodeHandshakeFragment(content, 0)?.type;
    if (type === HandshakeType.finished) {
      // RFC 6347 §4.2.4: the client has not heard our last flight.
      if (state.lastFlight?.repeat(now)) this.#monitor.retransmitted('peer-repeats');
    } else if (type === HandshakeType.clientHello || type === HandshakeType.helloRequest) {
      // RFC 5246 §7.2.2: we never renegotiate.
      this.#sendAlert(AlertLevel.warning, AlertDescription.noRenegotiation);
    } else {
      this.#monitor.drop('unexpected-handshake');
    }
  }

  /** An alert that is authenticated. */
  #handleAlert(content: Uint8Array): void {
    const alert = decodeAlert(content);
    if (alert === undefined) {
      this.#monitor.drop('malformed-record');
      return;
    }
    const { level, description } = alert;
    this.#monitor.alert('alert-received', level, description);
    if (description === AlertDescription.closeNotify) {
      // RFC 5246 §7.2.1: answered in kind.
      this.#close();
    } else if (level === AlertLevel.fatal) {
      const reason = `The peer sent ${alertName(description)}.`;
      this.#fail({ code: 'DTLS_ALERT_RECEIVED', reason, receivedAlert: description });
    }
  }

  #sendAlert(level: number, description: number): void {
    this.#monitor.alert('alert-sent', level, description);
    this.#sender.send(ContentType.alert, encodeAlert({ level, description }));
  }

  #close(): void {
    this.#sendAlert(AlertLevel.warning, AlertDescription.closeNotify);
    this.#end({ name: 'closed' });
    this.#events.push({ type: 'closed' });
  }

  #fail(failure: DtlsFailure): void {
    const { code, reason, sentAlert } = failure;
    if (sentAlert !== undefined) this.#sendAlert(AlertLevel.fatal, sentAlert);
    this.#end({ name: 'failed' });
    this.#events.push({ type: 'failed', error: new DtlsError(code, reason, failure) });
  }

  #end(state: Extract<State, { name: 'closed' | 'failed' }>): void {
    const ended = this.#state;
    if (ended.name === 'connected') {
      ended.secrets.masterSecret.fill(0);
      ended.receiver.destroy();
    } else if (ended.name === 'connecting') {
      ended.handshake.destroy();
    }
    this.#sender.destroy();
    this.#enter(state);
  }

  #enter(state: State): void {
    this.#state = state;
    this.#monitor.trace?.({ type: 'state', state: state.name });
  }
}
