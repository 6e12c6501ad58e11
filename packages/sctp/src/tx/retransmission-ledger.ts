// Which retransmissions were needless, by the duplicates that the peer reports, and whether a whole recovery was (RFC 9260 §3.3.4 and RFC 3708 §4, https://www.rfc-editor.org/rfc/rfc3708#section-4).

/** So many retransmissions are remembered, the latest. */
const MAX_ENTRIES = 512;
/** What was sent again outside of any recovery: a probe, or after a timeout. */
const NO_RECOVERY = -1;

/** Remembers what was sent again, until the peer says that it has it twice. */
export class RetransmissionLedger {
  /** By TSN, the recovery that it was sent again in; the oldest first. */
  readonly #entries = new Map<number, number>();
  #recovery = 0;
  /** Chunks taken for lost in the latest recovery, without those that the peer turned out to have. */
  #unproven = Number.POSITIVE_INFINITY;

  /** `lostChunks` were found lost, and a recovery begins with them. */
  onRecovery(lostChunks: number): void {
    this.#recovery++;
    this.#unproven = lostChunks;
  }

  /** So many more were found lost in it. What is given up, or sent again twice, is never proved needless. */
  onLost(lostChunks: number): void {
    this.#unproven += lostChunks;
  }

  /** T3-rtx expired: the recovery has failed and cannot have been needless. */
  onTimeout(): void {
    this.#unproven = Number.POSITIVE_INFINITY;
  }

  /** `tsn` is sent again. */
  onRetransmit(tsn: number, isInRecovery: boolean): void {
    this.#entries.delete(tsn);
    if (this.#entries.size >= MAX_ENTRIES) {
      this.#entries.delete(this.#entries.keys().next().value as number);
    }
    this.#entries.set(tsn, isInRecovery ? this.#recovery : NO_RECOVERY);
  }

  /**
   * The peer has got these twice. What was not sent again, the network has doubled.
   *
   * @returns how many were sent again needlessly.
   */
  onDuplicates(tsns: readonly number[]): number {
    let count = 0;
    for (const tsn of tsns) {
      const recovery = this.#entries.get(tsn);
      if (recovery === undefined) continue;
      this.#entries.delete(tsn);
      if (recovery === this.#recovery) this.#unproven--;
      count++;
    }
    return count;
  }

  /** Whether nothing was lost in the latest recovery. True once for each. */
  takeSpuriousRecovery(): boolean {
    if (this.#unproven > 0) return false;
    this.#unproven = Number.POSITIVE_INFINITY;
    return true;
  }
}
