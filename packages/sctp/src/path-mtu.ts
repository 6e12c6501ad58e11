// The search for larger packets that the path takes (RFC 8899, as §6.2.3 has it for SCTP over DTLS, https://www.rfc-editor.org/rfc/rfc8899#section-5).
import { equalBytes, type RandomSource, Timer } from '@kaon/wire';

const NONCE_BYTES = 8;
/** PROBE_TIMER is never less (RFC 8899 §5.1.1). */
const MIN_PROBE_TIMER_MS = 1000;
/** PMTU_RAISE_TIMER: what failed once is tried again after that (RFC 8899 §5.1.1). */
const RAISE_TIMER_MS = 600_000;
/** As many timeouts in a row of packets larger than the base size are a black hole (RFC 8899 §4.3). */
const BLACK_HOLE_TIMEOUTS = 2;

/** A probe on its way. */
export interface PathMtuProbe {
  /** Bytes of the SCTP packet. */
  readonly packetBytes: number;
  /** The info of its HEARTBEAT. */
  readonly info: Uint8Array;
}

/**
 * Where the search is (RFC 8899 §5.2). `base`: only the base size is known to pass. `searching`: the
 * candidate at `index` is or will be probed. `complete`: nothing is left to try before the raise timer.
 */
type SearchState =
  | { readonly name: 'base' }
  | { readonly name: 'searching'; readonly index: number; readonly probe: PathMtuProbe | undefined }
  | { readonly name: 'complete' };

/**
 * Finds the largest of some candidate sizes that the path takes.
 *
 * The largest is tried first: the first link's MTU is known, and most paths carry it from end to end.
 *
 * Deviation: RFC 8899 §5.1.2 sends up to MAX_PROBES (3) probes of a size; here one, because a router may
 * have answered the first with "packet too big", after which the system cuts packets of that size, and a
 * second probe would arrive in fragments. A probe lost by chance costs a smaller size for ten minutes.
 */
export class PathMtuSearch {
  readonly #random: RandomSource;
  readonly #baseBytes: number;
  readonly #probeTimer: Timer = new Timer({ durationMs: MIN_PROBE_TIMER_MS, maxExpirations: 1 });
  readonly #raiseTimer: Timer = new Timer({ durationMs: RAISE_TIMER_MS, maxExpirations: 1 });
  /** In descending order, all above the base. */
  #candidates: readonly number[] = [];
  #state: SearchState = { name: 'base' };
  #packetBytes: number;
  #timeouts = 0;

  /** `baseBytes`: the size that every path takes (BASE_PLPMTU), in bytes of an SCTP packet. */
  constructor(random: RandomSource, baseBytes: number) {
    this.#random = random;
    this.#baseBytes = baseBytes;
    this.#packetBytes = baseBytes;
  }

  /** The largest packet to send now (PLPMTU). */
  get packetBytes(): number {
    return this.#packetBytes;
  }

  /** When a probe counts as lost, or a search begins anew. */
  get deadline(): number {
    return Math.min(this.#probeTimer.deadline, this.#raiseTimer.deadline);
  }

  /** Whether {@link probe} has something to try. */
  get isProbeDue(): boolean {
    return this.#state.name === 'searching' && this.#state.probe === undefined;
  }

  /** Begins anew on a path whose first link takes `candidates`; sizes up to the base are left out. */
  begin(candidates: readonly number[]): void {
    const larger = candidates.filter((bytes) => bytes > this.#baseBytes);
    this.#candidates = [...new Set(larger)].sort((a, b) => b - a);
    this.#fallBack();
    this.#raiseTimer.stop();
    this.#search();
  }

  /** The next probe; it counts as sent. */
  probe(now: number, rtoMs: number): PathMtuProbe | undefined {
    const state = this.#state;
    if (state.name !== 'searching' || state.probe !== undefined) return undefined;
    const packetBytes = this.#candidates[state.index] as number;
    const probe = { packetBytes, info: this.#random.fill(new Uint8Array(NONCE_BYTES)) };
    this.#state = { ...state, probe };
    this.#probeTimer.durationMs = Math.max(MIN_PROBE_TIMER_MS, rtoMs);
    this.#probeTimer.start(now);
    return probe;
  }

  /** Takes the info of a HEARTBEAT ACK; whether it answers the probe, whose size is in use from now on. */
  finish(info: Uint8Array, now: number): boolean {
    const state = this.#state;
    if (state.name !== 'searching' || state.probe === undefined) return false;
    if (!equalBytes(state.probe.info, info)) return false;
    this.#packetBytes = state.probe.packetBytes;
    this.#timeouts = 0;
    this.#complete(now);
    return true;
  }

  /** A probe may be lost, or time may have come to try larger sizes again. */
  handleTimeout(now: number): void {
    if (this.#probeTimer.expire(now)) this.#probeLost(now);
    if (this.#raiseTimer.expire(now)) this.#search();
  }

  /** T3-rtx expired; whether packets have to become smaller for it (RFC 8899 §4.3). */
  noteTimeout(now: number): boolean {
    if (this.#packetBytes === this.#baseBytes) return false;
    this.#timeouts++;
    if (this.#timeouts < BLACK_HOLE_TIMEOUTS) return false;
    this.#fallBack();
    this.#complete(now);
    return true;
  }

  /** Data was acknowledged, so what is sent arrives. */
  noteProgress(): void {
    this.#timeouts = 0;
  }

  /** Ends it. */
  stop(): void {
    this.#probeTimer.stop();
    this.#raiseTimer.stop();
    this.#state = { name: 'base' };
  }

  #search(): void {
    const isLargest = this.#candidates[0] === undefined || this.#candidates[0] <= this.#packetBytes;
    if (!isLargest) this.#state = { name: 'searching', index: 0, probe: undefined };
  }

  #probeLost(now: number): void {
    if (this.#state.name !== 'searching') return;
    const index = this.#state.index + 1;
    const next = this.#candidates[index];
    if (next === undefined || next <= this.#packetBytes) this.#complete(now);
    else this.#state = { name: 'searching', index, probe: undefined };
  }

  #complete(now: number): void {
    this.#probeTimer.stop();
    this.#state = { name: 'complete' };
    if (this.#candidates[0] !== this.#packetBytes) this.#raiseTimer.start(now);
  }

  #fallBack(): void {
    this.#probeTimer.stop();
    this.#packetBytes = this.#baseBytes;
    this.#state = { name: 'base' };
    this.#timeouts = 0;
  }
}
