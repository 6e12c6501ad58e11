// Gets lost packets back from repair packets (RFC 5109 §9.2, https://www.rfc-editor.org/rfc/rfc5109#section-9.2).
import { Queue } from '@kaon/wire';
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { type FecEquation, FIXED_HEADER_LENGTH, ParityAccumulator } from './fec-equation.ts';
import { MediaWindow } from './media-window.ts';

/** Repair packets that wait for the packets they protect. */
const MAX_EQUATIONS = 64;
/** Packets of which only the first part is known. */
const MAX_PARTIAL = 16;

export interface FecDecoderOptions {
  /** The SSRCs of the streams protected. */
  readonly ssrcs: readonly number[];
  /**
   * Identifiers of the header extensions that are set when a packet is sent, after its FEC was made:
   * absolute send time, transport-wide sequence number, transmission time offset. For FEC they are zeros,
   * and so they are in packets that it brings back.
   */
  readonly mutableExtensionIds?: readonly number[];
  /** The longest packet that can come back, in bytes; 1500 by default. */
  readonly maxPacketBytes?: number;
  /** Most bytes of memory for the packets of one stream; 1 MiB by default. */
  readonly maxBytes?: number;
}

/** What became of packets. */
export interface FecDecoderCounters {
  /** Repair packets taken. */
  fecPacketsReceived: number;
  /** Repair packets that are malformed, protect something else, or are too old. */
  fecPacketsDropped: number;
  /** Packets that came back. */
  packetsRecovered: number;
  /** Packets that would have come back, but contradict themselves. */
  recoveriesRefused: number;
}

/** A packet whose higher levels are still missing. */
interface PartialPacket {
  readonly window: MediaWindow;
  readonly sequenceNumber: number;
  readonly header: FecEquation['header'] & object;
  readonly string: Uint8Array;
  /** How many bytes of the string are known. */
  known: number;
}

/**
 * Keeps the last packets of the streams protected and the equations about them; where all packets of one
 * but one are here, that one is recovered, and may help with others in turn.
 *
 * A packet that comes back is checked: its length has to lie within what was protected, the bytes behind
 * its end have to come out as zeros, and it has to be a well-formed RTP packet.
 */
export class FecDecoder {
  readonly counters: FecDecoderCounters = {
    fecPacketsReceived: 0,
    fecPacketsDropped: 0,
    packetsRecovered: 0,
    recoveriesRefused: 0,
  };
  readonly #windows: ReadonlyMap<number, MediaWindow>;
  readonly #mutableExtensionIds: readonly number[];
  readonly #maxPacketBytes: number;
  readonly #sum: ParityAccumulator;
  readonly #cursor = new HeaderExtensionCursor();
  readonly #recovered = new Queue<RtpPacket>();
  readonly #view = new RtpPacket();
  #equations: FecEquation[] = [];
  #partial: PartialPacket[] = [];

  /** @throws RangeError if an option is out of range. */
  constructor(options: FecDecoderOptions) {
    this.#maxPacketBytes = options.maxPacketBytes ?? 1500;
    const maxBytes = options.maxBytes ?? 2 ** 20;
    if (!(this.#maxPacketBytes >= FIXED_HEADER_LENGTH && this.#maxPacketBytes <= 0xffff)) {
      throw new RangeError(`maxPacketBytes is ${this.#maxPacketBytes}; expected 12 to 65535`);
    }
    if (!(maxBytes >= 4096)) throw new RangeError(`maxBytes is ${maxBytes}; expected 4096 or more`);
    this.#windows = new Map(options.ssrcs.map((ssrc) => [ssrc, new MediaWindow(ssrc, maxBytes)]));
    this.#mutableExtensionIds = options.mutableExtensionIds ?? [];
    this.#sum = new ParityAccumulator(this.#maxPacketBytes);
  }

  /** Bytes of memory for packets. */
  get allocatedBytes(): number {
    let sum = 0;
    for (const window of this.#windows.values()) sum += window.allocatedBytes;
    for (const { parity } of this.#equations) sum += parity.length;
    for (const { string } of this.#partial) sum += string.length;
    return sum;
  }

  /** Takes a packet as it came from the network; not one that was sent again, which may differ. */
  handleMedia(packet: RtpPacket): void {
    const window = this.#windows.get(packet.ssrc);
    const kept = window?.add(packet);
    if (window === undefined || kept === undefined) return;
    // Deviation: RFC 5109 §7.3 protects extensions as sent; libwebrtc makes FEC before it sets these.
    const cursor = this.#cursor;
    for (const id of this.#mutableExtensionIds) {
      if (cursor.find(kept, id)) kept.bytes.fill(0, cursor.start, cursor.end);
    }
    const { sequenceNumber } = kept;
    const isNews = this.#equations.some(
      (each) => each.sequenceNumbers.includes(sequenceNumber) && this.#judge(each) !== 'open',
    );
    if (isNews) this.#solve();
  }

  /** Takes the levels of a repair packet, whose memory is the caller's again on return. */
  handleEquations(equations: readonly FecEquation[] | undefined): void {
    this.counters.fecPacketsReceived++;
    if (equations === undefined || !equations.every((each) => this.#isUseful(each))) {
      this.counters.fecPacketsDropped++;
      return;
    }
    for (const equation of equations) {
      if (this.#equations.length === MAX_EQUATIONS) this.#equations.shift();
      this.#equations.push({ ...equation, parity: new Uint8Array(equation.parity) });
    }
    // The others wait for what they waited for before.
    if (equations.some((each) => this.#judge(each) !== 'open')) this.#solve();
  }

  /** The next packet that came back, in memory of its own; undefined if there is none. */
  pollRecovered(): RtpPacket | undefined {
    return this.#recovered.shift();
  }

  #isUseful({ ssrcs, sequenceNumbers, stringStart, parity }: FecEquation): boolean {
    const end = FIXED_HEADER_LENGTH + stringStart + parity.length;
    return (
      end <= this.#maxPacketBytes &&
      sequenceNumbers.every((n, i) => this.#windows.get(ssrcs[i] as number)?.reaches(n) === true)
    );
  }

  /** Solves what can be solved, until nothing more can. */
  #solve(): void {
    for (let isProgress = true; isProgress; ) {
      isProgress = false;
      this.#partial = this.#partial.filter(
        ({ window, sequenceNumber }) =>
          window.reaches(sequenceNumber) && window.get(sequenceNumber) === undefined,
      );
      this.#equations = this.#equations.filter((equation) => {
        const outcome = this.#judge(equation);
        if (outcome === 'open') return true;
        if (outcome !== 'spent') isProgress = this.#recover(equation, outcome) || isProgress;
        return false;
      });
    }
  }

  /** Whether an equation waits for more, is of no use any more, or gives the packet at an index. */
  #judge(equation: FecEquation): 'open' | 'spent' | number {
    const { ssrcs, sequenceNumbers, stringStart, parity } = equation;
    const end = stringStart + parity.length;
    let missing = -1;
    for (const [i, sequenceNumber] of sequenceNumbers.entries()) {
      const window = this.#windows.get(ssrcs[i] as number) as MediaWindow;
      if (window.get(sequenceNumber) !== undefined) continue;
      if (!window.reaches(sequenceNumber)) return 'spent';
      const partial = this.#partialOf(window, sequenceNumber);
      if (partial !== undefined && partial.known >= Math.min(end, partial.header.length)) continue;
      if (missing >= 0) return 'open';
      missing = i;
    }
    if (missing < 0) return 'spent';
    if (equation.header !== undefined) return missing;
    // A higher level goes on where the lower one ended.
    const window = this.#windows.get(ssrcs[missing] as number) as MediaWindow;
    const partial = this.#partialOf(window, sequenceNumbers[missing] as number);
    return partial !== undefined && partial.known >= stringStart ? missing : 'open';
  }

  #partialOf(window: MediaWindow, sequenceNumber: number): PartialPacket | undefined {
    return this.#partial.find(
      (each) => each.sequenceNumber === sequenceNumber && each.window === window,
    );
  }

  /** Recovers the packet at `index`, or a part of it; false if it contradicts itself. */
  #recover(equation: FecEquation, index: number): boolean {
    const { ssrcs, sequenceNumbers, stringStart, parity } = equation;
    const sum = this.#sum;
    const end = stringStart + parity.length;
    sum.clear();
    sum.addParity(equation.header, stringStart, parity);
    for (const [i, sequenceNumber] of sequenceNumbers.entries()) {
      if (i === index) continue;
      const window = this.#windows.get(ssrcs[i] as number) as MediaWindow;
      const packet = window.get(sequenceNumber);
      const partial = this.#partialOf(window, sequenceNumber);
      if (packet !== undefined) sum.addPacket(packet, stringStart, end);
      else if (partial !== undefined) {
        sum.addParity(partial.header, stringStart, partial.string.subarray(stringStart, end));
      }
    }
    const window = this.#windows.get(ssrcs[index] as number) as MediaWindow;
    const sequenceNumber = sequenceNumbers[index] as number;
    let partial = this.#partialOf(window, sequenceNumber);
    if (partial === undefined) {
      const { header } = sum;
      if (FIXED_HEADER_LENGTH + header.length > this.#maxPacketBytes) return this.#refuse();
      const string = new Uint8Array(this.#maxPacketBytes - FIXED_HEADER_LENGTH);
      partial = { window, sequenceNumber, header, string, known: 0 };
    }
    const from = FIXED_HEADER_LENGTH + stringStart;
    partial.string.set(sum.bytes.subarray(from, from + parity.length), stringStart);
    partial.known = Math.max(partial.known, end);
    return this.#complete(partial);
  }

  /** Makes a packet of what is known of it, if that is all. */
  #complete(partial: PartialPacket): boolean {
    const { window, sequenceNumber, header, string, known } = partial;
    // Shorter packets were filled up with zeros.
    for (let i = header.length; i < known; i++) if (string[i] !== 0) return this.#refuse();
    if (known < header.length) {
      if (!this.#partial.includes(partial)) {
        if (this.#partial.length === MAX_PARTIAL) this.#partial.shift();
        this.#partial.push(partial);
      }
      return true;
    }
    this.#sum.clear();
    this.#sum.addParity(header, 0, string.subarray(0, header.length));
    this.#sum.writeHeader(sequenceNumber, window.ssrc);
    const length = FIXED_HEADER_LENGTH + header.length;
    if (!this.#view.parse(this.#sum.bytes, 0, length)) return this.#refuse();
    window.add(this.#view);
    const recovered = new RtpPacket();
    recovered.parse(this.#sum.bytes.slice(0, length));
    this.#recovered.push(recovered);
    this.counters.packetsRecovered++;
    return true;
  }

  #refuse(): boolean {
    this.counters.recoveriesRefused++;
    return false;
  }
}
