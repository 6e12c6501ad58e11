// One side of a session under test: a connection in a peer, with everything it has reported.
import type {
  ChannelOptions,
  ChannelProperties,
  Description,
  PeerEvent,
  ReceiveMode,
  SctpFeatures,
} from '../control/protocol.ts';
import type { Peer } from '../peers/peer.ts';

export interface ReceivedMessage {
  readonly kind: 'text' | 'binary';
  readonly bytes: number;
  readonly crc: number;
}

interface ChannelLog {
  properties: ChannelProperties | undefined;
  isOpen: boolean;
  sinceOfferMs: number | null;
  isClosed: boolean;
  readonly messages: ReceivedMessage[];
  readonly errors: string[];
}

/** What did not happen in time. */
export class ExpectationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpectationError';
  }
}

export class Endpoint {
  readonly peer: Peer;
  readonly connection: string;
  /** Called with each candidate, the last one being empty. */
  onCandidate: ((candidate: string, sdpMid: string | null) => void) | undefined;
  readonly #deadline: AbortSignal;
  readonly #channels = new Map<string, ChannelLog>();
  readonly #candidates: string[] = [];
  readonly #states: string[] = [];
  readonly #waiting = new Set<() => void>();
  #hasClosed = false;

  /** `deadline` ends every wait of this endpoint. */
  constructor(peer: Peer, connection: string, deadline: AbortSignal) {
    this.peer = peer;
    this.connection = connection;
    this.#deadline = deadline;
    peer.listen(connection, (event) => this.#handleEvent(event));
  }

  get name(): string {
    return this.peer.name;
  }

  /** True once the harness has closed this side. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  /** Connection states in the order in which they were reported. */
  get states(): readonly string[] {
    return this.#states;
  }

  /** Candidates so far; an empty one ends them. */
  get candidates(): readonly string[] {
    return this.#candidates;
  }

  /** States and channel errors, which may explain what is missing. */
  describe(): string {
    const errors = [...this.#channels].flatMap(([label, { errors }]) =>
      errors.map((error) => `, error on "${label}": ${error}`),
    );
    return `${this.name} went ${this.#states.join(', ') || 'nowhere'}${errors.join('')}`;
  }

  async create(sctp: SctpFeatures = {}): Promise<void> {
    await this.peer.call('createConnection', { connection: this.connection, sctp });
  }

  async createChannel(channel: string, options: ChannelOptions = {}): Promise<void> {
    this.#log(channel);
    await this.peer.call('createChannel', { connection: this.connection, channel, options });
  }

  async setRemoteDescription(description: Description): Promise<void> {
    const { connection } = this;
    await this.peer.call('setRemoteDescription', { connection, description });
  }

  async receive(mode: ReceiveMode): Promise<void> {
    await this.peer.call('receive', { connection: this.connection, mode });
  }

  async sendText(channel: string, text: string): Promise<void> {
    await this.peer.call('sendText', { connection: this.connection, channel, text });
  }

  async sendBinary(channel: string, size: number, seed: number): Promise<void> {
    await this.peer.call('sendBinary', { connection: this.connection, channel, size, seed });
  }

  async closeChannel(channel: string): Promise<void> {
    await this.peer.call('closeChannel', { connection: this.connection, channel });
  }

  async close(): Promise<void> {
    this.#hasClosed = true;
    await this.peer.call('closeConnection', { connection: this.connection });
  }

  /** Waits until a channel is open; returns what its far side announced, if it was announced. */
  async opened(channel: string): Promise<ChannelProperties | undefined> {
    const log = this.#log(channel);
    await this.#untilOrFailed(`channel "${channel}" open`, () => log.isOpen);
    return log.properties;
  }

  isOpen(channel: string): boolean {
    return this.#log(channel).isOpen;
  }

  sinceOfferMs(channel: string): number | null {
    return this.#log(channel).sinceOfferMs;
  }

  /** Waits until a channel is closed, whichever side closed it. */
  async closed(channel: string): Promise<void> {
    const log = this.#log(channel);
    await this.#untilOrFailed(`channel "${channel}" closed`, () => log.isClosed);
  }

  /** Waits for the next `count` messages of a channel and takes them out of its log. */
  async messages(channel: string, count: number): Promise<readonly ReceivedMessage[]> {
    const { messages } = this.#log(channel);
    await this.#untilOrFailed(
      () => `${count} messages on "${channel}", ${messages.length} came`,
      () => messages.length >= count,
    );
    return messages.splice(0, count);
  }

  /** Takes the messages that have come so far. */
  takeMessages(channel: string): readonly ReceivedMessage[] {
    return this.#log(channel).messages.splice(0);
  }

  async reached(...states: readonly string[]): Promise<void> {
    await this.#until(`connection state ${states.join(' or ')}`, () =>
      states.some((state) => this.#states.includes(state)),
    );
  }

  async gathered(): Promise<void> {
    await this.#until('the end of candidates', () => this.#candidates.includes(''));
  }

  /** Waits until `channel` is closed or the connection is in one of the states of an end. */
  async noticedEnd(channel: string): Promise<string> {
    const log = this.#log(channel);
    const ends = ['closed', 'disconnected', 'failed'];
    const end = () =>
      log.isClosed ? 'channel closed' : ends.find((s) => this.#states.includes(s));
    await this.#until('notice of the closed connection', () => end() !== undefined);
    return end() ?? '';
  }

  #log(channel: string): ChannelLog {
    let log = this.#channels.get(channel);
    if (log === undefined) {
      log = {
        properties: undefined,
        isOpen: false,
        sinceOfferMs: null,
        isClosed: false,
        messages: [],
        errors: [],
      };
      this.#channels.set(channel, log);
    }
    return log;
  }

  #handleEvent(event: PeerEvent): void {
    switch (event.event) {
      case 'candidate':
        this.#candidates.push(event.candidate);
        this.onCandidate?.(event.candidate, event.sdpMid);
        break;
      case 'state':
        this.#states.push(event.state);
        break;
      case 'channel':
        this.#log(event.channel).properties = event.properties;
        break;
      case 'open': {
        const log = this.#log(event.channel);
        log.isOpen = true;
        log.sinceOfferMs = event.sinceOfferMs;
        break;
      }
      case 'message':
        this.#log(event.channel).messages.push(event);
        break;
      case 'closed':
        this.#log(event.channel).isClosed = true;
        break;
      case 'error':
        this.#log(event.channel).errors.push(event.message);
        break;
    }
    for (const check of [...this.#waiting]) check();
  }

  /** Like `#until`, but a connection that has failed is not waited for. */
  async #untilOrFailed(what: string | (() => string), condition: () => boolean): Promise<void> {
    const hasFailed = () => this.#states.includes('failed');
    await this.#until(what, () => condition() || hasFailed());
    if (!condition()) throw this.#missing(what);
  }

  #until(what: string | (() => string), condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(check);
        this.#deadline.removeEventListener('abort', fail);
      };
      const check = () => {
        if (!condition()) return;
        stop();
        resolve();
      };
      const fail = () => {
        stop();
        reject(this.#missing(what));
      };
      if (this.#deadline.aborted) return fail();
      this.#waiting.add(check);
      this.#deadline.addEventListener('abort', fail);
    });
  }

  #missing(what: string | (() => string)): ExpectationError {
    const text = typeof what === 'string' ? what : what();
    return new ExpectationError(`${this.name} did not report in time: ${text}`);
  }
}
