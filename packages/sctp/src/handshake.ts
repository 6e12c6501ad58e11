// Setting up: the four-way handshake, collisions and restarts (RFC 9260 §5, https://www.rfc-editor.org/rfc/rfc9260#section-5).
import { Timer } from '@kaon/wire';
import type { AssociationContext } from './association-context.ts';
import {
  cookieReceivedWhileShuttingDown,
  ERROR_CAUSE,
  missingMandatoryParameter,
  staleCookie,
  textCause,
} from './causes/error-cause.ts';
import { CHUNK_HEADER_LENGTH } from './chunks/chunk-header.ts';
import { type CookieEchoChunk, encodeCookieAck } from './chunks/cookie-echo.ts';
import { encodeError, errorLength } from './chunks/error.ts';
import { decodeInit, encodeInit, type InitChunk, initLength } from './chunks/init.ts';
import { encodeShutdownAck } from './chunks/shutdown.ts';
import type { StateCookie } from './cookie.ts';
import { SctpError } from './errors.ts';
import { Heartbeat } from './heartbeat.ts';
import { MIN_WINDOW_BYTES, type SctpSettings } from './options.ts';
import { COMMON_HEADER_LENGTH } from './packet.ts';
import {
  type Capabilities,
  capabilityParameters,
  type InitParameters,
  readInitParameters,
  unrecognizedParameter,
} from './parameters/capabilities.ts';
import { PARAMETER_TYPE, type Parameter } from './parameters/parameter.ts';
import { Receiver } from './rx/receiver.ts';
import type { LocalInit } from './state.ts';
import { countsOf, type StreamCounts } from './stream-counts.ts';
import { StreamReconfiguration } from './stream-reconfiguration.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';
import { RtoEstimator } from './tx/rto-estimator.ts';
import { Sender } from './tx/sender.ts';

/** Sends INIT (§5.1 A), when packets are polled. */
export function connect(context: AssociationContext, init: LocalInit, now: number): void {
  const t1 = createT1(context);
  t1.start(now);
  context.enter({ name: 'cookie-wait', init, isInitDue: true, t1 });
}

/**
 * Makes an association of the INITs that both sides have exchanged by signalling, without the four-way
 * handshake (draft-hancke-tsvwg-snap).
 *
 * @returns whether the peer's INIT allows it; nothing has happened if not.
 */
export function establishBySignaling(
  context: AssociationContext,
  init: LocalInit,
  remoteInit: Uint8Array,
  now: number,
): boolean {
  const chunk = decodeInit(remoteInit, 0, remoteInit.length);
  if (chunk === undefined || chunk.type !== 'init') return false;
  // Our own, from a peer that echoes what it does not know: libdatachannel up to 0.24.5.
  if (chunk.initiateTag === init.tag && chunk.initialTsn === init.initialTsn) return false;
  const parameters = readInitParameters(chunk.parameters);
  if (!isAcceptable(chunk, parameters)) return false;
  context.offersZeroChecksum = context.settings.zeroChecksum;
  const tcb = createTcb(context, init, {
    peerTag: chunk.initiateTag,
    peerInitialTsn: chunk.initialTsn,
    peerWindow: chunk.aRwnd,
    peerOutboundStreams: chunk.outboundStreams,
    peerInboundStreams: chunk.inboundStreams,
    capabilities: parameters.capabilities,
  });
  enterEstablished(context, tcb, now);
  return true;
}

/** The INIT that signalling carries: with all that `settings` offer. */
export function encodeSignaledInit(settings: SctpSettings, init: LocalInit): Uint8Array {
  const { interleaving, zeroChecksum } = settings;
  const parameters = capabilityParameters({ interleaving, zeroChecksum });
  const chunk = initChunk(settings, 'init', init, parameters);
  const out = new Uint8Array(initLength(chunk));
  encodeInit(chunk, out, 0);
  return out;
}

/** Acts on T1-init and T1-cookie (§4, §5.1). */
export function handleT1(context: AssociationContext, now: number): void {
  const { state } = context;
  if (state.name !== 'cookie-wait' && state.name !== 'cookie-echoed') return;
  if (!state.t1.expire(now)) return;
  if (!state.t1.isRunning) {
    const missing = state.name === 'cookie-wait' ? 'INIT' : 'COOKIE ECHO';
    const message = `The peer did not answer ${missing}, sent ${state.t1.expirations} times.`;
    context.fail(new SctpError('SCTP_CONNECT_TIMEOUT', message));
  } else if (state.name === 'cookie-wait') {
    state.isInitDue = true;
  } else {
    state.echo.isDue = true;
  }
}

/** Queues the INIT that is due, if one is. */
export function queueDueInit(context: AssociationContext): void {
  const { state } = context;
  if (state.name !== 'cookie-wait' || !state.isInitDue) return;
  state.isInitDue = false;
  const { interleaving, zeroChecksum } = context.settings;
  // Some peers drop an INIT with a parameter that they do not know, against RFC 9260 §3.2.1 (Pion up to 3.1):
  // a second INIT does without.
  const isFirst = state.t1.expirations === 0;
  const parameters = capabilityParameters({ interleaving, zeroChecksum: zeroChecksum && isFirst });
  const chunk = initChunk(context.settings, 'init', state.init, parameters);
  context.offersZeroChecksum ||= zeroChecksum && isFirst;
  // §8.5.1 A: INIT has the tag 0.
  context.queuePacket(0, initLength(chunk), (out, offset) => encodeInit(chunk, out, offset));
}

/** Answers an INIT (§5.1 B, §5.2.1, §5.2.2). Nothing is kept: all of it goes into the cookie. */
export function handleInit(context: AssociationContext, chunk: InitChunk, now: number): void {
  const { state } = context;
  if (state.name === 'closed' || state.name === 'failed') {
    // §8.4: there is and will be no association.
    context.counters.droppedOutOfTheBlue++;
    context.queueAbort(chunk.initiateTag, false, []);
    return;
  }
  // §9.2: the peer's SHUTDOWN COMPLETE may be lost, and it begins anew.
  if (state.name === 'shutdown-ack-sent') {
    queueShutdownAck(context);
    return;
  }
  const parameters = readInitParameters(chunk.parameters);
  if (!isAcceptable(chunk, parameters)) {
    context.counters.droppedMalformedChunks++;
    context.queueAbort(chunk.initiateTag, false, [
      textCause(ERROR_CAUSE.protocolViolation, 'Impossible INIT'),
    ]);
    return;
  }
  // An INIT of ours that has not left yet need not: the peer's handshake is under way, and T1-init
  // sends ours if that comes to nothing.
  if (state.name === 'cookie-wait') state.isInitDue = false;
  const { tcb } = context;
  // §5.2.1: our own INIT stands while we wait for its answer. §5.2.2: later, a new tag and TSN.
  const init: LocalInit =
    'init' in state
      ? state.init
      : { tag: context.randomTag(), initialTsn: context.random.uint32() };
  const cookie = context.cookies.seal({
    createdAt: Math.floor(now),
    localTag: init.tag,
    peerTag: chunk.initiateTag,
    localInitialTsn: init.initialTsn,
    peerInitialTsn: chunk.initialTsn,
    peerWindow: chunk.aRwnd,
    peerOutboundStreams: chunk.outboundStreams,
    peerInboundStreams: chunk.inboundStreams,
    localTieTag: tcb?.localTieTag ?? 0,
    peerTieTag: tcb?.peerTieTag ?? 0,
    ...parameters.capabilities,
  });
  // Deviation: RFC 9260 §5.2.1 answers with the parameters of our own INIT; an INIT ACK has this one only for
  // a peer that knows it.
  const { interleaving } = context.settings;
  const zeroChecksum = context.settings.zeroChecksum && parameters.capabilities.zeroChecksum;
  context.offersZeroChecksum ||= zeroChecksum;
  const answer = initChunk(context.settings, 'init-ack', init, [
    { type: PARAMETER_TYPE.stateCookie, value: cookie },
    ...capabilityParameters({ interleaving, zeroChecksum }),
    ...parameters.unrecognized.map(unrecognizedParameter),
  ]);
  if (initLength(answer) > context.settings.maxPacketBytes - COMMON_HEADER_LENGTH) {
    // Unrecognized parameters without end; who sends them can do without the report.
    context.counters.droppedMalformedChunks++;
    return;
  }
  context.queuePacket(chunk.initiateTag, initLength(answer), (out, offset) =>
    encodeInit(answer, out, offset),
  );
}

/** Echoes the cookie of an INIT ACK (§5.1 C). */
export function handleInitAck(context: AssociationContext, chunk: InitChunk, now: number): void {
  const { state } = context;
  // §5.2.3: in any other state it is old.
  if (state.name !== 'cookie-wait') {
    context.counters.droppedUnexpectedChunks++;
    return;
  }
  const parameters = readInitParameters(chunk.parameters);
  const cookie = parameters.stateCookie;
  // §3.3.3: "The receiver of the INIT ACK chunk" with a tag of 0 destroys the association.
  if (!isAcceptable(chunk, parameters)) {
    if (chunk.initiateTag !== 0) context.queueAbort(chunk.initiateTag, false, []);
    context.fail(new SctpError('SCTP_PROTOCOL_VIOLATION', 'The peer sent an impossible INIT ACK.'));
    return;
  }
  if (cookie === undefined || cookie.length > maxCookieLength(context)) {
    const cause = missingMandatoryParameter(PARAMETER_TYPE.stateCookie);
    context.queueAbort(chunk.initiateTag, false, [cause]);
    const message = 'The peer sent an INIT ACK without a State Cookie, or with one too long.';
    context.fail(new SctpError('SCTP_PROTOCOL_VIOLATION', message));
    return;
  }
  const t1 = createT1(context);
  t1.start(now);
  const tcb = createTcb(context, state.init, {
    peerTag: chunk.initiateTag,
    peerInitialTsn: chunk.initialTsn,
    peerWindow: chunk.aRwnd,
    peerOutboundStreams: chunk.outboundStreams,
    peerInboundStreams: chunk.inboundStreams,
    capabilities: parameters.capabilities,
  });
  context.enter({
    name: 'cookie-echoed',
    init: state.init,
    // The packet is the caller's; the cookie is kept until it is acknowledged.
    echo: { cookie: new Uint8Array(cookie), isDue: true, mayCarryData: true },
    t1,
    tcb,
  });
}

/** What a valid cookie means for the association there is (§5.2.4, table 12). */
type CookieResolution =
  | 'new-association'
  | 'restart'
  | 'simultaneous-open'
  | 'late-cookie'
  | 'acknowledge-again'
  | 'unknown';

function resolveCookie(
  tcb: TransmissionControlBlock | undefined,
  localTag: number | undefined,
  cookie: StateCookie,
): CookieResolution {
  if (localTag === undefined) return 'new-association';
  const isLocal = cookie.localTag === localTag;
  // COOKIE-WAIT knows no tag of the peer yet, so none can match: row B, which is right for it.
  const isPeer = cookie.peerTag === tcb?.peerTag;
  if (isLocal && isPeer) return 'acknowledge-again'; // D
  if (isLocal) return 'simultaneous-open'; // B
  const isTied =
    tcb !== undefined &&
    cookie.localTieTag === tcb.localTieTag &&
    cookie.peerTieTag === tcb.peerTieTag;
  if (!isPeer && isTied) return 'restart'; // A
  const isUntied = cookie.localTieTag === 0 && cookie.peerTieTag === 0;
  if (isPeer && isUntied) return 'late-cookie'; // C
  return 'unknown';
}

/**
 * Acts on a COOKIE ECHO (§5.1 D, §5.2.4).
 *
 * @returns whether the chunks behind it in the packet belong to the association there now is.
 */
export function handleCookieEcho(
  context: AssociationContext,
  chunk: CookieEchoChunk,
  tag: number,
  now: number,
): boolean {
  const { state, tcb } = context;
  const cookie = context.cookies.open(chunk.cookie);
  // §5.2.4 1 and 2: forged, altered, of another time, or in a packet with another tag.
  const isOver = state.name === 'closed' || state.name === 'failed';
  if (cookie === undefined || cookie.localTag !== tag || isOver) {
    context.counters.droppedCookies++;
    return false;
  }
  const resolution = resolveCookie(tcb, context.localTag, cookie);
  // §5.2.4 3: stale, unless both tags are those of the association there is.
  const staleness = now - cookie.createdAt - context.settings.cookieLifetimeMs;
  if (staleness > 0 && resolution !== 'acknowledge-again') {
    context.counters.droppedCookies++;
    const error = {
      type: 'error' as const,
      tagReflected: false,
      causes: [staleCookie(staleness)],
    };
    context.queuePacket(cookie.peerTag, errorLength(error), (out, offset) =>
      encodeError(error, out, offset),
    );
    return false;
  }
  switch (resolution) {
    case 'new-association':
      establish(context, cookie, now);
      break;
    case 'restart':
      if (state.name === 'shutdown-ack-sent') {
        // §5.2.4 A
        queueShutdownAck(context);
        context.queueError([cookieReceivedWhileShuttingDown()]);
        return false;
      }
      restart(context, cookie, now);
      break;
    case 'simultaneous-open':
      if (state.name === 'new' || state.name === 'cookie-wait') {
        establish(context, cookie, now);
      } else if (state.name === 'cookie-echoed') {
        // The peer answered our INIT with another tag than its own INIT had. TSNs are those of our INIT
        // either way, so what went along with COOKIE ECHO goes on as it is.
        establish(context, cookie, now, state.tcb);
      } else {
        // An association is under way; the peer has lost what it knew of it.
        restart(context, cookie, now);
      }
      break;
    case 'acknowledge-again':
      if (state.name === 'cookie-echoed') enterEstablished(context, state.tcb, now);
      break;
    case 'late-cookie':
    case 'unknown':
      context.counters.droppedCookies++;
      return false;
  }
  context.queueChunk(CHUNK_HEADER_LENGTH, encodeCookieAck);
  return true;
}

/** The handshake is over (§5.1 E). */
export function handleCookieAck(context: AssociationContext, now: number): void {
  const { state } = context;
  // §5.2.5
  if (state.name !== 'cookie-echoed') {
    context.counters.droppedUnexpectedChunks++;
    return;
  }
  enterEstablished(context, state.tcb, now);
}

/** The peer found our cookie stale (§5.2.6): begins again with INIT. */
export function handleStaleCookie(context: AssociationContext): void {
  const { state } = context;
  if (state.name !== 'cookie-echoed') return;
  // The T1 that runs goes on, so that the attempts stay limited.
  const { init, t1, tcb } = state;
  if (!tcb.sender.isAllAcknowledged) {
    const message = 'The peer took too long to take its cookie back.';
    context.fail(new SctpError('SCTP_CONNECT_TIMEOUT', message));
    return;
  }
  context.enter({ name: 'cookie-wait', init, isInitDue: true, t1 });
}

function restart(context: AssociationContext, cookie: StateCookie, now: number): void {
  context.counters.restarts++;
  context.tcb?.sender.stop();
  context.tcb?.reconfiguration.stop();
  context.queue.clear();
  context.controlChunks.clear();
  context.emit({ type: 'restarted' });
  const isEnding = context.state.name.startsWith('shutdown');
  establish(context, cookie, now);
  // Whoever wanted the old association to end wants no new one.
  const { tcb } = context;
  if (isEnding && tcb !== undefined) context.enter({ name: 'shutdown-pending', tcb });
}

function establish(
  context: AssociationContext,
  cookie: StateCookie,
  now: number,
  predecessor?: TransmissionControlBlock,
): void {
  const init: LocalInit = { tag: cookie.localTag, initialTsn: cookie.localInitialTsn };
  const peer: PeerInit = {
    peerTag: cookie.peerTag,
    peerInitialTsn: cookie.peerInitialTsn,
    peerWindow: cookie.peerWindow,
    peerOutboundStreams: cookie.peerOutboundStreams,
    peerInboundStreams: cookie.peerInboundStreams,
    capabilities: cookie,
  };
  const tcb = createTcb(context, init, peer, predecessor);
  enterEstablished(context, tcb, now);
}

function enterEstablished(
  context: AssociationContext,
  tcb: TransmissionControlBlock,
  now: number,
): void {
  context.enter({ name: 'established', tcb });
  tcb.heartbeat.restart(now, tcb.rto.rtoMs);
  context.emit({ type: 'connected', ...countsOf(tcb.streams) });
}

/** What the peer's INIT or INIT ACK said, wherever it was kept meanwhile. */
interface PeerInit {
  readonly peerTag: number;
  readonly peerInitialTsn: number;
  readonly peerWindow: number;
  readonly peerOutboundStreams: number;
  readonly peerInboundStreams: number;
  readonly capabilities: Capabilities;
}

function createTcb(
  context: AssociationContext,
  init: LocalInit,
  peer: PeerInit,
  predecessor?: TransmissionControlBlock,
): TransmissionControlBlock {
  const { settings, counters, queue, random, pathMtu } = context;
  const capabilities: Capabilities = {
    partialReliability: peer.capabilities.partialReliability,
    reconfiguration: peer.capabilities.reconfiguration,
    // RFC 8260 §2.2.1, RFC 9653 §5.2: both sides have to.
    interleaving: settings.interleaving && peer.capabilities.interleaving,
    zeroChecksum: settings.zeroChecksum && peer.capabilities.zeroChecksum,
  };
  const rto = predecessor?.rto ?? new RtoEstimator(settings);
  const sender =
    predecessor?.sender ??
    new Sender(
      init.initialTsn,
      capabilities.interleaving,
      queue,
      rto,
      pathMtu,
      random,
      settings,
      counters,
    );
  sender.setPeer(peer.peerWindow, peer.capabilities.partialReliability);
  // §5.1.1: each side sends on no more streams than the other accepts.
  const streams: StreamCounts = {
    outbound: Math.min(settings.outboundStreams, peer.peerInboundStreams),
    inbound: Math.min(settings.inboundStreams, peer.peerOutboundStreams),
    inboundLimit: settings.inboundStreams,
  };
  const receiver = new Receiver(
    peer.peerInitialTsn,
    streams,
    capabilities.interleaving,
    context,
    settings,
    counters,
  );
  receiver.changeHeld(context.heldBytes);
  const surroundings = { sender, receiver, queue, rto, streams, counters, emit: context.emit };
  return {
    localTag: init.tag,
    peerTag: peer.peerTag,
    localTieTag: context.randomTag(),
    peerTieTag: context.randomTag(),
    capabilities,
    streams,
    rto,
    sender,
    receiver,
    reconfiguration: new StreamReconfiguration(init.initialTsn, peer.peerInitialTsn, surroundings),
    heartbeat: new Heartbeat(random, settings.heartbeatIntervalMs),
    errorCount: 0,
  };
}

function initChunk(
  settings: SctpSettings,
  type: 'init' | 'init-ack',
  init: LocalInit,
  parameters: readonly Parameter[],
): InitChunk {
  const { receiveWindowBytes, outboundStreams, inboundStreams } = settings;
  return {
    type,
    initiateTag: init.tag,
    aRwnd: receiveWindowBytes,
    outboundStreams,
    inboundStreams,
    initialTsn: init.initialTsn,
    parameters,
  };
}

/** §3.3.2, §3.3.3, §5.1.2: zeros, host names and windows of less than a packet are not allowed. */
function isAcceptable(chunk: InitChunk, parameters: InitParameters): boolean {
  const { aRwnd, initiateTag, outboundStreams, inboundStreams } = chunk;
  const hasZero = initiateTag === 0 || outboundStreams === 0 || inboundStreams === 0;
  return !hasZero && aRwnd >= MIN_WINDOW_BYTES && !parameters.hasHostName;
}

function queueShutdownAck(context: AssociationContext): void {
  context.queueChunk(CHUNK_HEADER_LENGTH, encodeShutdownAck);
}

function maxCookieLength(context: AssociationContext): number {
  return context.settings.maxPacketBytes - COMMON_HEADER_LENGTH - CHUNK_HEADER_LENGTH;
}

function createT1(context: AssociationContext): Timer {
  const { rtoInitialMs, rtoMaxMs, maxInitRetransmits } = context.settings;
  return new Timer({
    durationMs: rtoInitialMs,
    backoffFactor: 2,
    maxDurationMs: rtoMaxMs,
    maxExpirations: maxInitRetransmits + 1,
  });
}
