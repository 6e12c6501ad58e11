// The peer program for every stack with the W3C's API: it carries out the commands of the control
// protocol on `RTCPeerConnection`. It runs in Node and, for Chromium, in a page, so it may use
// neither Node's modules nor the page's document.
import { crc32, payload } from '../control/payload.ts';
import type {
  CommandArgs,
  CommandName,
  CommandResult,
  Description,
  PeerEvent,
  ReceiveMode,
  SctpFeatures,
  Usage,
} from '../control/protocol.ts';
import { blast, ping } from './w3c-load.ts';
import { type EchoChannel, openMany } from './w3c-many-channels.ts';

/** How one stack differs from the W3C's specification, and what only its platform can do. */
export interface W3cBinding {
  readonly name: string;
  readonly version: string;
  readonly runtime: string;
  createConnection(sctp?: SctpFeatures): RTCPeerConnection;
  /** What the stack has to be ready for its first connection. */
  warmUp?(): Promise<void>;
  /** Called before each local description is set. */
  beforeLocalDescription?(connection: RTCPeerConnection): void;
  /** The bytes as the stack's `send` wants them; by default a `Uint8Array`. */
  sendable?(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** For a stack that reports no null candidate: `icegatheringstate` `complete` stands for it. */
  readonly endsCandidatesByState?: boolean;
  /** What the stack reads out for a `maxRetransmits` or `maxPacketLifeTime` that is not set. */
  readonly unsetLimit?: number;
  /** The stack never fires `bufferedamountlow`. */
  readonly lacksBufferedAmountLow?: boolean;
  usage?(collectGarbage: boolean): Usage;
}

interface Channel extends EchoChannel {
  isOpen: boolean;
}

interface Connection {
  readonly name: string;
  readonly rtc: RTCPeerConnection;
  readonly channels: Map<string, Channel>;
  mode: ReceiveMode;
  offeredAtMs: number | null;
  endedCandidates: boolean;
  messages: number;
  bytes: number;
}

type Handlers = {
  [N in CommandName]: (args: CommandArgs<N>) => CommandResult<N> | Promise<CommandResult<N>>;
};

const textEncoder = new TextEncoder();

export class W3cPeer {
  readonly #binding: W3cBinding;
  readonly #report: (event: PeerEvent) => void;
  readonly #connections = new Map<string, Connection>();
  readonly #handlers: Handlers;

  constructor(binding: W3cBinding, report: (event: PeerEvent) => void) {
    this.#binding = binding;
    this.#report = report;
    this.#handlers = this.#createHandlers();
  }

  /** Carries out one command; rejects with what the stack threw. */
  async handle(command: string, args: unknown): Promise<unknown> {
    if (!(command in this.#handlers)) throw new RangeError(`unknown command ${command}`);
    const handler = this.#handlers[command as CommandName] as (args: unknown) => unknown;
    return (await handler(args)) ?? null;
  }

  #createHandlers(): Handlers {
    const binding = this.#binding;
    return {
      describe: () => ({
        name: binding.name,
        version: binding.version,
        runtime: binding.runtime,
      }),
      warmUp: async () => {
        await binding.warmUp?.();
        return null;
      },
      createConnection: ({ connection, sctp }) => this.#createConnection(connection, sctp),
      offer: async ({ connection }) => {
        const { rtc } = this.#connection(connection);
        this.#connection(connection).offeredAtMs = performance.now();
        const description = await rtc.createOffer();
        return this.#setLocalDescription(rtc, description);
      },
      answer: async ({ connection }) => {
        const { rtc } = this.#connection(connection);
        return this.#setLocalDescription(rtc, await rtc.createAnswer());
      },
      setRemoteDescription: async ({ connection, description }) => {
        await this.#connection(connection).rtc.setRemoteDescription(description);
        return null;
      },
      addCandidate: async ({ connection, candidate, sdpMid }) => {
        await this.#connection(connection).rtc.addIceCandidate({ candidate, sdpMid });
        return null;
      },
      localDescription: ({ connection }) =>
        plain(this.#connection(connection).rtc.localDescription),
      receive: ({ connection, mode }) => {
        this.#connection(connection).mode = mode;
        return null;
      },
      closeConnection: ({ connection }) => {
        this.#connection(connection).rtc.close();
        this.#connections.delete(connection);
        return null;
      },
      stats: async ({ connection }) => {
        const report = await this.#connection(connection).rtc.getStats();
        return [...(report as unknown as ReadonlyMap<string, unknown>).values()];
      },
      createChannel: ({ connection, channel, options }) => {
        const owner = this.#connection(connection);
        this.#adopt(owner, owner.rtc.createDataChannel(channel, options));
        return null;
      },
      sendText: ({ connection, channel, text }) => {
        this.#channel(connection, channel).rtc.send(text);
        return null;
      },
      sendBinary: ({ connection, channel, size, seed }) => {
        this.#channel(connection, channel).rtc.send(this.#sendable(payload(size, seed)));
        return null;
      },
      closeChannel: ({ connection, channel }) => {
        this.#channel(connection, channel).rtc.close();
        return null;
      },
      blast: ({ connection, channel, size, durationMs }) => {
        const { rtc } = this.#channel(connection, channel);
        return blast(
          rtc,
          this.#sendable(payload(size, 1)),
          durationMs,
          binding.lacksBufferedAmountLow ?? false,
        );
      },
      count: ({ connection }) => {
        const { messages, bytes } = this.#connection(connection);
        return { messages, bytes, atMs: performance.now() };
      },
      ping: ({ connection, channel, size, times }) => {
        const target = this.#channel(connection, channel);
        return ping(target.rtc, this.#sendable(payload(size, 1)), times, (onEcho) => {
          target.onEcho = onEcho;
        });
      },
      openMany: ({ connection, channels, size }) => {
        const owner = this.#connection(connection);
        const create = (label: string) => this.#adopt(owner, owner.rtc.createDataChannel(label));
        return openMany(create, channels, this.#sendable(payload(size, 1)));
      },
      usage: ({ collectGarbage }) => {
        if (binding.usage === undefined) throw new Error(`${binding.name} reports no usage`);
        return binding.usage(collectGarbage);
      },
    };
  }

  #createConnection(name: string, sctp: SctpFeatures | undefined): null {
    const rtc = this.#binding.createConnection(sctp);
    const connection: Connection = {
      name,
      rtc,
      channels: new Map(),
      mode: 'report',
      offeredAtMs: null,
      endedCandidates: false,
      messages: 0,
      bytes: 0,
    };
    this.#connections.set(name, connection);
    rtc.addEventListener('icecandidate', ({ candidate }) => {
      // An empty candidate string ends one generation only and says nothing new.
      if (candidate?.candidate === '') return;
      if (candidate) this.#reportCandidate(connection, candidate.candidate, candidate.sdpMid);
      else this.#endCandidates(connection);
    });
    rtc.addEventListener('icegatheringstatechange', () => {
      if (!this.#binding.endsCandidatesByState || rtc.iceGatheringState !== 'complete') return;
      // The state runs ahead of the candidates it speaks of.
      setTimeout(() => this.#endCandidates(connection), 20);
    });
    rtc.addEventListener('connectionstatechange', () => {
      this.#report({ event: 'state', connection: name, state: rtc.connectionState });
    });
    rtc.addEventListener('datachannel', ({ channel }) => {
      this.#report({
        event: 'channel',
        connection: name,
        channel: channel.label,
        properties: {
          ordered: channel.ordered ?? null,
          maxRetransmits: this.#limit(channel.maxRetransmits),
          maxPacketLifeTime: this.#limit(channel.maxPacketLifeTime),
          protocol: channel.protocol ?? null,
          id: channel.id ?? null,
        },
      });
      this.#adopt(connection, channel);
    });
    return null;
  }

  #reportCandidate(connection: Connection, candidate: string, sdpMid: string | null): void {
    this.#report({
      event: 'candidate',
      connection: connection.name,
      // Some stacks give the whole SDP attribute.
      candidate: candidate.replace(/^a=/, ''),
      sdpMid: sdpMid ?? '0',
    });
  }

  #endCandidates(connection: Connection): void {
    if (connection.endedCandidates) return;
    connection.endedCandidates = true;
    this.#report({ event: 'candidate', connection: connection.name, candidate: '', sdpMid: '0' });
  }

  async #setLocalDescription(
    rtc: RTCPeerConnection,
    description: RTCSessionDescriptionInit,
  ): Promise<Description> {
    this.#binding.beforeLocalDescription?.(rtc);
    await rtc.setLocalDescription(description);
    return plain(description);
  }

  #adopt(connection: Connection, rtc: RTCDataChannel): Channel {
    const channel: Channel = { rtc, isOpen: false, onEcho: undefined };
    const where = { connection: connection.name, channel: rtc.label };
    connection.channels.set(rtc.label, channel);
    rtc.binaryType = 'arraybuffer';
    const open = () => {
      if (channel.isOpen) return;
      channel.isOpen = true;
      const since = connection.offeredAtMs;
      const sinceOfferMs = since === null ? null : performance.now() - since;
      this.#report({ event: 'open', ...where, sinceOfferMs });
    };
    rtc.addEventListener('message', ({ data }) => this.#receive(connection, channel, data));
    rtc.addEventListener('close', () => this.#report({ event: 'closed', ...where }));
    rtc.addEventListener('error', (event) => {
      this.#report({ event: 'error', ...where, message: String(event.error ?? event) });
    });
    rtc.addEventListener('open', open);
    if (rtc.readyState === 'open') open();
    return channel;
  }

  #receive(connection: Connection, channel: Channel, data: unknown): void {
    if (channel.onEcho !== undefined) {
      channel.onEcho();
      return;
    }
    if (connection.mode === 'count') {
      connection.messages++;
      connection.bytes += typeof data === 'string' ? data.length : bytesOf(data).byteLength;
      return;
    }
    if (connection.mode !== 'reflect') this.#reportMessage(connection, channel, data);
    if (connection.mode !== 'report') {
      if (typeof data === 'string') channel.rtc.send(data);
      else channel.rtc.send(this.#sendable(bytesOf(data)));
    }
  }

  #reportMessage(connection: Connection, channel: Channel, data: unknown): void {
    const isText = typeof data === 'string';
    const bytes = isText ? textEncoder.encode(data) : bytesOf(data);
    this.#report({
      event: 'message',
      connection: connection.name,
      channel: channel.rtc.label,
      kind: isText ? 'text' : 'binary',
      bytes: bytes.byteLength,
      crc: crc32(bytes),
    });
  }

  #limit(value: number | null | undefined): number | null {
    return value === undefined || value === this.#binding.unsetLimit ? null : value;
  }

  #sendable(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return this.#binding.sendable?.(bytes) ?? bytes;
  }

  #connection(name: string): Connection {
    const connection = this.#connections.get(name);
    if (connection === undefined) throw new RangeError(`no connection named ${name}`);
    return connection;
  }

  #channel(connection: string, label: string): Channel {
    const channel = this.#connection(connection).channels.get(label);
    if (channel === undefined) throw new RangeError(`no channel labelled ${label}`);
    return channel;
  }
}

/** A received binary message as bytes; stacks differ between `ArrayBuffer` and Node's `Buffer`. */
function bytesOf(data: unknown): Uint8Array<ArrayBuffer> {
  if (data instanceof Uint8Array) return data as Uint8Array<ArrayBuffer>;
  return new Uint8Array(data as ArrayBuffer);
}

function plain(description: RTCSessionDescriptionInit | null): Description {
  return { type: description?.type as Description['type'], sdp: description?.sdp ?? '' };
}
