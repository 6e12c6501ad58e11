// The orderly end (RFC 9260 §9.2, https://www.rfc-editor.org/rfc/rfc9260#section-9.2).
import { Timer } from '@kaon/wire';
import type { AssociationContext } from './association-context.ts';
import { CHUNK_HEADER_LENGTH } from './chunks/chunk-header.ts';
import {
  encodeShutdown,
  encodeShutdownAck,
  encodeShutdownComplete,
  SHUTDOWN_LENGTH,
  type ShutdownChunk,
} from './chunks/shutdown.ts';
import { SctpError } from './errors.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/** Begins to shut down; what was accepted for sending is sent and acknowledged first. */
export function shutdown(context: AssociationContext): void {
  const { state } = context;
  switch (state.name) {
    case 'new':
    case 'cookie-wait':
      context.close();
      return;
    case 'cookie-echoed':
      // The peer may have the association already.
      context.queueAbort(state.tcb.peerTag, false, []);
      context.close();
      return;
    case 'established':
      context.enter({ name: 'shutdown-pending', tcb: state.tcb });
      return;
    default:
      return;
  }
}

/** Goes on as soon as all data has been acknowledged and delivered; called after each input. */
export function advanceShutdown(context: AssociationContext, now: number): void {
  const { state } = context;
  if (state.name !== 'shutdown-pending' && state.name !== 'shutdown-received') return;
  const { receiver, sender } = state.tcb;
  if (!sender.isIdle || receiver.isDeferring) return;
  if (state.name === 'shutdown-received') {
    enterShutdownAckSent(context, state.tcb, now);
    return;
  }
  const t2 = startT2(context, state.tcb, now);
  context.enter({ name: 'shutdown-sent', tcb: state.tcb, t2 });
  sendShutdown(context, state.tcb);
}

/** Acts on T2-shutdown. */
export function handleT2(context: AssociationContext, now: number): void {
  const { state } = context;
  if (state.name !== 'shutdown-sent' && state.name !== 'shutdown-ack-sent') return;
  if (!state.t2.expire(now)) return;
  if (!state.t2.isRunning) {
    const message = `The peer did not answer ${state.name === 'shutdown-sent' ? 'SHUTDOWN' : 'SHUTDOWN ACK'}.`;
    context.fail(new SctpError('SCTP_PEER_UNREACHABLE', message));
  } else if (state.name === 'shutdown-sent') {
    sendShutdown(context, state.tcb);
  } else {
    sendShutdownAck(context);
  }
}

/** The peer has nothing more to send. Its cumulative TSN was acted on before. */
export function handleShutdown(context: AssociationContext, now: number): void {
  const { state } = context;
  switch (state.name) {
    case 'established':
    case 'shutdown-pending':
      context.enter({ name: 'shutdown-received', tcb: state.tcb });
      return;
    case 'shutdown-sent':
      enterShutdownAckSent(context, state.tcb, now);
      return;
    case 'shutdown-ack-sent':
      sendShutdownAck(context);
      return;
    case 'shutdown-received':
      return;
    default:
      context.counters.droppedUnexpectedChunks++;
  }
}

/** The peer has seen our SHUTDOWN. */
export function handleShutdownAck(context: AssociationContext, tag: number): void {
  const { state } = context;
  switch (state.name) {
    case 'shutdown-sent':
    case 'shutdown-ack-sent':
      sendShutdownComplete(context, state.tcb.peerTag, false);
      context.close();
      return;
    case 'new':
    case 'closed':
    case 'failed':
    case 'cookie-wait':
    case 'cookie-echoed':
      // §8.4 5, §8.5.1 E: the end of an association we no longer know.
      sendShutdownComplete(context, tag, true);
      return;
    default:
      context.counters.droppedUnexpectedChunks++;
  }
}

/** The peer has seen our SHUTDOWN ACK. */
export function handleShutdownComplete(context: AssociationContext): void {
  if (context.state.name === 'shutdown-ack-sent') {
    context.close();
  } else {
    context.counters.droppedUnexpectedChunks++;
  }
}

/** DATA in SHUTDOWN-SENT: answered with SHUTDOWN again, besides the SACK. */
export function handleDataAfterShutdown(context: AssociationContext, now: number): void {
  const { state } = context;
  if (state.name !== 'shutdown-sent') return;
  sendShutdown(context, state.tcb);
  state.t2.start(now);
  state.tcb.receiver.requestSack();
}

function enterShutdownAckSent(
  context: AssociationContext,
  tcb: TransmissionControlBlock,
  now: number,
): void {
  context.enter({ name: 'shutdown-ack-sent', tcb, t2: startT2(context, tcb, now) });
  sendShutdownAck(context);
}

function sendShutdown(context: AssociationContext, tcb: TransmissionControlBlock): void {
  const chunk: ShutdownChunk = {
    type: 'shutdown',
    cumulativeTsnAck: tcb.receiver.cumulativeTsn,
  };
  context.queueChunk(SHUTDOWN_LENGTH, (out, offset) => encodeShutdown(chunk, out, offset));
}

function sendShutdownAck(context: AssociationContext): void {
  context.queueChunk(CHUNK_HEADER_LENGTH, encodeShutdownAck);
}

function sendShutdownComplete(
  context: AssociationContext,
  tag: number,
  tagReflected: boolean,
): void {
  context.queuePacket(tag, CHUNK_HEADER_LENGTH, (out, offset) =>
    encodeShutdownComplete(tagReflected, out, offset),
  );
}

function startT2(context: AssociationContext, tcb: TransmissionControlBlock, now: number): Timer {
  const { rtoMaxMs, maxRetransmits } = context.settings;
  const t2 = new Timer({
    durationMs: tcb.rto.rtoMs,
    backoffFactor: 2,
    maxDurationMs: rtoMaxMs,
    maxExpirations: maxRetransmits + 1,
  });
  t2.start(now);
  return t2;
}
