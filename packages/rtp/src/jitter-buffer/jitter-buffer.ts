// Puts the packets of one stream in order and hands them on in time (RFC 3550 §6.4.1 and §A.1, https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1).
import { serialAdd16, unwrapSerial16 } from '@kaon/wire';
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import { decodePlayoutDelay } from '../header-extensions/playout-delay.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { isUnrelatedTimestamp } from '../timing/unrelated-timestamp.ts';
import { type PacketSlot, PacketSlots } from './packet-slots.ts';
import { PlayoutTiming } from './playout-timing.ts';
import { SequenceWindow } from './sequence-window.ts';

/** How long at least the first packet of a stream waits for others that may belong before it. */
const START_HOLD_MS = 20;
/** How far before the first packet that came a stream may begin: MAX_MISORDER of §A.1. */
const START_MISORDER = 100;
const MAX_PACKETS_LIMIT = 8192;

/** When packets are handed on: see {@link JitterBufferOptions.release}. */
export type JitterBufferRelease = 'at-playout' | 'in-order';

export interface JitterBufferOptions {
  /** Audio or video: decides the defaults, and that the marker begins a talkspurt (RFC 3551 §4.1). */
  readonly kind: 'audio' | 'video';
  /** Timestamp units a second. */
  readonly clockRate: number;
  /**
   * `at-playout`, the default of audio: each packet when its time has come. `in-order`, that of video:
   * as soon as all before it were handed on or given up.
   */
  readonly release?: JitterBufferRelease;
  /** The least playout delay in milliseconds; 0 by default. */
  readonly minDelayMs?: number;
  /** The most that a packet waits, whatever its timestamp tells, in milliseconds; 1000 by default. */
  readonly maxDelayMs?: number;
  /**
   * How long a missing packet is waited for from when it was missed, for retransmission and FEC to bring
   * it, even if its playout time passes; 0 for audio and 200 ms for video by default.
   */
  readonly repairWaitMs?: number;
  /** Most packets held; 256 for audio and 2048 for video by default, at most 8192. */
  readonly maxPackets?: number;
  /** Most bytes of memory for them; 128 KiB for audio and 4 MiB for video by default. */
  readonly maxBytes?: number;
  /** Identifier of the playout delay header extension, if it was negotiated. */
  readonly playoutDelayId?: number;
}

/** What became of packets; each one received is released, or counted in one of the others, or held. */
export interface JitterBufferCounters {
  packetsReceived: number;
  packetsReleased: number;
  /** Numbers that were given up. */
  packetsLost: number;
  /** Packets that came after they were given up, or before the stream began. */
  packetsLate: number;
  packetsDuplicate: number;
  /** Packets for which there was no room. */
  packetsDropped: number;
  /** Packets with a number or source far from the stream's, that no second one confirmed. */
  packetsUnconfirmed: number;
  /** Packets that were held when another source began, the buffer was reset, or they became useless. */
  packetsDiscarded: number;
  /** How often another source began, or the same one anew. */
  restarts: number;
  /** How long all packets released were held, together, in milliseconds. */
  heldMs: number;
}

/** A packet handed on. It is lent: it and its memory are the buffer's again with the next call to it. */
export interface BufferedPacket {
  readonly packet: RtpPacket;
  /** Extended sequence number. */
  readonly sequence: number;
  /** When it came, in milliseconds. */
  readonly arrival: number;
  /** How many packets between the one handed on before and this one were given up or discarded. */
  readonly missing: number;
  /** Whether it came by retransmission or was restored. */
  readonly recovered: boolean;
  /** Whether it is the first of the stream, of another source, or of one that began anew. */
  readonly restart: boolean;
}

/**
 * A jitter buffer for one stream, as a machine: packets in, packets in order and in time out.
 *
 * ```ts
 * buffer.handlePacket(packet, now);
 * for (let held = buffer.pollPacket(); held; held = buffer.pollPacket()) {
 *   depacketizer.handlePayload(held.packet.payload, held.packet.timestamp, held.packet.marker, held.missing);
 * }
 * // at buffer.nextTimeout: buffer.handleTimeout(now), then poll again
 * ```
 *
 * A missing packet is waited for until what follows it has to be played or {@link repairWaitMs} is over.
 * Its bounds hold if packets are polled after each input, as with all machines: a buffer that is full
 * hands on what it has before its time.
 */
export class JitterBuffer {
  readonly counters: Readonly<JitterBufferCounters>;
  readonly #counters: JitterBufferCounters = {
    packetsReceived: 0,
    packetsReleased: 0,
    packetsLost: 0,
    packetsLate: 0,
    packetsDuplicate: 0,
    packetsDropped: 0,
    packetsUnconfirmed: 0,
    packetsDiscarded: 0,
    restarts: 0,
    heldMs: 0,
  };
  readonly #isAudio: boolean;
  readonly #clockRate: number;
  readonly #atPlayout: boolean;
  readonly #maxPackets: number;
  readonly #playoutDelayId: number;
  readonly #cursor = new HeaderExtensionCursor();
  readonly #timing: PlayoutTiming;
  readonly #slots: PacketSlots;
  readonly #window: SequenceWindow;
  #minDelayMs: number;
  #maxDelayMs: number;
  #repairWaitMs: number;
  // What the sender wishes by header extension.
  #senderMinMs = 0;
  #senderMaxMs = Number.POSITIVE_INFINITY;
  #now = 0;
  #ssrc = -1;
  #newestTimestamp = 0;
  // Before the first release, earlier packets may still come.
  #isStarting = false;
  #startHoldUntil = 0;
  #flushThrough = -1;
  // Numbers that will not be handed on, since the last packet that was.
  #passedOver = 0;
  #due = Number.POSITIVE_INFINITY;
  // A packet far from the stream; the one that follows it confirms it (§A.1).
  #candidate: PacketSlot | undefined;
  #lent: PacketSlot | undefined;

  /** @throws RangeError if an option is out of range. */
  constructor(options: JitterBufferOptions) {
    const { kind, clockRate } = options;
    if (kind !== 'audio' && kind !== 'video') {
      throw new TypeError(`kind is ${kind}; expected 'audio' or 'video'`);
    }
    if (!(clockRate > 0 && Number.isFinite(clockRate))) {
      throw new RangeError(`clockRate is ${clockRate}; expected units a second, more than 0`);
    }
    this.counters = this.#counters;
    this.#isAudio = kind === 'audio';
    this.#clockRate = clockRate;
    this.#atPlayout =
      (options.release ?? (this.#isAudio ? 'at-playout' : 'in-order')) === 'at-playout';
    this.#maxPackets = checkInteger(
      'maxPackets',
      options.maxPackets ?? (this.#isAudio ? 256 : 2048),
      2,
      MAX_PACKETS_LIMIT,
    );
    const maxBytes = checkInteger(
      'maxBytes',
      options.maxBytes ?? (this.#isAudio ? 2 ** 17 : 2 ** 22),
      4096,
      2 ** 31,
    );
    this.#playoutDelayId = checkInteger('playoutDelayId', options.playoutDelayId ?? 0, 0, 255);
    this.#minDelayMs = checkMs('minDelayMs', options.minDelayMs ?? 0);
    this.#maxDelayMs = checkMs('maxDelayMs', options.maxDelayMs ?? 1000);
    this.#repairWaitMs = checkMs('repairWaitMs', options.repairWaitMs ?? (this.#isAudio ? 0 : 200));
    this.#timing = new PlayoutTiming(clockRate);
    this.#slots = new PacketSlots(this.#maxPackets, maxBytes);
    // Four times what is held: half of it for jumps ahead, a quarter and more to know what was here.
    this.#window = new SequenceWindow(2 ** Math.ceil(Math.log2(4 * this.#maxPackets)));
    this.#setBounds();
  }

  /** The least playout delay in milliseconds. */
  get minDelayMs(): number {
    return this.#minDelayMs;
  }

  set minDelayMs(minDelayMs: number) {
    this.#minDelayMs = checkMs('minDelayMs', minDelayMs);
    this.#setBounds();
  }

  /** The most that a packet waits, in milliseconds. */
  get maxDelayMs(): number {
    return this.#maxDelayMs;
  }

  set maxDelayMs(maxDelayMs: number) {
    this.#maxDelayMs = checkMs('maxDelayMs', maxDelayMs);
    this.#setBounds();
  }

  /** How long a missing packet is waited for, in milliseconds; with NACK, a few round trips. */
  get repairWaitMs(): number {
    return this.#repairWaitMs;
  }

  set repairWaitMs(repairWaitMs: number) {
    this.#repairWaitMs = checkMs('repairWaitMs', repairWaitMs);
  }

  /** The playout delay that is aimed at, in milliseconds. */
  get targetDelayMs(): number {
    return this.#timing.targetDelayMs;
  }

  /** The playout delay now, in milliseconds; it follows the target by at most 100 ms a second. */
  get delayMs(): number {
    return this.#timing.delayMs;
  }

  /** Interarrival jitter as RTCP reports it (RFC 3550 §6.4.1), in milliseconds. */
  get jitterMs(): number {
    return this.#timing.jitterMs;
  }

  /** How many packets are held. */
  get packetsHeld(): number {
    return (
      this.#slots.used -
      (this.#candidate === undefined ? 0 : 1) -
      (this.#lent === undefined ? 0 : 1)
    );
  }

  /** Bytes of memory for packets, whether it is in use or not. */
  get allocatedBytes(): number {
    return this.#slots.allocatedBytes;
  }

  /** When the next packet has to be handed on; Infinity if none is held. */
  get nextTimeout(): number {
    this.#findDue();
    return Math.max(this.#due, this.#now);
  }

  /** When `packet`, which was handed on last, is to be played, in milliseconds. */
  playoutTime(packet: BufferedPacket): number {
    return this.#playoutOf(packet as PacketSlot);
  }

  /**
   * Takes a packet, which is copied.
   *
   * @param recovered whether it came by retransmission or was restored: its arrival tells nothing about
   * the path then. By default what {@link RtpPacket.isRestored} says.
   * @throws TypeError if the view is empty, as it is after a failed `parse`.
   */
  handlePacket(packet: RtpPacket, now: number, recovered: boolean = packet.isRestored): void {
    if (packet.length === 0) throw new TypeError('packet is empty; expected one that was parsed');
    this.#now = now;
    this.#recycle();
    this.#slots.trim(now);
    this.#counters.packetsReceived++;
    const window = this.#window;
    if (this.#ssrc < 0) {
      const slot = this.#take(packet, now, recovered);
      if (slot === undefined) this.#counters.packetsDropped++;
      else this.#begin(slot);
      return;
    }
    if (packet.ssrc !== this.#ssrc) {
      this.#probe(packet, now, recovered);
      return;
    }
    const sequence = unwrapSerial16(packet.sequenceNumber, window.highest);
    // Deviation: RFC 3550 §A.1 suggests MAX_DROPOUT 3000 and MAX_MISORDER 100; here both are as much as
    // the window has, because a retransmission may be later than 100 packets.
    const reach = window.capacity / 2;
    if (sequence > window.highest + reach || sequence <= window.highest - reach) {
      this.#probe(packet, now, recovered);
      return;
    }
    this.#place(packet, sequence, now, recovered);
  }

  /** Lets time pass. */
  handleTimeout(now: number): void {
    this.#now = now;
    this.#recycle();
    this.#slots.trim(now);
  }

  /** The next packet whose time has come; undefined if there is none. It is lent until the next call. */
  pollPacket(): BufferedPacket | undefined {
    this.#recycle();
    this.#findDue();
    if (this.#due > this.#now) return undefined;
    const window = this.#window;
    const missing = window.firstHeld - window.next;
    const slot = this.#slots.at(window.takeFirst());
    slot.restart = this.#isStarting;
    this.#isStarting = false;
    this.#lent = slot;
    slot.missing = missing + this.#passedOver;
    this.#passedOver = 0;
    this.#counters.packetsLost += missing;
    this.#counters.packetsReleased++;
    this.#counters.heldMs += this.#now - slot.arrival;
    return slot;
  }

  /**
   * Gives up what stands before the frame that `packet` is of, which has just been handled: held packets
   * with other timestamps are discarded, and what is missing among them is lost. A gap right before the
   * frame is still waited for, as its first packet may be missing there.
   */
  discardBefore(packet: RtpPacket): void {
    this.#recycle();
    const window = this.#window;
    if (packet.ssrc !== this.#ssrc) return;
    let last = Math.min(unwrapSerial16(packet.sequenceNumber, window.highest), window.highest);
    for (; last >= window.next; last--) {
      const slot = window.slotOf(last);
      if (slot >= 0 && this.#slots.at(slot).packet.timestamp !== packet.timestamp) break;
    }
    while (window.firstHeld <= last) {
      const missing = window.firstHeld - window.next;
      this.#counters.packetsLost += missing;
      this.#counters.packetsDiscarded++;
      this.#passedOver += missing + 1;
      this.#slots.release(this.#slots.at(window.takeFirst()));
    }
  }

  /** Gives up everything that is missing and lets all that is held be polled now. */
  flush(): void {
    this.#flushThrough = this.#window.highest;
  }

  /** Forgets the stream and all that is held; the next packet begins another. Counters stay. */
  reset(): void {
    this.#recycle();
    this.#discard();
    this.#dropCandidate();
    this.#ssrc = -1;
    this.#senderMinMs = 0;
    this.#senderMaxMs = Number.POSITIVE_INFINITY;
    this.#setBounds();
    this.#timing.rebase();
  }

  #setBounds(): void {
    const max = Math.min(this.#maxDelayMs, this.#senderMaxMs);
    this.#timing.setBounds(Math.max(this.#minDelayMs, this.#senderMinMs), max);
  }

  #recycle(): void {
    if (this.#lent === undefined) return;
    this.#slots.release(this.#lent);
    this.#lent = undefined;
  }

  /**
   * Sets when the first packet held has to be handed on: Infinity if there is none, -Infinity if it can
   * be at once. A field, because such a number as a result may cost memory.
   */
  #findDue(): void {
    const window = this.#window;
    const first = window.firstHeld;
    if (this.#ssrc < 0 || first > window.highest) {
      this.#due = Number.POSITIVE_INFINITY;
    } else if (this.#isPressed() || first <= this.#flushThrough) {
      this.#due = Number.NEGATIVE_INFINITY;
    } else if (first > window.next) {
      const wait = Math.min(this.#repairWaitMs, this.#maxDelayMs);
      const playout = this.#playoutOf(this.#slots.at(window.slotOf(first)));
      this.#due = Math.max(playout, window.gapSince + wait);
    } else if (this.#atPlayout) {
      this.#due = this.#playoutOf(this.#slots.at(window.slotOf(first)));
    } else {
      this.#due = this.#isStarting ? this.#startHoldUntil : Number.NEGATIVE_INFINITY;
    }
  }

  /** Whether there is no room for much more. */
  #isPressed(): boolean {
    return this.#slots.isFull || this.#window.span > this.#maxPackets;
  }

  /**
   * A timestamp may tell anything; what counts in the end is the arrival: of the packet, or, where it
   * filled a gap, of the one behind the gap, which has waited longer.
   */
  #playoutOf(slot: PacketSlot): number {
    const since = Math.min(slot.arrival, this.#window.gapSince);
    const latest = since + Math.min(this.#maxDelayMs, this.#senderMaxMs);
    return Math.min(this.#timing.playoutTime(slot), latest);
  }

  /** Puts a packet of the stream where it belongs. */
  #place(packet: RtpPacket, sequence: number, now: number, recovered: boolean): void {
    const window = this.#window;
    if (sequence < window.next && !this.#mayStartAt(sequence)) {
      if (!recovered && this.#isUnrelated(packet)) {
        // A number from before the newest, but not a time: the source may have begun anew.
        this.#probe(packet, now, false);
      } else if (window.wasHere(sequence)) {
        this.#counters.packetsDuplicate++;
      } else {
        this.#counters.packetsLate++;
        // It came too late, so that more delay would have been better.
        if (!recovered) {
          const late = { mediaMs: 0, arrival: now, packet };
          this.#timing.stamp(late);
          this.#timing.observe(late, false);
        }
      }
      return;
    }
    if (sequence >= window.next && sequence <= window.highest && window.slotOf(sequence) >= 0) {
      this.#counters.packetsDuplicate++;
      return;
    }
    const slot = window.fits(sequence) ? this.#take(packet, now, recovered) : undefined;
    if (slot === undefined) {
      this.#counters.packetsDropped++;
      return;
    }
    if (sequence < window.next) {
      const { arrival } = this.#slots.at(window.slotOf(window.next));
      window.startEarlier(sequence, Math.min(arrival, window.gapSince));
    }
    this.#hold(slot, sequence);
  }

  #isUnrelated(packet: RtpPacket): boolean {
    return isUnrelatedTimestamp(packet.timestamp, this.#newestTimestamp, this.#clockRate);
  }

  /** Whether the stream may begin with a packet before the first that came. */
  #mayStartAt(sequence: number): boolean {
    const window = this.#window;
    return (
      this.#isStarting &&
      window.firstHeld === window.next &&
      window.span > 0 &&
      window.next - sequence <= START_MISORDER &&
      window.fits(sequence)
    );
  }

  #hold(slot: PacketSlot, sequence: number): void {
    const window = this.#window;
    const isNewest = sequence > window.highest;
    const isIdle = window.firstHeld > window.highest;
    slot.sequence = sequence;
    this.#timing.stamp(slot);
    window.hold(sequence, slot.index, slot.arrival);
    if (isNewest) this.#newestTimestamp = slot.packet.timestamp;
    if (slot.recovered) return;
    if (isNewest && this.#playoutDelayId > 0) this.#obeySender(slot.packet);
    this.#timing.observe(slot, this.#isAudio && isIdle && slot.packet.marker);
  }

  /** Takes the bounds that the sender wishes. */
  #obeySender(packet: RtpPacket): void {
    const cursor = this.#cursor;
    if (!packet.hasExtension || !cursor.find(packet, this.#playoutDelayId)) return;
    const wished = decodePlayoutDelay(cursor.bytes, cursor.start, cursor.end);
    if (wished === undefined) return;
    this.#senderMinMs = wished.minMs;
    this.#senderMaxMs = wished.maxMs;
    this.#setBounds();
  }

  #take(packet: RtpPacket, now: number, recovered: boolean): PacketSlot | undefined {
    const slot = this.#slots.take(packet);
    if (slot === undefined) return undefined;
    slot.arrival = now;
    slot.recovered = recovered;
    return slot;
  }

  /** Begins a stream with the packet in `slot`. */
  #begin(slot: PacketSlot): void {
    // One turn up, so that earlier numbers are not negative.
    const sequence = 0x1_0000 + slot.packet.sequenceNumber;
    this.#ssrc = slot.packet.ssrc;
    this.#isStarting = true;
    const hold = Math.max(START_HOLD_MS, this.#minDelayMs);
    this.#startHoldUntil = slot.arrival + Math.min(hold, this.#maxDelayMs);
    this.#flushThrough = -1;
    this.#passedOver = 0;
    this.#window.start(sequence);
    this.#hold(slot, sequence);
  }

  /** §A.1: a number far off, or another source, counts only if the packet that follows it comes too. */
  #probe(packet: RtpPacket, now: number, recovered: boolean): void {
    const candidate = this.#candidate;
    if (
      candidate !== undefined &&
      candidate.packet.ssrc === packet.ssrc &&
      packet.sequenceNumber === serialAdd16(candidate.packet.sequenceNumber, 1)
    ) {
      this.#candidate = undefined;
      this.#discard();
      this.#timing.rebase();
      this.#counters.restarts++;
      this.#begin(candidate);
      this.#place(packet, this.#window.highest + 1, now, recovered);
      return;
    }
    this.#dropCandidate();
    // What repair brings belongs to the past.
    if (!recovered) this.#candidate = this.#take(packet, now, false);
    if (this.#candidate === undefined) this.#counters.packetsUnconfirmed++;
  }

  #dropCandidate(): void {
    if (this.#candidate === undefined) return;
    this.#slots.release(this.#candidate);
    this.#candidate = undefined;
    this.#counters.packetsUnconfirmed++;
  }

  /** Lets go of all packets held. */
  #discard(): void {
    const window = this.#window;
    if (this.#ssrc < 0) return;
    while (window.firstHeld <= window.highest) {
      this.#slots.release(this.#slots.at(window.takeFirst()));
      this.#counters.packetsDiscarded++;
    }
  }
}

function checkMs(name: string, value: number): number {
  if (!(value >= 0 && Number.isFinite(value))) {
    throw new RangeError(`${name} is ${value}; expected milliseconds, 0 or more`);
  }
  return value;
}

function checkInteger(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} is ${value}; expected an integer from ${least} to ${most}`);
  }
  return value;
}
