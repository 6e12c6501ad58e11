// All channels of a connection, by stream: their identifiers, their opening and their closing.
// https://www.rfc-editor.org/rfc/rfc8832#section-6

import {
  DATA_CHANNEL_PPID,
  type DataChannelOpen,
  decodeDataChannelOpen,
  encodeDataChannelAck,
  encodeDataChannelOpen,
  isDataChannelAck,
  type SctpAssociation,
  SctpError,
  type SctpEvent,
} from '@kaon/sctp';
import { decodeUtf8 } from '@kaon/wire';
import { exception } from '../errors.ts';
import type { TaskQueue } from '../io/task-queue.ts';
import { RTCError } from '../rtc-error.ts';
import { Channel, type ChannelHost, type ChannelParameters } from './channel.ts';
import { priorityNumber, priorityWord } from './priority.ts';

/** What the table needs of its connection. */
export interface ChannelTableOptions {
  readonly tasks: TaskQueue;
  readonly sendBufferSize: number;
  readonly maxRemoteChannels: number;
  /** The association, once there is one. */
  association(): SctpAssociation | undefined;
  now(): number;
  /** Something was given to the association to send. */
  onOutgoing(): void;
  /** The peer has opened a channel: "announce a data channel instance". */
  onChannel(channel: Channel): void;
}

/** What was dropped, and why. */
export interface ChannelCounters {
  opened: number;
  closed: number;
  /** Messages on streams without a channel. */
  droppedUnknownStream: number;
  /** Messages of DCEP that are malformed or of no known type. */
  droppedMalformed: number;
  /** Channels of the peer's that were refused: wrong or used identifier, or too many. */
  refused: number;
}

/** Stream identifiers are 0 to 65534 (RFC 8832 §5.1, webrtc-pc §6.1). */
const MAX_STREAM_ID = 65534;
/** All implementations have at least as many streams, so that these can be used before it is said. */
const EARLY_STREAMS = 256;
/** Characters that the labels and protocols of all the peer's channels may have: 64 times the longest. */
const MAX_REMOTE_NAME_LENGTH = 64 * 65536;

/** The ordered set [[DataChannels]] and what goes on below it. */
export class ChannelTable implements ChannelHost {
  readonly counters: ChannelCounters = {
    opened: 0,
    closed: 0,
    droppedUnknownStream: 0,
    droppedMalformed: 0,
    refused: 0,
  };
  maxMessageSize = 65536;
  maxBufferSize: number;
  readonly #options: ChannelTableOptions;
  readonly #channels = new Set<Channel>();
  readonly #byStream = new Map<number, Channel>();
  #parity: 0 | 1 | undefined = undefined;
  #nextId = 0;
  /** The number of streams of both directions; undefined before the association is there. */
  #maxChannels: number | undefined = undefined;
  #isConnected = false;
  #remoteChannels = 0;
  #remoteNameLength = 0;
  #nextNumber = 1;
  #hasCreatedAny = false;
  /** What waits to be read on the streams of all channels, in bytes. */
  #unreadBytes = 0;

  constructor(options: ChannelTableOptions) {
    this.#options = options;
    this.maxBufferSize = options.sendBufferSize;
  }

  /** All channels that are not closed. */
  get channels(): ReadonlySet<Channel> {
    return this.#channels;
  }

  /** Whether the application has ever created a channel. */
  get hasCreatedAny(): boolean {
    return this.#hasCreatedAny;
  }

  /** Whether the association is up. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /**
   * Creates a channel of the application's.
   *
   * @throws DOMException `OperationError` if its identifier is in use, too large, or none is left.
   */
  create(parameters: ChannelParameters, id: number | null): Channel {
    let streamId = id;
    if (streamId === null) {
      if (this.#parity !== undefined) {
        streamId = this.#allocateId() ?? null;
        if (streamId === null) throw exception('OperationError', 'No stream identifier is left.');
      }
    } else if (this.#byStream.has(streamId)) {
      throw exception('OperationError', `A channel with id ${streamId} exists already.`);
    }
    if (streamId !== null && this.#maxChannels !== undefined && streamId >= this.#maxChannels) {
      throw exception('OperationError', `The association has ${this.#maxChannels} streams only.`);
    }
    const channel = new Channel(this, parameters, streamId, false, this.#nextNumber++);
    this.#hasCreatedAny = true;
    this.#add(channel);
    if (this.#isConnected) this.#open(channel);
    return channel;
  }

  /**
   * The DTLS role is agreed on: the client opens even streams, the server odd ones (RFC 8832 §6).
   *
   * @returns the channels for which no identifier was left, which are closed now.
   */
  setRole(role: 'client' | 'server'): Channel[] {
    this.#parity ??= role === 'client' ? 0 : 1;
    const failed: Channel[] = [];
    for (const channel of this.#channels) {
      if (channel.id !== null) continue;
      const id = this.#allocateId();
      if (id === undefined) {
        failed.push(channel);
      } else {
        channel.id = id;
        this.#byStream.set(id, channel);
      }
    }
    for (const channel of failed) {
      channel.closeSilently(exception('OperationError', 'No stream identifier is left.'));
      this.#forget(channel);
    }
    return failed;
  }

  /**
   * There is an association, not up yet: it takes what opens the channels along with its handshake
   * (RFC 9260 §5.1 lets data go with COOKIE ECHO).
   */
  associating(): void {
    for (const channel of this.#channels) {
      if (channel.id !== null && channel.id < EARLY_STREAMS) this.#sendOpen(channel);
    }
  }

  /** "Connected procedure": the association is up. */
  connected(maxChannels: number): void {
    this.#maxChannels = maxChannels;
    this.#isConnected = true;
    for (const channel of [...this.#channels]) {
      if (channel.isRemote) continue; // The peer's first channel can be here before this task.
      if (channel.id === null || channel.id >= maxChannels) {
        this.#failCreation(channel, `The association has ${maxChannels} streams only.`);
      } else {
        this.#open(channel);
      }
    }
  }

  /** The association has more streams than before. */
  setMaxChannels(maxChannels: number): void {
    this.#maxChannels = maxChannels;
  }

  /**
   * The association is gone; all channels are closed.
   *
   * @param error if it failed.
   * @param lost what streams end with if it did not end in order.
   */
  disconnected(error?: RTCError, lost: Error | undefined = error): void {
    this.#isConnected = false;
    for (const channel of [...this.#channels]) {
      this.#forget(channel);
      channel.announceClosed(error, lost);
    }
  }

  /** The transport is given up, before or after it was connected; another may come. */
  detach(): void {
    this.#isConnected = false;
    this.#parity = undefined;
    this.#maxChannels = undefined;
    this.#nextId = 0;
  }

  /** The connection is closed: "closed abruptly". */
  closeSilently(): void {
    this.#isConnected = false;
    const lost = exception('OperationError', 'The connection was closed.');
    for (const channel of this.#channels) channel.closeSilently(lost);
    this.#channels.clear();
    this.#byStream.clear();
  }

  // ── From SCTP ────────────────────────────────────────────────────────────────────────────────────

  handleMessage({ streamId, ppid, data }: Extract<SctpEvent, { type: 'message' }>): void {
    if (ppid === DATA_CHANNEL_PPID.dcep) {
      this.#handleDcep(streamId, data);
      return;
    }
    const channel = this.#byStream.get(streamId);
    if (channel === undefined) {
      this.counters.droppedUnknownStream++;
      return;
    }
    // RFC 8832 §6: data from the peer shows as well as an acknowledgement that it knows the channel.
    channel.isAwaitingAcknowledgement = false;
    switch (ppid) {
      case DATA_CHANNEL_PPID.string:
        this.#deliver(channel, decodeUtf8(data), data.length);
        break;
      case DATA_CHANNEL_PPID.binary:
        this.#deliver(channel, data.buffer, data.length);
        break;
      case DATA_CHANNEL_PPID.stringEmpty:
        this.#deliver(channel, '', 0);
        break;
      case DATA_CHANNEL_PPID.binaryEmpty:
        this.#deliver(channel, new ArrayBuffer(0), 0);
        break;
      default:
        this.counters.droppedMalformed++;
    }
  }

  handleBufferedAmount(streamId: number): void {
    const channel = this.#byStream.get(streamId);
    if (channel === undefined) return;
    const { tasks } = this.#options;
    if (tasks.isReady) channel.updateBufferedAmount();
    else tasks.queue(() => channel.updateBufferedAmount());
  }

  /** The peer has reset streams: it closes its side of their channels (RFC 8831 §6.7). */
  handleIncomingReset(streamIds: readonly number[]): void {
    for (const channel of this.#channelsOf(streamIds)) {
      channel.isIncomingReset = true;
      this.#options.tasks.run(() => {
        channel.beginRemoteClose();
        this.#finishClose(channel);
      });
    }
  }

  /** The peer has agreed that we reset streams. */
  handleOutgoingReset(streamIds: readonly number[]): void {
    for (const channel of this.#channelsOf(streamIds)) {
      this.#options.tasks.run(() => {
        channel.handleOutgoingReset();
        this.#finishClose(channel);
      });
    }
  }

  /** The peer refused to: the channel is closed all the same. */
  handleResetFailed(streamIds: readonly number[]): void {
    for (const channel of this.#channelsOf(streamIds)) {
      this.#options.tasks.run(() => this.#announceClosed(channel));
    }
  }

  // ── ChannelHost ──────────────────────────────────────────────────────────────────────────────────

  changeUnread(delta: number): void {
    this.#unreadBytes += delta;
    const association = this.#options.association();
    if (association === undefined) return;
    association.setUnreadBytes(this.#unreadBytes, this.#options.now());
    // The window may have opened so far that the peer is to be told.
    if (delta < 0) this.#options.onOutgoing();
  }

  transmit(channel: Channel, ppid: number, data: Uint8Array): void {
    const { ordered, maxRetransmits, maxPacketLifeTime } = channel.parameters;
    try {
      this.#send({
        streamId: channel.id as number,
        ppid,
        data,
        unordered: !ordered && !channel.isAwaitingAcknowledgement,
        ...(maxRetransmits === null ? {} : { maxRetransmits }),
        ...(maxPacketLifeTime === null ? {} : { lifetimeMs: maxPacketLifeTime }),
      });
    } catch (error) {
      if (!(error instanceof SctpError)) throw error;
      throw exception('OperationError', error.message);
    }
  }

  pendingBytes(channel: Channel): number {
    if (channel.id === null) return 0;
    return this.#options.association()?.bufferedAmount(channel.id) ?? 0;
  }

  discard(channel: Channel): void {
    if (channel.id === null) return;
    this.#options.association()?.discard(channel.id, this.#options.now());
    this.#options.onOutgoing();
  }

  close(channel: Channel): void {
    if (channel.hasWaiting) return; // It calls again when all is given to SCTP.
    const association = this.#options.association();
    if (!this.#isConnected || association === undefined || channel.id === null) {
      this.#options.tasks.queue(() => this.#announceClosed(channel));
      return;
    }
    if (channel.hasAskedForReset) return;
    channel.hasAskedForReset = true;
    try {
      association.resetStreams([channel.id], this.#options.now());
      this.#options.onOutgoing();
    } catch (error) {
      if (!(error instanceof SctpError)) throw error;
      // A peer without RFC 6525: nobody else will say that it is over.
      this.#options.tasks.queue(() => this.#announceClosed(channel));
    }
  }

  queueTask(task: () => void): void {
    this.#options.tasks.queue(task);
  }

  // ── Opening ──────────────────────────────────────────────────────────────────────────────────────

  #open(channel: Channel): void {
    if (channel.readyState !== 'connecting') return;
    const refusal = this.#sendOpen(channel);
    if (refusal !== undefined) {
      this.#failCreation(channel, refusal.message);
      return;
    }
    this.counters.opened++;
    channel.announceOpen();
  }

  /** @returns a refusal, as of a peer that takes smaller messages only, or has the stream reset. */
  #sendOpen(channel: Channel): SctpError | undefined {
    if (channel.readyState !== 'connecting' || channel.hasSentOpen) return undefined;
    this.#setPriority(channel);
    if (channel.parameters.negotiated) return undefined;
    const open = encodeDataChannelOpen(openOf(channel.parameters));
    const refusal = this.#sendControl(channel.id as number, open);
    if (refusal !== undefined) return refusal;
    channel.hasSentOpen = true;
    channel.isAwaitingAcknowledgement = true;
    return undefined;
  }

  /** Its share of what is sent (RFC 8831 §6.4). */
  #setPriority(channel: Channel): void {
    const priority = priorityNumber(channel.parameters.priority);
    this.#options.association()?.setStreamPriority(channel.id as number, priority);
  }

  #handleDcep(streamId: number, data: Uint8Array): void {
    if (isDataChannelAck(data)) {
      const channel = this.#byStream.get(streamId);
      if (channel !== undefined) channel.isAwaitingAcknowledgement = false;
      return;
    }
    const open = decodeDataChannelOpen(data);
    if (open === undefined) {
      this.counters.droppedMalformed++;
      return;
    }
    // A stream that cannot be answered on is refused too: one beyond ours, or being reset.
    if (
      !this.#mayOpen(streamId, nameLength(open)) ||
      this.#sendControl(streamId, encodeDataChannelAck()) !== undefined
    ) {
      this.counters.refused++;
      this.#refuse(streamId);
      return;
    }
    const channel = new Channel(this, parametersOf(open), streamId, true, this.#nextNumber++);
    this.#remoteChannels++;
    this.#remoteNameLength += nameLength(open);
    this.#add(channel);
    this.#setPriority(channel);
    this.counters.opened++;
    this.#options.tasks.run(() => {
      if (channel.readyState !== 'connecting') return;
      channel.readyState = 'open';
      this.#options.onChannel(channel);
      channel.announceOpen();
    });
  }

  /** RFC 8832 §6: the right parity, and not in use; and no more than we are willing to hold. */
  #mayOpen(streamId: number, length: number): boolean {
    return (
      streamId <= MAX_STREAM_ID &&
      this.#remoteNameLength + length <= MAX_REMOTE_NAME_LENGTH &&
      (streamId & 1) !== this.#parity &&
      !this.#byStream.has(streamId) &&
      this.#remoteChannels < this.#options.maxRemoteChannels
    );
  }

  /** RFC 8832 §6: what cannot be opened is closed. A channel that has the stream already goes with it. */
  #refuse(streamId: number): void {
    const channel = this.#byStream.get(streamId);
    if (channel !== undefined) {
      channel.close();
      return;
    }
    try {
      this.#options.association()?.resetStreams([streamId], this.#options.now());
      this.#options.onOutgoing();
    } catch (error) {
      // The stream is one that we have not, or resets are not to be had: it stays unused.
      if (!(error instanceof SctpError)) throw error;
    }
  }

  #failCreation(channel: Channel, reason: string): void {
    this.#forget(channel);
    this.#options.tasks.queue(() => {
      channel.announceClosed(new RTCError({ errorDetail: 'data-channel-failure' }, reason));
    });
  }

  // ── Closing ──────────────────────────────────────────────────────────────────────────────────────

  #finishClose(channel: Channel): void {
    if (channel.isIncomingReset && channel.isOutgoingReset) this.#announceClosed(channel);
  }

  #announceClosed(channel: Channel): void {
    if (!this.#channels.has(channel)) return;
    this.#forget(channel);
    channel.announceClosed();
  }

  // ── Within ───────────────────────────────────────────────────────────────────────────────────────

  #add(channel: Channel): void {
    this.#channels.add(channel);
    if (channel.id !== null) this.#byStream.set(channel.id, channel);
  }

  #forget(channel: Channel): void {
    if (!this.#channels.delete(channel)) return;
    if (channel.id !== null) {
      this.#byStream.delete(channel.id);
      this.#options.association()?.setStreamPriority(channel.id, priorityNumber('low'));
    }
    if (channel.isRemote) {
      this.#remoteChannels--;
      this.#remoteNameLength -= nameLength(channel.parameters);
    }
    this.counters.closed++;
  }

  #channelsOf(streamIds: readonly number[]): Channel[] {
    // RFC 6525 §4.1: a request that names no streams is for all.
    if (streamIds.length === 0) return [...this.#byStream.values()];
    return streamIds.map((id) => this.#byStream.get(id)).filter((channel) => channel !== undefined);
  }

  /** The next free identifier of our parity; undefined if there is none. */
  #allocateId(): number | undefined {
    const parity = this.#parity ?? 0;
    const end = Math.min(this.#maxChannels ?? MAX_STREAM_ID + 1, MAX_STREAM_ID + 1);
    for (let turn = 0; turn < 2; turn++) {
      for (let id = Math.max(this.#nextId, parity); id < end; id += 2) {
        if (this.#byStream.has(id)) continue;
        this.#nextId = id + 2;
        return id;
      }
      this.#nextId = parity;
    }
    return undefined;
  }

  #deliver(channel: Channel, data: string | ArrayBuffer, byteLength: number): void {
    const { tasks } = this.#options;
    if (!tasks.isReady) {
      tasks.queue(() => channel.receive(data, byteLength));
    } else if (channel.receive(data, byteLength)) {
      // A task for each message (webrtc-pc §6.2): who awaits one sets the handler of the next in between.
      tasks.leave();
    }
  }

  /**
   * DCEP goes reliably and in order (RFC 8832 §4).
   *
   * @returns why the association refuses it. That is no exception, because the peer can bring it about: it
   * chooses streams and the largest message, has streams reset, and shuts down.
   */
  #sendControl(streamId: number, data: Uint8Array): SctpError | undefined {
    try {
      this.#send({ streamId, ppid: DATA_CHANNEL_PPID.dcep, data, unordered: false });
      return undefined;
    } catch (error) {
      if (!(error instanceof SctpError)) throw error;
      return error;
    }
  }

  /** @throws SctpError if there is no association, or it refuses the message. */
  #send(message: Parameters<SctpAssociation['send']>[0]): void {
    const association = this.#options.association();
    if (association === undefined) {
      throw new SctpError('SCTP_INVALID_STATE', 'There is no association.');
    }
    association.send(message, this.#options.now());
    this.#options.onOutgoing();
  }
}

function nameLength({ label, protocol }: { label: string; protocol: string }): number {
  return label.length + protocol.length;
}

function openOf(parameters: ChannelParameters): DataChannelOpen {
  const { label, protocol, ordered, maxRetransmits, maxPacketLifeTime } = parameters;
  return {
    type: 'data-channel-open',
    label,
    protocol,
    isUnordered: !ordered,
    priority: priorityNumber(parameters.priority),
    ...(maxRetransmits === null ? {} : { maxRetransmits }),
    ...(maxPacketLifeTime === null ? {} : { maxPacketLifeTimeMs: maxPacketLifeTime }),
  };
}

function parametersOf(open: DataChannelOpen): ChannelParameters {
  const { label, protocol, isUnordered, maxRetransmits, maxPacketLifeTimeMs, priority } = open;
  return {
    label,
    protocol,
    ordered: !isUnordered,
    // The wire has 32 bits for what scripts see in 16.
    maxPacketLifeTime:
      maxPacketLifeTimeMs === undefined ? null : Math.min(maxPacketLifeTimeMs, 65535),
    maxRetransmits: maxRetransmits === undefined ? null : Math.min(maxRetransmits, 65535),
    negotiated: false,
    priority: priorityWord(priority),
  };
}
