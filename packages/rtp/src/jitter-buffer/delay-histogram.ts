// How late frames come, as a histogram that forgets.

/** Width of a bucket. */
const BUCKET_MS = 5;
/** Delays of up to two seconds are told apart. */
const BUCKETS = 400;
/** What is left of a frame's weight when the next one comes: half after 58 frames, about a second. */
const RETENTION = 0.988;
const LARGEST_WEIGHT = 1e12;

/**
 * A histogram of delays in which the past fades. Adding takes constant time: instead of making what is
 * in it lighter, each new delay weighs more than the one before.
 */
export class DelayHistogram {
  readonly #weights = new Float64Array(BUCKETS);
  #total = 0;
  #weight = 1;
  #count = 0;
  #highestBucket = 0;

  /** How many delays were added. */
  get count(): number {
    return this.#count;
  }

  /** @param delayMs whole milliseconds. */
  add(delayMs: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(delayMs / BUCKET_MS)));
    this.#weights[bucket] = (this.#weights[bucket] as number) + this.#weight;
    this.#total += this.#weight;
    this.#weight /= RETENTION;
    this.#count++;
    if (bucket > this.#highestBucket) this.#highestBucket = bucket;
    if (this.#weight > LARGEST_WEIGHT) this.#rescale();
  }

  /** The delay in milliseconds that `share` of the frames do not exceed, rounded up to a whole bucket. */
  quantile(share: number): number {
    let above = (1 - share) * this.#total;
    let bucket = this.#highestBucket;
    for (; bucket > 0; bucket--) {
      above -= this.#weights[bucket] as number;
      if (above < 0) break;
    }
    return (bucket + 1) * BUCKET_MS;
  }

  clear(): void {
    this.#weights.fill(0);
    this.#total = 0;
    this.#weight = 1;
    this.#count = 0;
    this.#highestBucket = 0;
  }

  #rescale(): void {
    this.#total = 0;
    this.#highestBucket = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const weight = (this.#weights[bucket] as number) / this.#weight;
      // What weighs less than a millionth of a frame is forgotten.
      this.#weights[bucket] = weight < 1e-6 ? 0 : weight;
      if (weight >= 1e-6) {
        this.#total += weight;
        this.#highestBucket = bucket;
      }
    }
    this.#weight = 1;
  }
}
