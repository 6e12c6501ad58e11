// Mixed traffic between two connections: channels of all kinds, opened, used and closed all the time.
import type { RTCDataChannel, RTCDataChannelInit, RTCPeerConnection } from '@kaon/peerconnection';

/** Time and chance, virtual or real. */
export interface Surroundings {
  sleep(milliseconds: number): Promise<void>;
  now(): number;
  /** From 0 up to, not including, `below`. */
  below(below: number): number;
}

/** What has happened so far. */
export interface TrafficTotals {
  channelsOpened: number;
  channelsClosed: number;
  messagesSent: number;
  messagesReceived: number;
  bytesReceived: number;
  /** On reliable channels: messages missing, twice or out of order; and channels that never ended. */
  faults: number;
}

interface Plan {
  readonly kind: 'events' | 'paused-stream' | 'unreliable';
  readonly count: number;
  readonly options: RTCDataChannelInit;
}

const WORKERS = 8;
const MAX_SMALL_BYTES = 500;
const MAX_LARGE_BYTES = 60_000;
/** A channel that takes longer than this has lost something. */
const PATIENCE_MS = 180_000;
const PRIORITIES = ['very-low', 'low', 'medium', 'high'] as const;

/** Runs it. */
export class Traffic {
  readonly totals: TrafficTotals = {
    channelsOpened: 0,
    channelsClosed: 0,
    messagesSent: 0,
    messagesReceived: 0,
    bytesReceived: 0,
    faults: 0,
  };
  readonly #sides: readonly [RTCPeerConnection, RTCPeerConnection];
  readonly #surroundings: Surroundings;

  constructor(a: RTCPeerConnection, b: RTCPeerConnection, surroundings: Surroundings) {
    this.#sides = [a, b];
    this.#surroundings = surroundings;
    for (const side of this.#sides) side.ondatachannel = ({ channel }) => this.#accept(channel);
  }

  /** Goes on until `isOver`, and until all channels are closed. */
  async run(isOver: () => boolean): Promise<void> {
    await Promise.all(Array.from({ length: WORKERS }, () => this.#work(isOver)));
  }

  async #work(isOver: () => boolean): Promise<void> {
    const { below, sleep } = this.#surroundings;
    while (!isOver()) {
      const side = this.#sides[below(2)] as RTCPeerConnection;
      await this.#use(side, this.#plan());
      await sleep(below(200));
    }
  }

  #plan(): Plan {
    const { below } = this.#surroundings;
    const kind = (['events', 'paused-stream', 'unreliable'] as const)[below(3)] ?? 'events';
    const priority = PRIORITIES[below(PRIORITIES.length)] ?? 'low';
    const limits = below(2) === 0 ? { maxRetransmits: below(3) } : { maxPacketLifeTime: 50 };
    const options =
      kind === 'unreliable' ? { ordered: below(2) === 0, priority, ...limits } : { priority };
    return { kind, count: 1 + below(60), options };
  }

  async #use(side: RTCPeerConnection, { count, kind, options }: Plan): Promise<void> {
    const { below, now, sleep } = this.#surroundings;
    const channel = side.createDataChannel(`${kind} ${count}`, options);
    let isDone = false;
    channel.onmessage = () => {
      isDone = true;
    };
    const deadline = now() + PATIENCE_MS;
    while (channel.readyState === 'connecting' && now() < deadline) await sleep(5);
    this.totals.channelsOpened++;
    const isLarge = below(4) === 0;
    for (let index = 0; index < count && channel.readyState === 'open'; index++) {
      const length = 4 + below(isLarge ? MAX_LARGE_BYTES : MAX_SMALL_BYTES);
      const message = new Uint8Array(length);
      new DataView(message.buffer).setUint32(0, index);
      channel.send(message);
      this.totals.messagesSent++;
      if (below(4) === 0) await sleep(below(20));
    }
    if (kind === 'unreliable') await sleep(300);
    else while (!isDone && now() < deadline) await sleep(20);
    if (kind !== 'unreliable' && !isDone) this.totals.faults++;
    channel.close();
    while (!isClosed(channel) && now() < deadline) await sleep(20);
    if (isClosed(channel)) this.totals.channelsClosed++;
    else this.totals.faults++;
  }

  #accept(channel: RTCDataChannel): void {
    const [kind, count] = channel.label.split(' ');
    let next = 0;
    const receive = (message: Uint8Array): void => {
      const index = new DataView(message.buffer, message.byteOffset).getUint32(0);
      this.totals.messagesReceived++;
      this.totals.bytesReceived += message.byteLength;
      if (kind !== 'unreliable' && index !== next) this.totals.faults++;
      next = index + 1;
      if (kind !== 'unreliable' && next === Number(count)) channel.send('done');
    };
    if (kind === 'paused-stream') void this.#readSlowly(channel, receive);
    else channel.onmessage = ({ data }) => receive(new Uint8Array(data as ArrayBuffer));
  }

  async #readSlowly(
    channel: RTCDataChannel,
    receive: (message: Uint8Array) => void,
  ): Promise<void> {
    const { below, sleep } = this.#surroundings;
    for await (const message of channel.readable) {
      if (typeof message !== 'string') receive(message);
      if (below(10) === 0) await sleep(below(200));
    }
  }
}

function isClosed(channel: RTCDataChannel): boolean {
  return channel.readyState === 'closed';
}
