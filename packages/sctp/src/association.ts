// The SCTP association: a machine that turns datagrams into messages and messages into datagrams (RFC 9260, RFC 8261, https://www.rfc-editor.org/rfc/rfc9260).
import { readUint16 } from '@kaon/wire';
import { AssociationContext } from './association-context.ts';
import { ERROR_CAUSE, textCause } from './causes/error-cause.ts';
import { ChunkDispatcher } from './chunk-dispatcher.ts';
import { CHUNK_HEADER_LENGTH, paddedLength } from './chunks/chunk-header.ts';
import { CHUNK_TYPE } from './chunks/chunk-type.ts';
import { encodeHeartbeat, heartbeatLength } from './chunks/heartbeat.ts';
import type { SctpCounters } from './counters.ts';
import { DATA_CHANNEL_PPID } from './dcep.ts';
import { SctpError } from './errors.ts';
import type { SctpEvent } from './events.ts';
import { connect, establishBySignaling, handleT1 } from './handshake.ts';
import type { SctpOptions } from './options.ts';
import {
  COMMON_HEADER_LENGTH,
  destinationPort,
  hasValidChecksum,
  hasZeroChecksum,
  sourcePort,
} from './packet.ts';
import { PacketBuilder } from './packet-builder.ts';
import { advanceShutdown, handleT2, shutdown } from './shutdown.ts';
import type { AssociationStateName } from './state.ts';
import type { SctpStats } from './stats.ts';
import { MAX_STREAMS } from './stream-counts.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';
import { createOutgoingMessage, type OutgoingMessage } from './tx/outgoing-message.ts';

/** A message to be sent. */
export interface OutboundMessage {
  readonly streamId: number;
  readonly ppid: number;
  /** One byte at least. It belongs to the association from now on and must not be written to. */
  readonly data: Uint8Array;
  /** Delivered as soon as it is there, whatever came before; false by default. */
  readonly unordered?: boolean;
  /** Given up after that many retransmissions of one of its fragments. */
  readonly maxRetransmits?: number;
  /** Given up when so much time has passed since it was accepted. */
  readonly lifetimeMs?: number;
}

/** Streams to be added, in each direction; none by default. */
export interface AddedStreams {
  readonly outgoing?: number;
  readonly incoming?: number;
}

/**
 * One end of an association.
 *
 * A machine without clock or sockets: hand in datagrams and the time, drain `pollDatagram`, then
 * `pollEvent`, and come back at `nextTimeout`. Datagrams are written when they are polled, so a caller that
 * hands in all datagrams it has before it drains gets few, full packets and one acknowledgement.
 *
 * @example
 * ```ts
 * const association = new SctpAssociation({ random: defaultCrypto.random, crypto: defaultCrypto });
 * association.connect(now);
 * association.send({ streamId: 0, ppid: DATA_CHANNEL_PPID.binary, data }, now);
 * for (let d = association.pollDatagram(); d; d = association.pollDatagram()) dtls.send(d, now);
 * ```
 */
export class SctpAssociation {
  readonly #context: AssociationContext;
  readonly #dispatcher: ChunkDispatcher;
  readonly #builder: PacketBuilder;
  readonly #hasSignaledInit: boolean;
  #unreadBytes = 0;
  #remoteMaxMessageBytes: number;

  /** @throws RangeError if an option is out of its range. */
  constructor(options: SctpOptions) {
    this.#context = new AssociationContext(options);
    this.#dispatcher = new ChunkDispatcher(this.#context);
    this.#builder = new PacketBuilder(this.#context);
    this.#remoteMaxMessageBytes = this.#context.settings.remoteMaxMessageBytes;
    this.#hasSignaledInit = options.signaledInit !== undefined;
  }

  /** Where the association stands (RFC 9260 §4); `closed` and `failed` are final. */
  get state(): AssociationStateName {
    return this.#context.state.name;
  }

  /** Why it failed; undefined if it has not. */
  get error(): SctpError | undefined {
    const { state } = this.#context;
    return state.name === 'failed' ? state.error : undefined;
  }

  /** Totals of what was sent, received and dropped. */
  get counters(): Readonly<SctpCounters> {
    return this.#context.counters;
  }

  /** The largest message that {@link send} takes; SDP may say so late (`max-message-size`). */
  get remoteMaxMessageBytes(): number {
    return this.#remoteMaxMessageBytes;
  }

  set remoteMaxMessageBytes(bytes: number) {
    this.#remoteMaxMessageBytes = bytes;
  }

  /** Bytes accepted on all streams and not yet sent for the first time. */
  get totalBufferedAmount(): number {
    return this.#context.queue.bufferedBytes;
  }

  /** Bytes accepted on one stream and not yet sent for the first time. */
  bufferedAmount(streamId: number): number {
    return this.#context.queue.find(streamId)?.bufferedBytes ?? 0;
  }

  /** Streams that may be sent on; our wish until the peer's is known. */
  get outboundStreams(): number {
    return this.#context.tcb?.streams.outbound ?? this.#context.settings.outboundStreams;
  }

  /** What can be measured now. */
  get stats(): SctpStats {
    const { counters, heldBytes, tcb } = this.#context;
    return {
      state: this.state,
      counters: { ...counters },
      interleaving: tcb?.capabilities.interleaving ?? false,
      zeroChecksum: tcb?.capabilities.zeroChecksum ?? false,
      partialReliability: tcb?.capabilities.partialReliability ?? false,
      srttMs: tcb?.rto.srttMs,
      latestRttMs: tcb?.rto.latestRttMs,
      minRttMs: tcb?.rto.latestRttMs === undefined ? undefined : tcb.rto.minRttMs,
      rttVarMs: tcb?.rto.latestRttMs === undefined ? undefined : tcb.rto.rttVarMs,
      rtoMs: tcb?.rto.rtoMs,
      congestionControl: tcb?.sender.congestionControl,
      packetBytes: this.#context.pathMtu.packetBytes,
      cwnd: tcb?.sender.cwnd ?? 0,
      ssthresh: tcb?.sender.ssthresh ?? 0,
      pacingRateBps: tcb?.sender.pacingRateBps ?? Number.POSITIVE_INFINITY,
      deliveryRateBps: tcb?.sender.deliveryRateBps ?? 0,
      flightBytes: tcb?.sender.flightBytes ?? 0,
      outstandingChunks: tcb?.sender.outstandingChunks ?? 0,
      peerWindow: tcb?.sender.peerWindow ?? 0,
      localWindow: tcb?.receiver.window ?? 0,
      receiveBufferedBytes: tcb?.receiver.bufferedBytes ?? heldBytes,
      sendBufferedBytes: this.totalBufferedAmount,
    };
  }

  /**
   * Begins the handshake. Both sides may do so at once (RFC 9260 §5.2.1); the side that does not answers.
   * Does nothing if the peer was first.
   *
   * @throws SctpError `SCTP_INVALID_STATE` if the association has ended.
   */
  connect(now: number): void {
    const { state } = this.#context;
    if (state.name === 'closed' || state.name === 'failed') throw this.#ended();
    this.#begin(now);
    if (state.name === 'new') connect(this.#context, state.init, now);
  }

  /**
   * Makes the association at once, of our own `signaledInit` and the peer's INIT, both of which signalling has
   * exchanged (draft-hancke-tsvwg-snap). If it returns false, {@link connect} is left.
   *
   * @returns whether the peer's INIT allows it; never if we have none, or the association has begun.
   */
  connectBySignaling(remoteInit: Uint8Array, now: number): boolean {
    const context = this.#context;
    const { state } = context;
    this.#begin(now);
    if (!this.#hasSignaledInit || state.name !== 'new') return false;
    return establishBySignaling(context, state.init, remoteInit, now);
  }

  /**
   * Accepts a message, also before the association is there.
   *
   * @throws SctpError `SCTP_INVALID_STATE` if the association ends or has ended, `SCTP_INVALID_STREAM` if
   * there is no such stream or it is being reset, `SCTP_EMPTY_MESSAGE`, `SCTP_MESSAGE_TOO_LARGE`, or
   * `SCTP_SEND_BUFFER_FULL`.
   */
  send(message: OutboundMessage, now: number): void {
    const { counters, queue, settings } = this.#context;
    const { streamId, ppid, data } = message;
    this.#checkMessage(streamId, data);
    const stream = queue.stream(streamId);
    if (stream.resetProgress !== 'none') {
      throw new SctpError('SCTP_INVALID_STREAM', `Stream ${streamId} is being reset.`);
    }
    if (queue.bufferedBytes + data.length > settings.sendBufferBytes) {
      const text = `The send buffer has ${queue.bufferedBytes} of ${settings.sendBufferBytes} bytes; ${data.length} more do not fit.`;
      throw new SctpError('SCTP_SEND_BUFFER_FULL', text);
    }
    this.#begin(now);
    counters.messagesSent++;
    counters.messageBytesSent += data.length;
    queue.push(
      createOutgoingMessage(
        stream,
        counters.messagesSent,
        ppid,
        data,
        message.unordered,
        message.maxRetransmits,
        now + (message.lifetimeMs ?? Number.POSITIVE_INFINITY),
      ),
    );
  }

  /**
   * Gives up the messages of a stream that have not arrived, so that a reset need not wait for them: those
   * that are unsent, and those that were sent if the peer supports partial reliability (RFC 3758). Messages
   * of the data channel establishment protocol stay, because they are always reliable (RFC 8832 §4).
   */
  discard(streamId: number, now: number): void {
    const { queue, tcb } = this.#context;
    const stream = queue.find(streamId);
    if (stream === undefined) return;
    this.#begin(now);
    if (tcb === undefined) queue.dropUnsent(stream, isDcep);
    else tcb.sender.discard(stream, isDcep, now);
  }

  /**
   * Sets the priority of an outgoing stream: the weight of its share, or its rank, by the scheduler (RFC 8260
   * §3). It stays when the stream is reset.
   *
   * @param priority from 1 to 65535; 256 by default. Data channels have 128, 256, 512 or 1024 (RFC 8831 §6.4).
   * @throws RangeError if it is none.
   */
  setStreamPriority(streamId: number, priority: number): void {
    if (!(Number.isInteger(priority) && priority >= 1 && priority <= 65535)) {
      throw new RangeError(`priority must be an integer from 1 to 65535, but is ${priority}.`);
    }
    this.#context.queue.setPriority(streamId, priority);
  }

  /**
   * Resets outgoing streams (RFC 6525) when all sent on them has been acknowledged. Until the event
   * `streams-reset-done` or `streams-reset-failed` nothing can be sent on them.
   *
   * @throws SctpError `SCTP_INVALID_STATE` if there is no association, `SCTP_RESET_NOT_SUPPORTED` if the
   * peer does not speak RE-CONFIG, `SCTP_INVALID_STREAM` if there is no such stream.
   */
  resetStreams(streamIds: readonly number[], now: number): void {
    const { reconfiguration } = this.#reconfigurable();
    for (const id of streamIds) this.#checkStream(id);
    this.#begin(now);
    reconfiguration.resetOutgoing(streamIds);
  }

  /**
   * Asks the peer to reset streams that it sends on, or all if none is named (RFC 6525 §5.1.3). If it agrees, the
   * event `streams-reset` tells when it has done so, otherwise `incoming-reset-failed`.
   *
   * @throws SctpError as {@link resetStreams}.
   */
  resetIncomingStreams(streamIds: readonly number[], now: number): void {
    const { reconfiguration, streams } = this.#reconfigurable();
    for (const id of streamIds) checkStreamId(id, streams.inbound);
    this.#begin(now);
    reconfiguration.resetIncoming(streamIds);
  }

  /**
   * Starts all streams and TSNs of both directions anew (RFC 6525 §5.1.4), when all that was sent has been
   * acknowledged; no message is begun meanwhile. The event is `association-reset`, also at the peer, or
   * `association-reset-failed`: if both sides ask at once, both fail.
   *
   * @throws SctpError `SCTP_INVALID_STATE` if there is no association, `SCTP_RESET_NOT_SUPPORTED` if the
   * peer does not speak RE-CONFIG.
   */
  resetAssociation(now: number): void {
    const { reconfiguration } = this.#reconfigurable();
    this.#begin(now);
    reconfiguration.restart();
  }

  /**
   * Adds streams (RFC 6525 §5.1.5, §5.1.6): `outgoing` to send on, `incoming` that the peer is to send on. The
   * event is `streams-added` for each direction, or `streams-refused`. Without this call the peer may add as many
   * as the option `inboundStreams` allows, and ask us to add as many as there can be.
   *
   * @throws RangeError if a number is no integer, negative, or would make more than 65535 streams.
   * @throws SctpError `SCTP_INVALID_STATE` if there is no association, `SCTP_RESET_NOT_SUPPORTED` if the
   * peer does not speak RE-CONFIG.
   */
  addStreams({ outgoing = 0, incoming = 0 }: AddedStreams, now: number): void {
    const { reconfiguration, streams } = this.#reconfigurable();
    const toCome = reconfiguration.streamsToCome;
    checkAdded('outgoing', outgoing, streams.outbound + toCome.outgoing);
    checkAdded('incoming', incoming, streams.inbound + toCome.incoming);
    this.#begin(now);
    const wanted = streams.inbound + toCome.incoming + incoming;
    if (incoming > 0) streams.inboundLimit = Math.max(streams.inboundLimit, wanted);
    reconfiguration.addStreams(outgoing, incoming);
  }

  /**
   * The layer above still holds `bytes` of messages that it took by {@link pollEvent}. They count against
   * the receive window until it says that they are fewer: back pressure from a slow reader to the sender.
   */
  setUnreadBytes(bytes: number, now: number): void {
    this.#begin(now);
    this.#context.changeHeld(bytes - this.#unreadBytes);
    this.#unreadBytes = bytes;
  }

  /**
   * Says which packets may be worth a try on the path as it is now (RFC 8899): the base size,
   * `maxPacketBytes`, is in use until a larger one has been shown to arrive. To be called again when the
   * path changes. Packets above the base size are sent only with data, and never for SACKs alone, so that a
   * size that no longer passes is noticed by T3-rtx.
   *
   * @param packetBytes sizes of SCTP packets, in any order; each a multiple of four from 256 to 65532.
   * @throws RangeError if one is not.
   */
  searchPathMtu(packetBytes: readonly number[], now: number): void {
    for (const bytes of packetBytes) {
      if (!(bytes >= 256 && bytes <= 65532 && bytes % 4 === 0)) {
        throw new RangeError(
          `packetBytes must hold multiples of 4 from 256 to 65532, but holds ${bytes}.`,
        );
      }
    }
    this.#begin(now);
    this.#context.pathMtu.begin(packetBytes);
    this.#context.tcb?.sender.handlePathMtu();
  }

  /** Ends the association when all that was accepted has been delivered (RFC 9260 §9.2). */
  shutdown(now: number): void {
    this.#begin(now);
    shutdown(this.#context);
    advanceShutdown(this.#context, now);
  }

  /** Ends the association at once and tells the peer `reason` (RFC 9260 §9.1). */
  abort(now: number, reason = ''): void {
    const context = this.#context;
    if (this.state === 'closed' || this.state === 'failed') return;
    this.#begin(now);
    const { tcb } = context;
    context.packets.clear();
    if (tcb !== undefined) {
      const cause = textCause(ERROR_CAUSE.userInitiatedAbort, reason);
      context.queueAbort(tcb.peerTag, false, [cause]);
    }
    context.close();
  }

  /** Takes a datagram; its memory is the caller's again afterwards. */
  handleDatagram(datagram: Uint8Array, now: number): void {
    const context = this.#context;
    const { counters, settings } = context;
    this.#begin(now);
    counters.packetsReceived++;
    counters.bytesReceived += datagram.length;
    context.onTrace?.({ type: 'packet-received', now, packet: datagram });
    if (
      datagram.length < COMMON_HEADER_LENGTH + CHUNK_HEADER_LENGTH ||
      destinationPort(datagram) !== settings.localPort ||
      sourcePort(datagram) !== settings.remotePort
    ) {
      counters.droppedMalformedPackets++;
      return;
    }
    // RFC 9260 §6.8, RFC 9653 §5.3
    if (context.offersZeroChecksum && hasZeroChecksum(datagram)) {
      counters.packetsWithoutChecksum++;
    } else if (!hasValidChecksum(datagram, context.crypto)) {
      counters.droppedChecksum++;
      return;
    }
    if (!this.#dispatcher.accepts(datagram)) return;
    this.#handleChunks(datagram, now);
    const { tcb } = context;
    if (tcb !== undefined) {
      tcb.receiver.handlePacketEnd(now);
      tcb.reconfiguration.handleProgress();
      advanceShutdown(context, now);
    }
  }

  /** The time has come that {@link nextTimeout} gave. */
  handleTimeout(now: number): void {
    const context = this.#context;
    this.#begin(now);
    handleT1(context, now);
    handleT2(context, now);
    const { tcb } = context;
    if (tcb === undefined || this.state === 'cookie-echoed') return;
    tcb.receiver.handleTimeout(now);
    context.pathMtu.handleTimeout(now);
    const unreachable = (): SctpError =>
      new SctpError(
        'SCTP_PEER_UNREACHABLE',
        `No answer to ${tcb.errorCount} transmissions in a row.`,
      );
    if (tcb.sender.handleTimeout(now)) context.countError(tcb, unreachable);
    if (context.tcb !== undefined && tcb.reconfiguration.handleTimeout(now)) {
      context.countError(tcb, unreachable);
    }
    if (context.tcb !== undefined) this.#handleHeartbeat(tcb, now, unreachable);
    advanceShutdown(context, now);
  }

  /** The next datagram to send, which is the caller's from now on; undefined if there is none. */
  pollDatagram(): Uint8Array | undefined {
    const packet = this.#builder.next();
    if (packet !== undefined) {
      const { now, onTrace } = this.#context;
      onTrace?.({ type: 'packet-sent', now, packet });
    }
    return packet;
  }

  /** The next event; undefined if there is none. */
  pollEvent(): SctpEvent | undefined {
    const context = this.#context;
    const fallen = context.queue.takeFallen();
    // The end is told last.
    if (fallen !== undefined) return { type: 'buffered-amount', streamId: fallen.id };
    const event = context.events.shift();
    if (event !== undefined && event.type === 'message') context.changeHeld(-event.data.length);
    return event;
  }

  /** When {@link handleTimeout} is to be called, on the caller's clock; Infinity if never. */
  get nextTimeout(): number {
    const { state } = this.#context;
    switch (state.name) {
      case 'new':
      case 'closed':
      case 'failed':
        return Number.POSITIVE_INFINITY;
      case 'cookie-wait':
      case 'cookie-echoed':
        return state.t1.deadline;
      case 'shutdown-sent':
      case 'shutdown-ack-sent':
        return Math.min(state.t2.deadline, this.#deadlineOf(state.tcb));
      default:
        return this.#deadlineOf(state.tcb);
    }
  }

  #begin(now: number): void {
    const context = this.#context;
    context.now = now;
    context.tcb?.sender.handleInput(now);
  }

  #handleChunks(packet: Uint8Array, now: number): void {
    const { counters } = this.#context;
    const { length } = packet;
    let at = COMMON_HEADER_LENGTH;
    while (at < length) {
      const chunkLength = length - at < CHUNK_HEADER_LENGTH ? 0 : readUint16(packet, at + 2);
      const end = at + chunkLength;
      if (chunkLength < CHUNK_HEADER_LENGTH || end > length) {
        counters.droppedMalformedChunks++;
        return;
      }
      const goesOn =
        packet[at] === CHUNK_TYPE.data || packet[at] === CHUNK_TYPE.iData
          ? this.#dispatcher.handleData(packet, at, end, now)
          : this.#dispatcher.handleChunk(packet, at, end, now);
      if (!goesOn) return;
      at += paddedLength(chunkLength);
    }
  }

  #handleHeartbeat(tcb: TransmissionControlBlock, now: number, unreachable: () => SctpError): void {
    const { heartbeat, rto, sender } = tcb;
    const context = this.#context;
    if (heartbeat.isLost(now)) {
      rto.backOff();
      context.countError(tcb, unreachable);
    }
    if (!heartbeat.isDue(now) || context.tcb === undefined) return;
    heartbeat.restart(now, rto.rtoMs);
    // RFC 9260 §8.3: only on an idle path; data in flight tells as much.
    if (!sender.isAllAcknowledged) return;
    const info = heartbeat.begin(now, rto.rtoMs);
    const chunk = { type: 'heartbeat' as const, info };
    context.counters.heartbeatsSent++;
    context.queueChunk(heartbeatLength(chunk), (out, offset) =>
      encodeHeartbeat(chunk, out, offset),
    );
  }

  #checkMessage(streamId: number, data: Uint8Array): void {
    const { state } = this.#context;
    switch (state.name) {
      case 'new':
      case 'cookie-wait':
      case 'cookie-echoed':
      case 'established':
        break;
      case 'closed':
      case 'failed':
        throw this.#ended();
      default:
        throw new SctpError('SCTP_INVALID_STATE', 'The association is shutting down.');
    }
    this.#checkStream(streamId);
    if (data.length === 0) {
      throw new SctpError('SCTP_EMPTY_MESSAGE', 'SCTP has no empty messages (RFC 9260 §3.3.1).');
    }
    if (data.length > this.#remoteMaxMessageBytes) {
      const text = `The message has ${data.length} bytes; the peer takes ${this.#remoteMaxMessageBytes}.`;
      throw new SctpError('SCTP_MESSAGE_TOO_LARGE', text);
    }
  }

  #checkStream(streamId: number): void {
    checkStreamId(streamId, this.outboundStreams);
  }

  #reconfigurable(): TransmissionControlBlock {
    const { tcb } = this.#context;
    if (tcb === undefined || this.state === 'cookie-echoed') {
      throw new SctpError(
        'SCTP_INVALID_STATE',
        `Streams cannot be changed in state ${this.state}.`,
      );
    }
    if (!tcb.capabilities.reconfiguration) {
      throw new SctpError('SCTP_RESET_NOT_SUPPORTED', 'The peer does not support stream resets.');
    }
    return tcb;
  }

  #deadlineOf({ sender, receiver, reconfiguration, heartbeat }: TransmissionControlBlock): number {
    // Polling messages may have opened the window so far that the peer is to be told.
    if (receiver.isSackDue) return this.#context.now;
    return Math.min(
      sender.deadline,
      receiver.deadline,
      reconfiguration.deadline,
      heartbeat.deadline,
      this.#context.pathMtu.deadline,
    );
  }

  #ended(): SctpError {
    return new SctpError('SCTP_INVALID_STATE', `The association is ${this.state}.`);
  }
}

function isDcep({ ppid }: OutgoingMessage): boolean {
  return ppid === DATA_CHANNEL_PPID.dcep;
}

function checkStreamId(streamId: number, count: number): void {
  if (Number.isInteger(streamId) && streamId >= 0 && streamId < count) return;
  const text = `There is no stream ${streamId}; ids are less than ${count}.`;
  throw new SctpError('SCTP_INVALID_STREAM', text);
}

function checkAdded(name: string, added: number, before: number): void {
  if (Number.isInteger(added) && added >= 0 && before + added <= MAX_STREAMS) return;
  throw new RangeError(
    `${name} is ${added}, expected an integer from 0 to ${MAX_STREAMS - before}: there are ${before} streams, and ${MAX_STREAMS} at most.`,
  );
}
