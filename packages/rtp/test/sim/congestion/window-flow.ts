// A flow as of TCP that sends all it can: what a video call has to share its path with. A model of the window only: nothing is retransmitted, since nothing is read.

/** How the window grows and shrinks: RFC 9438, or RFC 5681 and 6582. */
export type WindowAlgorithm = 'newreno' | 'cubic';

export const SEGMENT_BYTES = 1172;
const FIRST_WINDOW = 10;
/** Acknowledged behind it as many, a segment is lost. */
const DUPLICATES = 3;
const RENO_BETA = 0.5;
const CUBIC_BETA = 0.7;
const CUBIC_C = 0.4;
const TIMEOUT_MS = 1000;

/** The sender, a machine: datagrams begin with a number, which the other end sends back. */
export class WindowFlow {
  readonly #algorithm: WindowAlgorithm;
  #window = FIRST_WINDOW;
  #slowStartThreshold = Number.POSITIVE_INFINITY;
  /** Segments in flight by number; the first is the oldest. */
  readonly #flight = new Map<number, number>();
  #next = 0;
  #recoveryUntil = -1;
  #now = 0;
  #lastAcknowledged = 0;
  #roundTripMs = 100;
  #maxWindow = 0;
  #epochStart = Number.NaN;

  constructor(algorithm: WindowAlgorithm, now: number) {
    this.#algorithm = algorithm;
    this.#now = now;
    this.#lastAcknowledged = now;
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#now = now;
    this.#lastAcknowledged = now;
    const number = new DataView(datagram.buffer, datagram.byteOffset).getUint32(0);
    const sentAt = this.#flight.get(number);
    if (sentAt === undefined) return;
    this.#flight.delete(number);
    this.#roundTripMs += (now - sentAt - this.#roundTripMs) / 8;
    let isLost = false;
    for (const each of this.#flight.keys()) {
      if (each + DUPLICATES > number) break;
      this.#flight.delete(each);
      if (each > this.#recoveryUntil) isLost = true;
    }
    if (isLost) this.#shrink();
    else this.#grow();
  }

  handleTimeout(now: number): void {
    this.#now = now;
    if (now < this.#lastAcknowledged + TIMEOUT_MS) return;
    this.#lastAcknowledged = now;
    this.#slowStartThreshold = Math.max(2, this.#window * RENO_BETA);
    this.#window = 1;
    this.#flight.clear();
  }

  pollDatagram(): Uint8Array | undefined {
    if (this.#flight.size >= Math.floor(this.#window)) return undefined;
    const bytes = new Uint8Array(SEGMENT_BYTES);
    new DataView(bytes.buffer).setUint32(0, this.#next);
    this.#flight.set(this.#next++, this.#now);
    return bytes;
  }

  pollEvent(): undefined {
    return undefined;
  }

  get nextTimeout(): number {
    return this.#lastAcknowledged + TIMEOUT_MS;
  }

  #shrink(): void {
    this.#recoveryUntil = this.#next;
    const beta = this.#algorithm === 'cubic' ? CUBIC_BETA : RENO_BETA;
    this.#maxWindow = this.#window;
    this.#epochStart = Number.NaN;
    this.#window = Math.max(2, this.#window * beta);
    this.#slowStartThreshold = this.#window;
  }

  #grow(): void {
    if (this.#window < this.#slowStartThreshold) {
      this.#window++;
      return;
    }
    const renoWindow = this.#window + 1 / this.#window;
    this.#window = this.#algorithm === 'newreno' ? renoWindow : this.#cubicWindow(renoWindow);
  }

  // RFC 9438 §4.2 to §4.4.
  #cubicWindow(renoWindow: number): number {
    if (Number.isNaN(this.#epochStart)) this.#epochStart = this.#now;
    const seconds = (this.#now + this.#roundTripMs - this.#epochStart) / 1000;
    const k = Math.cbrt((this.#maxWindow * (1 - CUBIC_BETA)) / CUBIC_C);
    const target = CUBIC_C * (seconds - k) ** 3 + this.#maxWindow;
    const bounded = Math.min(1.5 * this.#window, Math.max(this.#window, target));
    return Math.max(renoWindow, this.#window + (bounded - this.#window) / this.#window);
  }
}

/** The other end: sends the number of each segment back. */
export class WindowFlowReceiver {
  /** When each segment came. */
  readonly arrivals: number[] = [];
  readonly #acknowledgements: Uint8Array[] = [];

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.arrivals.push(now);
    this.#acknowledgements.push(datagram.slice(0, 4));
  }

  handleTimeout(): void {
    // It has no deadlines.
  }

  pollDatagram(): Uint8Array | undefined {
    return this.#acknowledgements.shift();
  }

  pollEvent(): undefined {
    return undefined;
  }

  get nextTimeout(): number {
    return Number.POSITIVE_INFINITY;
  }
}
