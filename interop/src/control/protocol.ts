// The control protocol between the harness and a peer program: JSON lines, one message a line.
//
// The harness writes commands, the program answers each by its `id` and reports what happens by
// itself as events. Chromium's page offers the same commands through function calls.
//
// A channel is addressed by its label, which the harness keeps unique within a connection.

export interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

/** One trickled candidate; an empty `candidate` is the end of candidates. */
export interface Candidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
}

export interface ChannelOptions {
  readonly ordered?: boolean;
  readonly maxRetransmits?: number;
  readonly maxPacketLifeTime?: number;
  readonly protocol?: string;
  readonly negotiated?: boolean;
  readonly id?: number;
}

/** What Kaon is told about SCTP; other peers have no such options and ignore it. */
export interface SctpFeatures {
  /** INITs in descriptions (draft-hancke-tsvwg-snap). */
  readonly initInDescription?: boolean;
  readonly interleaving?: boolean;
  readonly zeroChecksum?: boolean;
  readonly congestionControl?: 'newreno' | 'cubic' | 'bbr';
}

/** What a channel says of itself; a peer reports null for what its API does not tell. */
export interface ChannelProperties {
  readonly ordered: boolean | null;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
  readonly protocol: string | null;
  readonly id: number | null;
}

/** What a connection does with the messages of its channels. */
export type ReceiveMode =
  /** Report each message with its checksum. */
  | 'report'
  /** Report each message and send it back. */
  | 'echo'
  /** Send each message back and say nothing. */
  | 'reflect'
  /** Add up messages and bytes and say nothing. */
  | 'count';

export interface PeerDescription {
  readonly name: string;
  readonly version: string;
  readonly runtime: string;
}

/** A total of received messages, with the time at which it was read on the peer's own clock. */
export interface Count {
  readonly messages: number;
  readonly bytes: number;
  readonly atMs: number;
}

export interface Usage {
  /** User and system time of the process since its start. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

interface OnConnection {
  readonly connection: string;
}

interface OnChannel extends OnConnection {
  readonly channel: string;
}

/** Commands by name: what they take and what they answer. */
export interface Commands {
  describe: { args: Record<never, never>; result: PeerDescription };
  /** Prepare for the first connection, by the stack's own call for that, if it has one. */
  warmUp: { args: Record<never, never>; result: null };
  createConnection: { args: OnConnection & { readonly sctp?: SctpFeatures }; result: null };
  /** Create an offer and set it as the local description. */
  offer: { args: OnConnection; result: Description };
  /** Create an answer and set it as the local description. */
  answer: { args: OnConnection; result: Description };
  setRemoteDescription: { args: OnConnection & { description: Description }; result: null };
  addCandidate: { args: OnConnection & Candidate; result: null };
  /** The local description as it is now, with the candidates gathered so far. */
  localDescription: { args: OnConnection; result: Description };
  receive: { args: OnConnection & { mode: ReceiveMode }; result: null };
  closeConnection: { args: OnConnection; result: null };
  /** The statistics report as the peer gives it; its form differs between stacks. */
  stats: { args: OnConnection; result: readonly unknown[] };
  createChannel: { args: OnChannel & { options: ChannelOptions }; result: null };
  sendText: { args: OnChannel & { text: string }; result: null };
  /** Send `size` bytes of the sequence that starts at `seed` (see `payload.ts`). */
  sendBinary: { args: OnChannel & { size: number; seed: number }; result: null };
  closeChannel: { args: OnChannel; result: null };
  /**
   * Send messages of `size` bytes for `durationMs`. While more than `HIGH_WATER_BYTES` are
   * buffered, wait until `LOW_WATER_BYTES` are left.
   */
  blast: { args: OnChannel & { size: number; durationMs: number }; result: { messages: number } };
  /** Total of messages received in mode `count` on all channels of the connection. */
  count: { args: OnConnection; result: Count };
  /** Send a message of `size` bytes `times` times, each after the echo of the one before. */
  ping: { args: OnChannel & { size: number; times: number }; result: readonly number[] };
  /**
   * Open `channels` more channels, wait until all are open, then send one message of `size` bytes
   * on each and wait for the echo of each. Both times in milliseconds from the start.
   */
  openMany: {
    args: OnConnection & { channels: number; size: number };
    result: { openMs: number; echoedMs: number };
  };
  usage: { args: { collectGarbage: boolean }; result: Usage };
}

export type CommandName = keyof Commands;
export type CommandArgs<N extends CommandName> = Commands[N]['args'];
export type CommandResult<N extends CommandName> = Commands[N]['result'];

export type PeerEvent =
  | (OnConnection & { readonly event: 'candidate' } & Candidate)
  | (OnConnection & { readonly event: 'state'; readonly state: string })
  /** The other side opened a channel. */
  | (OnChannel & { readonly event: 'channel'; readonly properties: ChannelProperties })
  /** A channel is open; `sinceOfferMs` counts from the start of createOffer, if there was one. */
  | (OnChannel & { readonly event: 'open'; readonly sinceOfferMs: number | null })
  | (OnChannel & {
      readonly event: 'message';
      readonly kind: 'text' | 'binary';
      readonly bytes: number;
      readonly crc: number;
    })
  | (OnChannel & { readonly event: 'closed' })
  | (OnChannel & { readonly event: 'error'; readonly message: string });

/** A line to the program. */
export interface CommandLine {
  readonly id: number;
  readonly command: string;
  readonly args: unknown;
}

/** A line from the program that answers a command. */
export interface ReplyLine {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The rule of back pressure for every peer. */
export const HIGH_WATER_BYTES: number = 1024 * 1024;
export const LOW_WATER_BYTES: number = 256 * 1024;
