// Which packets belong to the association, and who acts on their chunks (RFC 9260 §8.4 and §8.5, https://www.rfc-editor.org/rfc/rfc9260#section-8.5).
import { readUint16, readUint32 } from '@kaon/wire';
import type { AssociationContext } from './association-context.ts';
import {
  describeCause,
  ERROR_CAUSE,
  type ErrorCause,
  invalidStreamIdentifier,
  noUserData,
  textCause,
  unrecognizedChunkType,
} from './causes/error-cause.ts';
import { CHUNK_HEADER_LENGTH, paddedLength } from './chunks/chunk-header.ts';
import { CHUNK_TYPE, unknownChunkRule } from './chunks/chunk-type.ts';
import { decodeCookieEcho } from './chunks/cookie-echo.ts';
import { DATA_HEADER_LENGTH } from './chunks/data.ts';
import { decodeError, REFLECTED_TAG_FLAG } from './chunks/error.ts';
import { decodeForwardTsn } from './chunks/forward-tsn.ts';
import { decodeHeartbeat, encodeHeartbeat, heartbeatLength } from './chunks/heartbeat.ts';
import { decodeIForwardTsn } from './chunks/i-forward-tsn.ts';
import { decodeInit } from './chunks/init.ts';
import { decodeReConfig } from './chunks/re-config.ts';
import { decodeSack, type GapAckBlock } from './chunks/sack.ts';
import { decodeShutdown } from './chunks/shutdown.ts';
import { SctpError } from './errors.ts';
import {
  handleCookieAck,
  handleCookieEcho,
  handleInit,
  handleInitAck,
  handleStaleCookie,
} from './handshake.ts';
import { COMMON_HEADER_LENGTH, verificationTag } from './packet.ts';
import type { DataOutcome } from './rx/receiver.ts';
import {
  handleDataAfterShutdown,
  handleShutdown,
  handleShutdownAck,
  handleShutdownComplete,
} from './shutdown.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/** As much of an unknown chunk is sent back. */
const MAX_REPORTED_BYTES = 64;

/** Judges packets by their verification tag, and hands out chunks. */
export class ChunkDispatcher {
  readonly #context: AssociationContext;

  constructor(context: AssociationContext) {
    this.#context = context;
  }

  /**
   * Whether the chunks of a packet are to be looked at (§8.5). It has a common header and one chunk header
   * at least. One that comes out of the blue is answered here (§8.4).
   */
  accepts(packet: Uint8Array): boolean {
    const { counters, localTag, tcb } = this.#context;
    const tag = verificationTag(packet);
    const type = packet[COMMON_HEADER_LENGTH] as number;
    const isReflected = ((packet[COMMON_HEADER_LENGTH + 1] as number) & REFLECTED_TAG_FLAG) !== 0;
    let isRight: boolean;
    switch (type) {
      case CHUNK_TYPE.init:
        // §8.5.1 A
        isRight = tag === 0;
        break;
      case CHUNK_TYPE.cookieEcho:
        // §8.5.1 D: compared with the cookie's.
        return true;
      case CHUNK_TYPE.abort:
      case CHUNK_TYPE.shutdownComplete:
        // §8.5.1 B, C
        if (localTag === undefined) return this.#discardOutOfTheBlue();
        isRight = isReflected ? tcb !== undefined && tag === tcb.peerTag : tag === localTag;
        break;
      case CHUNK_TYPE.shutdownAck:
        // §8.5.1 E
        isRight = this.#awaitsNoShutdownAck() || tag === localTag;
        break;
      default:
        if (localTag === undefined) return this.#answerOutOfTheBlue(packet, tag, type);
        isRight = tag === localTag;
    }
    if (!isRight) counters.droppedVerificationTag++;
    return isRight;
  }

  /** Acts on DATA; returns whether the chunks behind it are to be looked at. */
  handleData(packet: Uint8Array, start: number, end: number, now: number): boolean {
    const { counters, state, tcb } = this.#context;
    const isIData = packet[start] === CHUNK_TYPE.iData;
    // RFC 8260 §2.2.1: one kind or the other, as was agreed on.
    if (tcb !== undefined && tcb.receiver.isInterleaved !== isIData) {
      return this.#notAgreed(isIData ? 'I-DATA' : 'DATA');
    }
    switch (state.name) {
      case 'established':
      case 'shutdown-pending':
        return this.#judge(state.tcb.receiver.handleData(packet, start, end), packet, start);
      case 'shutdown-sent': {
        const outcome = state.tcb.receiver.handleData(packet, start, end);
        handleDataAfterShutdown(this.#context, now);
        return this.#judge(outcome, packet, start);
      }
      case 'cookie-echoed': {
        // Deviation: §6 discards DATA in this state. It shows that the peer has taken the cookie, so its COOKIE
        // ACK is late or lost, and the peer would have to send again what is there already.
        const { receiver } = state.tcb;
        if (end - start > DATA_HEADER_LENGTH && receiver.expects(readUint32(packet, start + 4))) {
          handleCookieAck(this.#context, now);
          return this.#judge(receiver.handleData(packet, start, end), packet, start);
        }
        counters.droppedUnexpectedChunks++;
        return true;
      }
      default:
        counters.droppedUnexpectedChunks++;
        return true;
    }
  }

  /** Acts on any other chunk; returns whether the chunks behind it are to be looked at. */
  handleChunk(packet: Uint8Array, start: number, end: number, now: number): boolean {
    const context = this.#context;
    const { counters, state } = context;
    const type = packet[start] as number;
    switch (type) {
      case CHUNK_TYPE.sack:
        return this.#handleSack(packet, start, end, now);
      case CHUNK_TYPE.init: {
        // §3.3.2: INIT is alone in its packet.
        const isAlone =
          start === COMMON_HEADER_LENGTH && start + paddedLength(end - start) >= packet.length;
        const chunk = isAlone ? decodeInit(packet, start, end) : undefined;
        // §3.3.2: one with a tag of 0 gets no answer that could be addressed.
        if (chunk === undefined || chunk.initiateTag === 0) {
          counters.droppedMalformedChunks++;
          return false;
        }
        handleInit(context, chunk, now);
        return false;
      }
      case CHUNK_TYPE.initAck: {
        const chunk = decodeInit(packet, start, end);
        if (chunk === undefined || start !== COMMON_HEADER_LENGTH) return this.#malformed();
        handleInitAck(context, chunk, now);
        return false;
      }
      case CHUNK_TYPE.cookieEcho: {
        const chunk = decodeCookieEcho(packet, start, end);
        // §3.3.11: the first chunk of its packet.
        if (chunk === undefined || start !== COMMON_HEADER_LENGTH) return this.#malformed();
        return handleCookieEcho(context, chunk, verificationTag(packet), now);
      }
      case CHUNK_TYPE.cookieAck:
        handleCookieAck(context, now);
        return true;
      case CHUNK_TYPE.abort:
        return this.#handleAbort(packet, start, end);
      case CHUNK_TYPE.error:
        return this.#handleError(packet, start, end);
      case CHUNK_TYPE.shutdownAck:
        handleShutdownAck(context, verificationTag(packet));
        return false;
      case CHUNK_TYPE.shutdownComplete:
        handleShutdownComplete(context);
        return false;
      case CHUNK_TYPE.pad:
        // RFC 4820 §3: it has done its work by arriving.
        return true;
      case CHUNK_TYPE.heartbeat:
      case CHUNK_TYPE.heartbeatAck:
      case CHUNK_TYPE.shutdown:
      case CHUNK_TYPE.forwardTsn:
      case CHUNK_TYPE.iForwardTsn:
      case CHUNK_TYPE.reConfig:
        if ('tcb' in state && state.name !== 'cookie-echoed') {
          return this.#handleEstablished(type, packet, start, end, state.tcb, now);
        }
        counters.droppedUnexpectedChunks++;
        return true;
      default:
        return this.#handleUnknown(packet, start, end);
    }
  }

  #handleEstablished(
    type: number,
    packet: Uint8Array,
    start: number,
    end: number,
    tcb: TransmissionControlBlock,
    now: number,
  ): boolean {
    const context = this.#context;
    switch (type) {
      case CHUNK_TYPE.heartbeat: {
        const chunk = decodeHeartbeat(packet, start, end);
        if (chunk === undefined) return this.#malformed();
        // §8.3: at once, with the info as it came.
        const answer = { type: 'heartbeat-ack' as const, info: chunk.info };
        context.queueChunk(heartbeatLength(answer), (out, offset) =>
          encodeHeartbeat(answer, out, offset),
        );
        return true;
      }
      case CHUNK_TYPE.heartbeatAck: {
        const chunk = decodeHeartbeat(packet, start, end);
        if (chunk === undefined) return this.#malformed();
        if (context.pathMtu.finish(chunk.info, now)) {
          tcb.errorCount = 0;
          tcb.sender.handlePathMtu();
          return true;
        }
        const rttMs = tcb.heartbeat.finish(chunk.info, now);
        if (rttMs === undefined) {
          context.counters.droppedUnexpectedChunks++;
        } else {
          tcb.errorCount = 0;
          tcb.rto.addMeasurement(rttMs);
        }
        return true;
      }
      case CHUNK_TYPE.shutdown: {
        const chunk = decodeShutdown(packet, start, end);
        if (chunk === undefined) return this.#malformed();
        this.#acknowledge(tcb, chunk.cumulativeTsnAck, undefined, [], [], now);
        handleShutdown(context, now);
        return true;
      }
      case CHUNK_TYPE.iForwardTsn: {
        const chunk = decodeIForwardTsn(packet, start, end);
        if (chunk === undefined) return this.#malformed();
        if (!tcb.receiver.isInterleaved) return this.#notAgreed('I-FORWARD-TSN');
        tcb.receiver.handleIForwardTsn(chunk);
        return true;
      }
      case CHUNK_TYPE.forwardTsn: {
        const chunk = decodeForwardTsn(packet, start, end);
        if (chunk === undefined) return this.#malformed();
        if (tcb.receiver.isInterleaved) return this.#notAgreed('FORWARD TSN');
        tcb.receiver.handleForwardTsn(chunk);
        return true;
      }
      default: {
        const chunk = decodeReConfig(packet, start, end);
        if (chunk === undefined) return this.#malformed();
        tcb.errorCount = 0;
        const fault = tcb.reconfiguration.handleReConfig(chunk);
        return fault === undefined || this.#judge(fault, packet, start);
      }
    }
  }

  #handleSack(packet: Uint8Array, start: number, end: number, now: number): boolean {
    const { counters, state } = this.#context;
    switch (state.name) {
      case 'established':
      case 'shutdown-pending':
      case 'shutdown-received':
      case 'shutdown-sent':
        break;
      default:
        counters.droppedUnexpectedChunks++;
        return true;
    }
    const chunk = decodeSack(packet, start, end);
    if (chunk === undefined) return this.#malformed();
    counters.sacksReceived++;
    const { cumulativeTsnAck, aRwnd, gapAckBlocks, duplicateTsns } = chunk;
    this.#acknowledge(state.tcb, cumulativeTsnAck, aRwnd, gapAckBlocks, duplicateTsns, now);
    return true;
  }

  #acknowledge(
    tcb: TransmissionControlBlock,
    cumulativeTsnAck: number,
    aRwnd: number | undefined,
    blocks: readonly GapAckBlock[],
    duplicateTsns: readonly number[],
    now: number,
  ): void {
    const { counters } = this.#context;
    switch (tcb.sender.handleSack(cumulativeTsnAck, aRwnd, blocks, duplicateTsns, now)) {
      case 'progress':
        // §8.1
        tcb.errorCount = 0;
        return;
      case 'stale':
        counters.droppedStaleSacks++;
        return;
      case 'invalid':
        counters.droppedInvalidSacks++;
        return;
      case 'no-progress':
        return;
    }
  }

  #judge(outcome: DataOutcome, packet: Uint8Array, start: number): boolean {
    const context = this.#context;
    switch (outcome) {
      case 'taken':
      case 'dropped':
        return true;
      case 'invalid-stream': {
        const streamId = readUint16(packet, start + 8);
        context.queueError([invalidStreamIdentifier(streamId)]);
        return true;
      }
      case 'no-user-data': {
        const cause = noUserData(readUint32(packet, start + 4));
        return this.#violation('The peer sent DATA without user data.', cause);
      }
      case 'message-too-large':
        return this.#violation('The peer sent a message larger than was agreed.');
      case 'inconsistent-fragments':
        return this.#violation('The peer mixed the fragments of different messages.');
    }
  }

  #handleAbort(packet: Uint8Array, start: number, end: number): boolean {
    const context = this.#context;
    if (context.localTag === undefined) return false;
    const chunk = decodeError(packet, start, end);
    // A peer that has closed answers so to a late SHUTDOWN (§8.4 8); its SHUTDOWN COMPLETE is late or lost.
    if (context.state.name === 'shutdown-ack-sent' && chunk?.tagReflected) {
      context.close();
      return false;
    }
    const cause = chunk?.causes[0];
    const reason = cause === undefined ? 'no cause given' : describeCause(cause);
    const text = `The peer aborted the association: ${reason}.`;
    context.fail(new SctpError('SCTP_ABORTED_BY_PEER', text, cause?.type));
    return false;
  }

  #handleError(packet: Uint8Array, start: number, end: number): boolean {
    const chunk = decodeError(packet, start, end);
    if (chunk === undefined) return this.#malformed();
    if (chunk.causes.some((cause) => cause.type === ERROR_CAUSE.staleCookie)) {
      handleStaleCookie(this.#context);
    }
    return true;
  }

  #handleUnknown(packet: Uint8Array, start: number, end: number): boolean {
    const { counters, tcb } = this.#context;
    counters.unknownChunks++;
    const rule = unknownChunkRule(packet[start] as number);
    if (rule.report && tcb !== undefined) {
      const reported = packet.subarray(start, Math.min(end, start + MAX_REPORTED_BYTES));
      this.#context.queueError([unrecognizedChunkType(reported)]);
    }
    return !rule.stop;
  }

  #violation(message: string, cause?: ErrorCause): boolean {
    this.#context.abort(
      new SctpError('SCTP_PROTOCOL_VIOLATION', message),
      cause ?? textCause(ERROR_CAUSE.protocolViolation, message),
    );
    return false;
  }

  /** RFC 8260 §2.2.1 and §2.3.1 */
  #notAgreed(chunk: string): boolean {
    return this.#violation(`The peer sent ${chunk}, which is not what was agreed on.`);
  }

  #malformed(): boolean {
    this.#context.counters.droppedMalformedChunks++;
    return true;
  }

  #awaitsNoShutdownAck(): boolean {
    const { name } = this.#context.state;
    return (
      this.#context.localTag === undefined || name === 'cookie-wait' || name === 'cookie-echoed'
    );
  }

  #discardOutOfTheBlue(): boolean {
    this.#context.counters.droppedOutOfTheBlue++;
    return false;
  }

  /** §8.4 7 and 8 */
  #answerOutOfTheBlue(packet: Uint8Array, tag: number, type: number): boolean {
    const isStaleCookieError =
      type === CHUNK_TYPE.error &&
      packet.length >= COMMON_HEADER_LENGTH + CHUNK_HEADER_LENGTH + 2 &&
      packet[COMMON_HEADER_LENGTH + CHUNK_HEADER_LENGTH + 1] === ERROR_CAUSE.staleCookie;
    if (type !== CHUNK_TYPE.cookieAck && !isStaleCookieError) {
      this.#context.queueAbort(tag, true, [
        textCause(ERROR_CAUSE.protocolViolation, 'No association'),
      ]);
    }
    return this.#discardOutOfTheBlue();
  }
}
