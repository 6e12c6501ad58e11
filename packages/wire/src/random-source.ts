// Randomness as an argument, so that a seed replays a run.

/**
 * Where a machine gets its random numbers: the operating system's generator in production, a seeded one
 * in simulation.
 */
export interface RandomSource {
  /** Fills all of `out` and returns it. */
  fill(out: Uint8Array): Uint8Array;
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number;
}
