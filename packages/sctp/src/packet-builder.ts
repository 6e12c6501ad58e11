// Decides what goes into the next packet and writes it: control chunks, then SACK, then data (RFC 9260 §6.1 and §6.10, https://www.rfc-editor.org/rfc/rfc9260#section-6.10).
import { packetSlab } from '@kaon/wire';
import type { AssociationContext } from './association-context.ts';
import { paddedLength } from './chunks/chunk-header.ts';
import { encodeCookieEcho } from './chunks/cookie-echo.ts';
import { FORWARD_TSN_HEADER_LENGTH } from './chunks/forward-tsn.ts';
import { encodeHeartbeat } from './chunks/heartbeat.ts';
import { encodePad } from './chunks/pad.ts';
import { encodeReConfig, type ReConfigChunk, reConfigLength } from './chunks/re-config.ts';
import { encodeSack, SACK_HEADER_LENGTH, type SackChunk, sackLength } from './chunks/sack.ts';
import { queueDueInit } from './handshake.ts';
import { COMMON_HEADER_LENGTH, writeChecksum, writeCommonHeader } from './packet.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/**
 * Larger packets are looked for as soon as so many full ones wait to go out: whoever sends less has few
 * packets to save.
 */
const PROBE_WORTH_PACKETS = 8;

/** Writes packets into packet memory, on demand. */
export class PacketBuilder {
  readonly #context: AssociationContext;

  constructor(context: AssociationContext) {
    this.#context = context;
  }

  /** The next packet; undefined if nothing is to be sent now. */
  next(): Uint8Array | undefined {
    queueDueInit(this.#context);
    const waiting = this.#context.packets.shift();
    if (waiting !== undefined) return waiting;
    const { tcb } = this.#context;
    return tcb === undefined ? undefined : this.#build(tcb);
  }

  #build(tcb: TransmissionControlBlock): Uint8Array | undefined {
    const context = this.#context;
    const { now, controlChunks, pathMtu, settings, state } = context;
    const echo = state.name === 'cookie-echoed' ? state.echo : undefined;
    // Nothing but COOKIE ECHO goes out, and data behind it once, before the association is there.
    if (echo !== undefined && !echo.isDue) return undefined;
    const { sender, receiver } = tcb;
    const maySendData =
      state.name === 'established' ||
      state.name === 'shutdown-pending' ||
      state.name === 'shutdown-received' ||
      echo?.mayCarryData === true;
    const hasData = maySendData && sender.canSend(now);
    // A peer that we wait for may wait itself, for an answer before it goes on sending.
    const isEnding = state.name === 'shutdown-sent';
    const mayReConfig = (maySendData && echo === undefined) || isEnding;
    const reConfig = mayReConfig ? tcb.reconfiguration.poll(now, !isEnding) : undefined;
    const hasControl =
      echo !== undefined ||
      controlChunks.length > 0 ||
      reConfig !== undefined ||
      sender.isForwardTsnDue ||
      receiver.isSackDue;
    if (!hasData && !hasControl) return undefined;
    const dataBytes = hasData ? sender.sendableBytes : 0;
    const limit = hasData
      ? Math.max(pathMtu.packetBytes, sender.lostPacketBytes)
      : settings.maxPacketBytes;
    const isProbeWorth = dataBytes > PROBE_WORTH_PACKETS * limit;
    if (isProbeWorth && pathMtu.isProbeDue && state.name === 'established') {
      return this.#buildProbe(tcb);
    }
    // Most packets that carry data are full. Others are sized by what can be in them at most.
    const room = hasControl ? settings.maxPacketBytes : SMALL_PACKET_ROOM;
    const out = packetSlab.allocate(Math.min(limit, paddedLength(dataBytes) + room));
    const end = this.#fill(tcb, out, hasData, reConfig);
    if (end === COMMON_HEADER_LENGTH) return undefined;
    // RFC 9653 §5.2: a packet with COOKIE ECHO has one in any case.
    if (!tcb.capabilities.zeroChecksum || echo !== undefined) {
      writeChecksum(out, end, context.crypto);
    }
    context.counters.packetsSent++;
    context.counters.bytesSent += end;
    return end === out.length ? out : out.subarray(0, end);
  }

  /** A HEARTBEAT filled up to the size that is probed (RFC 8899 §6.2.3, RFC 4820 §3). */
  #buildProbe(tcb: TransmissionControlBlock): Uint8Array | undefined {
    const { counters, now, pathMtu, settings } = this.#context;
    const probe = pathMtu.probe(now, tcb.rto.rtoMs);
    if (probe === undefined) return undefined;
    const out = packetSlab.allocate(probe.packetBytes);
    const heartbeat = { type: 'heartbeat' as const, info: probe.info };
    let at = writeCommonHeader(out, settings.localPort, settings.remotePort, tcb.peerTag);
    at = encodeHeartbeat(heartbeat, out, at);
    at = encodePad(out.length - at, out, at);
    if (!tcb.capabilities.zeroChecksum) writeChecksum(out, at, this.#context.crypto);
    counters.pathMtuProbesSent++;
    counters.packetsSent++;
    counters.bytesSent += at;
    return out;
  }

  #fill(
    tcb: TransmissionControlBlock,
    out: Uint8Array,
    hasData: boolean,
    reConfig: ReConfigChunk | undefined,
  ): number {
    const context = this.#context;
    const { now, settings, controlChunks, state } = context;
    const { sender, receiver } = tcb;
    const limit = out.length;
    let at = writeCommonHeader(out, settings.localPort, settings.remotePort, tcb.peerTag);
    if (state.name === 'cookie-echoed') {
      at = encodeCookieEcho({ type: 'cookie-echo', cookie: state.echo.cookie }, out, at);
      state.echo.isDue = false;
      state.echo.mayCarryData = false;
      return hasData ? sender.writeData(out, at, limit, now) : at;
    }
    for (
      let chunk = controlChunks.peek();
      chunk !== undefined && at + chunk.length <= limit;
      chunk = controlChunks.peek()
    ) {
      controlChunks.shift();
      out.set(chunk, at);
      at += chunk.length;
    }
    // §6.1: a SACK that waits goes along with data.
    if (receiver.isSackDue || (hasData && receiver.isSackPending)) {
      if (limit - at >= SACK_HEADER_LENGTH) {
        const sack: SackChunk = receiver.takeSack(limit - at);
        encodeSack(sack, out, at);
        at += sackLength(sack);
      }
    }
    if (reConfig !== undefined && at + reConfigLength(reConfig) <= limit) {
      tcb.reconfiguration.noteSent();
      at = encodeReConfig(reConfig, out, at);
    }
    if (sender.isForwardTsnDue && limit - at >= FORWARD_TSN_HEADER_LENGTH) {
      at = sender.writeForwardTsn(out, at, limit, now);
    }
    return hasData ? sender.writeData(out, at, limit, now) : at;
  }
}

/** Common header, and a SACK without gaps. */
const SMALL_PACKET_ROOM: number = COMMON_HEADER_LENGTH + SACK_HEADER_LENGTH;
