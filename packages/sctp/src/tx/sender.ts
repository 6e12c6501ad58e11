// The sending half of an association: what goes into the next packet, and what a SACK means (RFC 9260 §6.1, §6.3 and §7, https://www.rfc-editor.org/rfc/rfc9260#section-6.1).
import { type RandomSource, serialAdd32, serialDistance32, Timer } from '@kaon/wire';
import { DATA_FLAG, DATA_HEADER_LENGTH, encodeData } from '../chunks/data.ts';
import { encodeIData, I_DATA_HEADER_LENGTH } from '../chunks/i-data.ts';
import type { GapAckBlock } from '../chunks/sack.ts';
import type { SctpCounters } from '../counters.ts';
import type { SctpSettings } from '../options.ts';
import { COMMON_HEADER_LENGTH } from '../packet.ts';
import type { PathMtuSearch } from '../path-mtu.ts';
import { type CongestionController, createCongestionController } from './congestion-controller.ts';
import { DeliveryRate } from './delivery-rate.ts';
import { numberMessage, type OutgoingMessage, type OutgoingStream } from './outgoing-message.ts';
import { type AckObserver, type OutstandingChunk, OutstandingData } from './outstanding-data.ts';
import { Pacer } from './pacer.ts';
import { PartialReliability } from './partial-reliability.ts';
import { Rack } from './rack.ts';
import { RetransmissionLedger } from './retransmission-ledger.ts';
import type { RtoEstimator } from './rto-estimator.ts';
import type { SendQueue } from './send-queue.ts';
import { TailLossProbe } from './tail-loss-probe.ts';

/** A message is cut so as to fill a packet only if at least so much of it goes in. */
const MIN_FRAGMENT_BYTES = 256;

/** What a SACK was. */
export type SackOutcome = 'progress' | 'no-progress' | 'stale' | 'invalid';

/** The sending half. */
export class Sender implements AckObserver {
  readonly #counters: SctpCounters;
  readonly #settings: SctpSettings;
  readonly #queue: SendQueue;
  readonly #outstanding: OutstandingData;
  readonly #rto: RtoEstimator;
  readonly #pathMtu: PathMtuSearch;
  /** PMDCS: bytes of chunks in a full packet. */
  #packetBytes: number;
  readonly #congestion: CongestionController;
  readonly #rate: DeliveryRate = new DeliveryRate();
  readonly #reliability: PartialReliability;
  readonly #rack: Rack;
  readonly #probe: TailLossProbe;
  #ledger: RetransmissionLedger = new RetransmissionLedger();
  readonly #pacer: Pacer;
  readonly #t3: Timer;
  /** One object for all chunks of either kind, filled anew for each. */
  readonly #header = { flags: 0, tsn: 0, streamId: 0, ssn: 0, mid: 0, fsn: 0, ppid: 0 };
  readonly #isInterleaving: boolean;
  readonly #headerLength: number;
  /** Now, while a SACK or a timeout is being worked on. */
  #now = 0;
  /** a_rwnd of the last SACK. */
  #advertisedWindow = 0;
  /** Fast recovery ends when this TSN is acknowledged (RFC 9260 §7.2.4); undefined outside of it. */
  #recoveryExitTsn: number | undefined;
  /** The next packet of lost chunks is sent whatever the window says (RFC 9260 §7.2.4 3). */
  #fastRetransmitDue = false;
  /** A packet of new data is sent whatever the window says: a tail-loss probe (RFC 8985 §7.3). */
  #probeDue = false;
  /** When pacing lets the next packet out; Infinity if nothing waits for it. */
  #pacedUntil = Number.POSITIVE_INFINITY;
  /** The round trip of a chunk sent from this one on is measured (RFC 9260 §6.3.1 C4). */
  #measureFromIndex = 0;
  /** Of the SACK being worked on: the round trip of the newest chunk that was sent once. */
  #newestRttMs: number | undefined;
  #newestRttIndex = -1;
  #lastSentAt = Number.POSITIVE_INFINITY;
  /** Whether a SACK came since T3-rtx expired last. */
  #sackSinceTimeout = true;

  constructor(
    initialTsn: number,
    isInterleaving: boolean,
    queue: SendQueue,
    rto: RtoEstimator,
    pathMtu: PathMtuSearch,
    random: RandomSource,
    settings: SctpSettings,
    counters: SctpCounters,
  ) {
    this.#counters = counters;
    this.#settings = settings;
    this.#queue = queue;
    this.#rto = rto;
    this.#pathMtu = pathMtu;
    this.#packetBytes = pathMtu.packetBytes - COMMON_HEADER_LENGTH;
    this.#isInterleaving = isInterleaving;
    this.#headerLength = isInterleaving ? I_DATA_HEADER_LENGTH : DATA_HEADER_LENGTH;
    this.#outstanding = new OutstandingData(initialTsn, this.#headerLength);
    queue.isInterleaving = isInterleaving;
    this.#reliability = new PartialReliability(this.#outstanding, queue, rto, counters);
    this.#congestion = createCongestionController(settings.congestionControl, {
      packetBytes: this.#packetBytes,
      initialCwndBytes: settings.initialCwndBytes,
      random,
    });
    this.#rack = new Rack(rto);
    queue.fragmentBytes = this.#packetBytes - this.#headerLength;
    this.#probe = new TailLossProbe(rto);
    this.#pacer = new Pacer(() => this.#burstBytes);
    this.#t3 = new Timer({ durationMs: rto.rtoMs });
  }

  /** Takes what the peer's INIT or INIT ACK said: its window, and whether it knows FORWARD TSN. */
  setPeer(advertisedWindow: number, partialReliability: boolean): void {
    this.#advertisedWindow = advertisedWindow;
    if (this.#isInterleaving) this.#queue.maxOpenBytes = advertisedWindow / 2;
    this.#reliability.isSupported = partialReliability;
  }

  /** When T3-rtx expires, loss is to be declared or probed for, or pacing lets the next packet out. */
  get deadline(): number {
    return Math.min(this.#t3.deadline, this.#rack.deadline, this.#probe.deadline, this.#pacedUntil);
  }

  /** Whether there is neither anything to send nor anything unacknowledged. */
  get isIdle(): boolean {
    return this.#outstanding.isEmpty && this.#queue.messageCount === 0;
  }

  /** Whether everything sent was acknowledged. */
  get isAllAcknowledged(): boolean {
    return this.#outstanding.isEmpty;
  }

  /** The TSN of the next new chunk. */
  get nextTsn(): number {
    return this.#outstanding.nextTsn;
  }

  get cumulativeTsnAck(): number {
    return this.#outstanding.cumulativeTsnAck;
  }

  get cwnd(): number {
    return this.#congestion.cwnd;
  }

  get ssthresh(): number {
    return this.#congestion.ssthresh;
  }

  get congestionControl(): string {
    return this.#congestion.name;
  }

  /** Bytes a second at which packets leave; Infinity while there is no pacing. */
  get pacingRateBps(): number {
    return 1000 * this.#congestion.pacingRate;
  }

  /** Bytes a second that the peer has acknowledged of late; 0 before the first measurement. */
  get deliveryRateBps(): number {
    return 1000 * this.#rate.latest;
  }

  get flightBytes(): number {
    return this.#outstanding.flightBytes;
  }

  /** Chunks sent and not yet acknowledged cumulatively. */
  get outstandingChunks(): number {
    return this.#outstanding.chunkCount;
  }

  /** Room that the peer has for new user data (RFC 9260 §6.2.1). */
  get peerWindow(): number {
    return Math.max(0, this.#advertisedWindow - this.#outstanding.flightPayloadBytes);
  }

  /** Whether FORWARD TSN is to be sent. */
  get isForwardTsnDue(): boolean {
    return this.#reliability.isForwardTsnDue;
  }

  /** Bytes of DATA chunks that could go out, at most, windows aside: bounds the packet's memory. */
  get sendableBytes(): number {
    const headers = (this.#headerLength + 3) * this.#queue.messageCount;
    return this.#outstanding.lostBytes + this.#queue.bufferedBytes + headers;
  }

  /**
   * The packet that the first lost chunk needs, in bytes; 0 if none is lost. It may be more than the path takes by
   * now: a chunk cannot be cut again (RFC 9260 §6.9), so it goes out as it is, and IP cuts it where it can.
   */
  get lostPacketBytes(): number {
    const tsn = this.#outstanding.lostCount > 0 ? this.#outstanding.firstLost() : undefined;
    if (tsn === undefined) return 0;
    return COMMON_HEADER_LENGTH + this.#outstanding.chunkLength(this.#outstanding.chunk(tsn));
  }

  /** The path takes larger or smaller packets than before. */
  handlePathMtu(): void {
    this.#packetBytes = this.#pathMtu.packetBytes - COMMON_HEADER_LENGTH;
    this.#congestion.setPacketBytes(this.#packetBytes);
    this.#queue.fragmentBytes = this.#packetBytes - this.#headerLength;
  }

  /** An input has come. */
  handleInput(now: number): void {
    this.#now = now;
    this.#reliability.now = now;
  }

  /** A chunk is newly acknowledged; part of {@link handleSack}. */
  onAcked(chunk: OutstandingChunk, bytes: number, isBelowHighest: boolean): void {
    const now = this.#now;
    this.#rate.onAcked(chunk, bytes, now);
    this.#rack.onAcked(chunk, isBelowHighest, now);
    // §6.3.1 C5, Karn's rule.
    if (chunk.transmissions > 1 || chunk.sendIndex <= this.#newestRttIndex) return;
    this.#newestRttIndex = chunk.sendIndex;
    this.#newestRttMs = now - chunk.sentAt;
  }

  /**
   * Acts on a SACK, or on the acknowledgement in SHUTDOWN (RFC 9260 §6.2.1, §9.2).
   *
   * @param duplicateTsns chunks that the peer has got twice.
   */
  handleSack(
    cumulativeTsnAck: number,
    aRwnd: number | undefined,
    blocks: readonly GapAckBlock[],
    duplicateTsns: readonly number[],
    now: number,
  ): SackOutcome {
    this.#now = now;
    this.#reliability.now = now;
    const outstanding = this.#outstanding;
    // §6.2.1 D i
    if (serialDistance32(cumulativeTsnAck, outstanding.cumulativeTsnAck) < 0) return 'stale';
    if (!outstanding.isPlausible(cumulativeTsnAck, blocks)) return 'invalid';
    this.#sackSinceTimeout = true;
    const wasClosed = this.#advertisedWindow < this.#packetBytes;
    if (aRwnd !== undefined) this.#advertisedWindow = aRwnd;
    if (duplicateTsns.length > 0) this.#noteDuplicates(duplicateTsns);

    // §7.2.4: recovery ends first, so that loss beyond its exit point begins a new one.
    const exit = this.#recoveryExitTsn;
    if (exit !== undefined && serialDistance32(cumulativeTsnAck, exit) >= 0) {
      this.#recoveryExitTsn = undefined;
      this.#rack.onRecoveryEnd();
    }
    const isInRecovery = this.#recoveryExitTsn !== undefined;
    const priorFlightBytes = outstanding.flightBytes;
    this.#newestRttMs = undefined;
    const { ackedBytes, isCumulative } = outstanding.acknowledge(cumulativeTsnAck, blocks, this);
    if (ackedBytes > 0) {
      this.#pathMtu.noteProgress();
      this.#probe.onAcked();
    }
    this.#measure(now);
    const lostBefore = outstanding.foundLostCount;
    const lostBytes = this.#detectLoss(isInRecovery, now);
    if (ackedBytes > 0) {
      this.#congestion.onAcknowledgement({
        now,
        ackedBytes,
        lostBytes,
        priorFlightBytes,
        flightBytes: outstanding.flightBytes,
        isCumulative,
        isInRecovery,
        rttMs: this.#newestRttMs,
        srttMs: this.#rto.srttMs,
        deliveredBytes: this.#rate.delivered,
        lostBytesTotal: this.#rate.lost,
        rate: this.#rate.takeSample(now, this.#rto.minRttMs),
      });
    }
    this.#respondToLoss(outstanding.foundLostCount - lostBefore, now);
    this.#judgeProbe(duplicateTsns, now);
    this.#pacer.setRate(this.#congestion.pacingRate, now);
    // §6.3.2 R2, R3
    if (outstanding.isEmpty) {
      this.#t3.stop();
    } else if (isCumulative) {
      this.#startT3(now);
    }
    this.#armProbe(now);
    // A window that has opened without acknowledging its probe has dropped it, and a backed-off T3-rtx could take
    // seconds to find that out. More than a probe was sent while it was open, and counts.
    const hasOpened = wasClosed && this.#advertisedWindow >= this.#packetBytes;
    if (hasOpened && ackedBytes === 0 && outstanding.flightBytes <= this.#packetBytes) {
      outstanding.loseAll(this.#reliability.policy);
    }
    this.#reliability.advance(now);
    return ackedBytes > 0 || isCumulative ? 'progress' : 'no-progress';
  }

  /**
   * Acts on what is due: loss found by time (RFC 8985 §6.3), a tail-loss probe (§7.3), T3-rtx (RFC 9260 §6.3.3).
   * @returns whether T3-rtx has expired so that it counts against the peer (RFC 9260 §8.1).
   */
  handleTimeout(now: number): boolean {
    this.#now = now;
    this.#reliability.now = now;
    if (now >= this.#pacedUntil) this.#pacedUntil = Number.POSITIVE_INFINITY;
    if (this.#rack.expire(now)) {
      const lostBefore = this.#outstanding.foundLostCount;
      this.#detectLoss(this.#recoveryExitTsn !== undefined, now);
      this.#respondToLoss(this.#outstanding.foundLostCount - lostBefore, now);
      this.#reliability.advance(now);
    }
    if (this.#t3.expire(now)) return this.#retransmissionTimeout(now);
    if (this.#probe.expire(now)) this.#sendProbe();
    return false;
  }

  #retransmissionTimeout(now: number): boolean {
    this.#counters.retransmissionTimeouts++;
    this.#ledger.onTimeout();
    // E1
    this.#congestion.onRetransmissionTimeout(now);
    this.#recoveryExitTsn = undefined;
    this.#fastRetransmitDue = false;
    this.#rack.stop();
    this.#probe.stop();
    this.#probe.forgetRepair();
    // E2
    this.#rto.backOff();
    // E3: the window of one packet that E1 left lets one packet out.
    const isProbe = this.#advertisedWindow === 0 && this.#sackSinceTimeout;
    if (!isProbe && this.#pathMtu.noteTimeout(now)) this.handlePathMtu();
    this.#outstanding.loseAll(this.#reliability.policy);
    this.#startT3(now);
    this.#reliability.handleTimeout(now);
    this.#sackSinceTimeout = false;
    // §6.1 A: a peer that answers probes of its closed window is there.
    return !isProbe;
  }

  /** Whether {@link writeData} would write anything into an empty packet. */
  canSend(now: number): boolean {
    this.#pacedUntil = Number.POSITIVE_INFINITY;
    const hasLost = this.#outstanding.lostCount > 0 && this.#mayRetransmit();
    if (!hasLost && this.#mayStart(now) === undefined) {
      if (this.#queue.messageCount === 0 && this.#outstanding.lostCount === 0) {
        const { flightBytes } = this.#outstanding;
        if (flightBytes < this.#congestion.cwnd) this.#rate.noteAppLimited(flightBytes);
      }
      return false;
    }
    if (this.#fastRetransmitDue || this.#probeDue) return true;
    const opensAt = this.#pacer.opensAt(now);
    if (opensAt <= now) return true;
    this.#pacedUntil = opensAt;
    return false;
  }

  /** Writes as many DATA chunks as the windows allow and `limit` holds; returns the offset behind them. */
  writeData(out: Uint8Array, offset: number, limit: number, now: number): number {
    const afterLost = this.#writeLost(out, offset, limit, now);
    const end = this.#writeNew(out, afterLost, limit, now);
    if (end !== offset) {
      this.#lastSentAt = now;
      // §6.3.2 R1
      if (!this.#t3.isRunning) this.#startT3(now);
      if (end !== afterLost) this.#probeDue = false;
      this.#armProbe(now);
    }
    return end;
  }

  /** Gives up what is unsent of a stream and, if the peer knows FORWARD TSN, what has not arrived. */
  discard(
    stream: OutgoingStream,
    isKept: (message: OutgoingMessage) => boolean,
    now: number,
  ): void {
    this.#reliability.abandonStream(stream, isKept, now);
    this.#queue.dropUnsent(stream, isKept);
  }

  /** Writes the FORWARD TSN, or I-FORWARD-TSN, that is due; returns the offset behind it. */
  writeForwardTsn(out: Uint8Array, offset: number, limit: number, now: number): number {
    if (!this.#t3.isRunning) this.#startT3(now);
    return this.#reliability.write(this.#isInterleaving, out, offset, limit, now);
  }

  /** TSNs go on with `nextTsn`, and messages are numbered anew; nothing is outstanding (RFC 6525 §5.2.4). */
  restart(nextTsn: number): void {
    this.#outstanding.restart(nextTsn);
    this.#reliability.restart();
    this.#queue.restartNumbers();
    this.#recoveryExitTsn = undefined;
    this.#probe.forgetRepair();
    this.#ledger = new RetransmissionLedger();
  }

  /** Stops for good. */
  stop(): void {
    this.#t3.stop();
    this.#rack.stop();
    this.#probe.stop();
    this.#pacedUntil = Number.POSITIVE_INFINITY;
    this.#outstanding.clear();
  }

  /** Max.Burst in bytes: counted in packets of the base size, which is what buffers on the way are for. */
  get #burstBytes(): number {
    const { maxBurst, maxPacketBytes } = this.#settings;
    return Math.max(maxBurst * (maxPacketBytes - COMMON_HEADER_LENGTH), 2 * this.#packetBytes);
  }

  /** §6.3.1 C4: one measurement for the timeout in each round trip. */
  #measure(now: number): void {
    const rttMs = this.#newestRttMs;
    if (rttMs === undefined) return;
    this.#rto.observe(rttMs, now);
    if (this.#newestRttIndex < this.#measureFromIndex) return;
    this.#measureFromIndex = this.#outstanding.nextSendIndex;
    this.#rto.addMeasurement(rttMs);
  }

  /** RFC 8985 §6.2: marks what is lost; returns how many bytes. */
  #detectLoss(isInRecovery: boolean, now: number): number {
    const outstanding = this.#outstanding;
    const before = outstanding.flightBytes;
    const windowMs = this.#rack.window(isInRecovery, outstanding.gapAckedCount);
    const remainingMs = outstanding.detectLoss(this.#rack, windowMs, now, this.#reliability.policy);
    this.#rack.arm(remainingMs, now);
    const lostBytes = before - outstanding.flightBytes;
    this.#ledger.onLost(outstanding.foundLostCount - this.#counters.dataChunksLost);
    this.#counters.dataChunksLost = outstanding.foundLostCount;
    this.#rate.lost += lostBytes;
    return lostBytes;
  }

  #respondToLoss(lostChunks: number, now: number): void {
    if (lostChunks === 0 || this.#recoveryExitTsn !== undefined) return;
    this.#counters.fastRetransmits++;
    this.#ledger.onRecovery(lostChunks);
    this.#probe.forgetRepair();
    this.#congestion.onFastRetransmit(now);
    this.#recoveryExitTsn = serialAdd32(this.#outstanding.nextTsn, -1);
    this.#fastRetransmitDue = true;
    this.#pacer.setRate(this.#congestion.pacingRate, now);
  }

  /** The peer tells of chunks that came twice: what was sent again needlessly was only late. */
  #noteDuplicates(duplicateTsns: readonly number[]): void {
    const count = this.#ledger.onDuplicates(duplicateTsns);
    if (count === 0) return;
    this.#counters.spuriousRetransmissions += count;
    this.#rack.onSpurious(this.#outstanding.nextSendIndex);
    if (!this.#ledger.takeSpuriousRecovery()) return;
    this.#counters.spuriousRecoveries++;
    this.#congestion.onSpuriousRecovery();
    this.#recoveryExitTsn = undefined;
  }

  #armProbe(now: number): void {
    const { isEmpty, flightBytes } = this.#outstanding;
    if (isEmpty || flightBytes === 0 || this.#recoveryExitTsn !== undefined) this.#probe.stop();
    else this.#probe.arm(now);
  }

  /** RFC 8985 §7.3: new data if there is any, or else the last chunk again. */
  #sendProbe(): void {
    this.#counters.tailLossProbes++;
    if (this.#queue.messageCount > 0 && this.peerWindow >= this.#packetBytes) {
      this.#probeDue = true;
      return;
    }
    const tsn = this.#outstanding.lastInFlight();
    if (tsn === undefined || this.#reliability.isLastTry(tsn)) return;
    this.#outstanding.lose(tsn, this.#reliability.policy);
    if (this.#outstanding.chunk(tsn).state !== 'lost') return;
    this.#probe.onRetransmission(tsn, serialAdd32(this.#outstanding.nextTsn, -1));
    this.#fastRetransmitDue = true;
  }

  /** RFC 8985 §7.4: loss that the probe itself made up for is loss too. */
  #judgeProbe(duplicateTsns: readonly number[], now: number): void {
    if (!this.#probe.takeRepair(this.#outstanding.cumulativeTsnAck, duplicateTsns)) return;
    if (this.#recoveryExitTsn === undefined) this.#congestion.onFastRetransmit(now);
  }

  #startT3(now: number): void {
    this.#t3.durationMs = this.#rto.rtoMs;
    this.#t3.start(now);
  }

  /** §6.1 B and §7.2.4 3 */
  #mayRetransmit(): boolean {
    return this.#fastRetransmitDue || this.#outstanding.flightBytes < this.#congestion.cwnd;
  }

  /** The message whose next fragment may be sent, if the windows let any out (RFC 9260 §6.1 A, B, C). */
  #mayStart(now: number): OutgoingMessage | undefined {
    const { flightBytes, isFull, lostCount } = this.#outstanding;
    // C: lost chunks go first.
    if (lostCount > 0 || isFull || this.#queue.messageCount === 0) return undefined;
    if (flightBytes >= this.#congestion.cwnd && !this.#probeDue) return undefined;
    const message = this.#unexpired(now);
    if (message === undefined) return undefined;
    // A: one chunk may always be in flight, to probe a closed window.
    if (flightBytes === 0) return message;
    const length = Math.min(
      message.data.length - message.offset,
      this.#packetBytes - this.#headerLength,
    );
    return length <= this.peerWindow ? message : undefined;
  }

  /** The next message; one that is partly sent and whose lifetime is over is given up (RFC 3758 §3.5 A). */
  #unexpired(now: number): OutgoingMessage | undefined {
    while (true) {
      const message = this.#queue.current(now);
      if (message === undefined || message.offset === 0 || message.expiresAt > now) return message;
      if (!this.#reliability.isSupported) return message;
      this.#reliability.abandon(message, now);
    }
  }

  #writeLost(out: Uint8Array, offset: number, limit: number, now: number): number {
    const outstanding = this.#outstanding;
    let at = offset;
    while (outstanding.lostCount > 0 && this.#mayRetransmit()) {
      const tsn = outstanding.firstLost() as number;
      const chunk = outstanding.chunk(tsn);
      const message = chunk.message as OutgoingMessage;
      if (message.expiresAt <= now && this.#reliability.isSupported) {
        this.#reliability.abandon(message, now);
        continue;
      }
      if (at + outstanding.chunkLength(chunk) > limit) break;
      // §7.2.4 4, §6.3.2 R1: the first chunk outstanding gets a whole RTO again.
      if (tsn === serialAdd32(outstanding.cumulativeTsnAck, 1) && this.#fastRetransmitDue) {
        this.#startT3(now);
      }
      outstanding.resend(tsn, now);
      this.#noteSent(chunk, now);
      this.#ledger.onRetransmit(tsn, this.#recoveryExitTsn !== undefined);
      this.#counters.dataChunksRetransmitted++;
      this.#counters.bytesRetransmitted += chunk.to - chunk.from;
      at = this.#write(chunk, tsn, out, at);
    }
    if (at !== offset) this.#fastRetransmitDue = false;
    return at;
  }

  #writeNew(out: Uint8Array, offset: number, limit: number, now: number): number {
    const outstanding = this.#outstanding;
    if (outstanding.isEmpty) this.#congestion.onIdle(now - this.#lastSentAt, this.#rto.rtoMs, now);
    let at = offset;
    while (limit - at > this.#headerLength) {
      const message = this.#mayStart(now);
      if (message === undefined) break;
      const room = (limit - at - this.#headerLength) & ~3;
      const rest = message.data.length - message.offset;
      const isPacketBegun = at > COMMON_HEADER_LENGTH;
      if (rest > room && isPacketBegun && room < MIN_FRAGMENT_BYTES) break;
      const length = Math.min(rest, room);
      const from = message.offset;
      let flags = message.isUnordered ? DATA_FLAG.unordered : 0;
      if (from === 0) flags |= DATA_FLAG.beginning;
      if (length === rest) flags |= DATA_FLAG.end;
      if (from === 0) numberMessage(message);
      // RFC 7053 §4: nothing follows that would make the peer acknowledge it, and a late SACK would pass
      // for a long round trip, or for loss; and a reset waits for its acknowledgement.
      const isLast = length === rest && this.#queue.messageCount === 1;
      if (isLast || message.stream.resetProgress !== 'none') flags |= DATA_FLAG.immediate;
      const tsn = outstanding.add(message, from, from + length, flags, 'in-flight', now);
      const chunk = outstanding.chunk(tsn);
      this.#noteSent(chunk, now);
      this.#queue.take(message, length);
      this.#counters.dataChunksSent++;
      at = this.#write(chunk, tsn, out, at);
    }
    return at;
  }

  #noteSent(chunk: OutstandingChunk, now: number): void {
    const bytes = this.#outstanding.chunkLength(chunk);
    this.#rate.onSent(chunk, bytes, this.#outstanding.flightBytes, now);
    this.#pacer.onSent(bytes);
  }

  #write(chunk: OutstandingChunk, tsn: number, out: Uint8Array, offset: number): number {
    const { flags, from, fsn, to } = chunk;
    const message = chunk.message as OutgoingMessage;
    const header = this.#header;
    // RFC 7053 §4: with a window of one packet nothing follows that would make the peer acknowledge it.
    const isLone = this.#congestion.cwnd < 2 * this.#packetBytes;
    header.flags = isLone ? flags | DATA_FLAG.immediate : flags;
    header.tsn = tsn;
    header.streamId = message.stream.id;
    header.ppid = message.ppid;
    if (this.#isInterleaving) {
      header.mid = message.mid;
      header.fsn = fsn;
      return encodeIData(header, message.data, from, to, out, offset);
    }
    header.ssn = Math.max(0, message.ssn);
    return encodeData(header, message.data, from, to, out, offset);
  }
}
