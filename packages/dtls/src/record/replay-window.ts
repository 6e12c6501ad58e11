// Refuses records that came before. https://www.rfc-editor.org/rfc/rfc6347#section-4.1.2.6

const WIDTH = 64;

/**
 * A window of 64 sequence numbers that ends with the highest one seen. Two 32-bit words hold it; bit `i`
 * of the pair stands for the number `i` below the highest.
 */
export class ReplayWindow {
  #highest = -1;
  #low = 0;
  #high = 0;

  /** Whether `sequenceNumber` is neither seen nor too old to tell. */
  isFresh(sequenceNumber: number): boolean {
    const age = this.#highest - sequenceNumber;
    if (age < 0) return true;
    if (age >= WIDTH) return false;
    return age < 32 ? (this.#low & (1 << age)) === 0 : (this.#high & (1 << (age - 32))) === 0;
  }

  /** Notes `sequenceNumber`, which {@link isFresh} allowed and whose record proved genuine. */
  add(sequenceNumber: number): void {
    const ahead = sequenceNumber - this.#highest;
    if (ahead > 0) {
      this.#shift(ahead);
      this.#highest = sequenceNumber;
      this.#low |= 1;
      return;
    }
    const age = -ahead;
    if (age < 32) this.#low |= 1 << age;
    else if (age < WIDTH) this.#high |= 1 << (age - 32);
  }

  #shift(by: number): void {
    if (by >= WIDTH) {
      this.#low = 0;
      this.#high = 0;
    } else if (by >= 32) {
      this.#high = this.#low << (by - 32);
      this.#low = 0;
    } else {
      this.#high = (this.#high << by) | (this.#low >>> (32 - by));
      this.#low <<= by;
    }
  }
}
