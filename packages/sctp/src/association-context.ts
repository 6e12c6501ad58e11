// What all parts of an association share: its state, its settings, and what waits to go out.
import type { CryptoProvider } from '@kaon/crypto';
import { Queue, type RandomSource } from '@kaon/wire';
import type { ErrorCause } from './causes/error-cause.ts';
import { encodeError, errorLength } from './chunks/error.ts';
import { decodeInit } from './chunks/init.ts';
import { CookieJar } from './cookie.ts';
import { createCounters, type SctpCounters } from './counters.ts';
import type { SctpError } from './errors.ts';
import type { SctpEvent, SctpTraceEvent } from './events.ts';
import { resolveOptions, type SctpOptions, type SctpSettings } from './options.ts';
import { COMMON_HEADER_LENGTH, writeChecksum, writeCommonHeader } from './packet.ts';
import { PathMtuSearch } from './path-mtu.ts';
import type { MessageSink } from './rx/reassembly.ts';
import type { AssociationState, LocalInit } from './state.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';
import { SendQueue } from './tx/send-queue.ts';

/** Packets that answer something wait in this number at most; a flood gets no more answers than that. */
const MAX_WAITING_PACKETS = 16;
/** The same for chunks that go along with others. */
const MAX_WAITING_CHUNKS = 32;

/** Writes a chunk at `offset`; returns the offset behind it. */
export type ChunkWriter = (out: Uint8Array, offset: number) => number;

/** The context. */
export class AssociationContext implements MessageSink {
  readonly settings: SctpSettings;
  readonly random: RandomSource;
  readonly crypto: CryptoProvider;
  readonly counters: SctpCounters = createCounters();
  readonly cookies: CookieJar;
  readonly queue: SendQueue;
  readonly events: Queue<SctpEvent> = new Queue();
  /** Packets that hold one chunk alone, and those with another tag than the association's. */
  readonly packets: Queue<Uint8Array> = new Queue();
  /** The size of packets, which outlives a restart of the peer. */
  readonly pathMtu: PathMtuSearch;
  /** Encoded control chunks that go out before all else, bundled. */
  readonly controlChunks: Queue<Uint8Array> = new Queue();
  readonly onTrace: ((event: SctpTraceEvent) => void) | undefined;
  /** Whether the peer may have been told that we take packets without a checksum (RFC 9653 §5.1). */
  offersZeroChecksum = false;
  /** Received user data that the layers above hold: see {@link Receiver.changeHeld}. */
  heldBytes = 0;
  /** The time of the last input. */
  now = 0;
  #state: AssociationState;

  constructor(options: SctpOptions) {
    this.settings = resolveOptions(options);
    this.queue = new SendQueue(this.counters, this.settings.streamScheduler);
    this.random = options.random;
    this.crypto = options.crypto;
    this.onTrace = options.onTrace;
    this.pathMtu = new PathMtuSearch(options.random, this.settings.maxPacketBytes);
    this.cookies = new CookieJar(options.crypto, options.random);
    // One tag for the answers to the peer's INIT and for our own: if ours crosses its COOKIE ECHO, both
    // still speak of the same association (RFC 9260 §5.2.1).
    const init = readSignaledInit(options) ?? {
      tag: this.randomTag(),
      initialTsn: options.random.uint32(),
    };
    this.#state = { name: 'new', init };
  }

  get state(): AssociationState {
    return this.#state;
  }

  /** Goes over into `state`. */
  enter(state: AssociationState): void {
    this.#state = state;
    this.onTrace?.({ type: 'state', now: this.now, state: state.name });
  }

  /** The TCB, in the states that have one. */
  get tcb(): TransmissionControlBlock | undefined {
    const state = this.#state;
    return 'tcb' in state ? state.tcb : undefined;
  }

  /** The tag that the peer must put into its packets; undefined if there is no association. */
  get localTag(): number | undefined {
    const state = this.#state;
    if ('tcb' in state) return state.tcb.localTag;
    return state.name === 'cookie-wait' ? state.init.tag : undefined;
  }

  /** Queues an event. A property, so that it can be handed on. */
  readonly emit = (event: SctpEvent): void => {
    this.events.push(event);
  };

  deliver(streamId: number, ppid: number, data: Uint8Array<ArrayBuffer>): void {
    this.counters.messagesReceived++;
    this.counters.messageBytesReceived += data.length;
    this.changeHeld(data.length);
    this.events.push({ type: 'message', streamId, ppid, data });
  }

  /** The layers above hold `delta` bytes more. */
  changeHeld(delta: number): void {
    this.heldBytes += delta;
    this.tcb?.receiver.changeHeld(delta);
  }

  /** A random tag; never 0, which means "no tag yet" (RFC 9260 §5.3.1). */
  randomTag(): number {
    return this.random.uint32() || 1;
  }

  /** Queues a packet with one chunk of `length` bytes at most, unless too many wait already. */
  queuePacket(tag: number, length: number, write: ChunkWriter): void {
    if (this.packets.length >= MAX_WAITING_PACKETS) {
      this.counters.droppedAnswers++;
      return;
    }
    const packet = new Uint8Array(COMMON_HEADER_LENGTH + length + 3);
    const { localPort, remotePort } = this.settings;
    const end = write(packet, writeCommonHeader(packet, localPort, remotePort, tag));
    writeChecksum(packet, end, this.crypto);
    this.packets.push(packet.subarray(0, end));
  }

  /** Queues a control chunk of `length` bytes with padding, unless too many wait already. */
  queueChunk(length: number, write: ChunkWriter): void {
    const fits = length <= this.settings.maxPacketBytes - COMMON_HEADER_LENGTH;
    if (!fits || this.controlChunks.length >= MAX_WAITING_CHUNKS) {
      this.counters.droppedAnswers++;
      return;
    }
    const chunk = new Uint8Array(length);
    write(chunk, 0);
    this.controlChunks.push(chunk);
  }

  /** Queues an ABORT; `tagReflected` if `tag` is the receiver's own (RFC 9260 §8.5.1 B). */
  queueAbort(tag: number, tagReflected: boolean, causes: readonly ErrorCause[]): void {
    const chunk = { type: 'abort' as const, tagReflected, causes };
    this.queuePacket(tag, errorLength(chunk), (out, offset) => encodeError(chunk, out, offset));
  }

  /** Queues an ERROR. */
  queueError(causes: readonly ErrorCause[]): void {
    const chunk = { type: 'error' as const, tagReflected: false, causes };
    this.queueChunk(errorLength(chunk), (out, offset) => encodeError(chunk, out, offset));
  }

  /** Ends the association for a fault, without a word to the peer. */
  fail(error: SctpError): void {
    this.#end();
    this.enter({ name: 'failed', error });
    this.emit({ type: 'failed', error });
  }

  /** Ends the association for a fault of the peer, and tells it the cause (RFC 9260 §9.1). */
  abort(error: SctpError, cause: ErrorCause): void {
    const peerTag = this.tcb?.peerTag;
    this.packets.clear();
    if (peerTag !== undefined) this.queueAbort(peerTag, false, [cause]);
    this.fail(error);
  }

  /** Ends the association in good order. */
  close(): void {
    this.#end();
    this.enter({ name: 'closed' });
    this.emit({ type: 'closed' });
  }

  /** Counts a timeout in a row; the association fails if it was one too many (RFC 9260 §8.1). */
  countError(tcb: TransmissionControlBlock, error: () => SctpError): void {
    tcb.errorCount++;
    if (tcb.errorCount > this.settings.maxRetransmits) this.fail(error());
  }

  #end(): void {
    const { tcb } = this;
    this.pathMtu.stop();
    tcb?.sender.stop();
    tcb?.reconfiguration.stop();
    tcb?.heartbeat.stop();
    this.queue.clear();
    this.controlChunks.clear();
  }
}

/** @throws RangeError if there is one, and it is no INIT. */
function readSignaledInit({ signaledInit }: SctpOptions): LocalInit | undefined {
  if (signaledInit === undefined) return undefined;
  const chunk = decodeInit(signaledInit, 0, signaledInit.length);
  if (chunk?.type !== 'init' || chunk.initiateTag === 0) {
    throw new RangeError('signaledInit must be an INIT chunk, as createSctpInit makes it.');
  }
  return { tag: chunk.initiateTag, initialTsn: chunk.initialTsn };
}
