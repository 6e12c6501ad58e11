// A map from address and port to anything, without a text key for every look-up.

/** A table by IP address and port. */
export class AddressTable<T> {
  readonly #byAddress = new Map<string, Map<number, T>>();
  #size = 0;

  /** How many entries there are. */
  get size(): number {
    return this.#size;
  }

  /** The entry for `address` and `port`. */
  get(address: string, port: number): T | undefined {
    return this.#byAddress.get(address)?.get(port);
  }

  /** Sets the entry for `address` and `port`. */
  set(address: string, port: number, value: T): void {
    let byPort = this.#byAddress.get(address);
    if (byPort === undefined) {
      byPort = new Map();
      this.#byAddress.set(address, byPort);
    }
    if (!byPort.has(port)) this.#size++;
    byPort.set(port, value);
  }

  /** Takes the entry for `address` and `port` out, if there is one. */
  delete(address: string, port: number): void {
    const byPort = this.#byAddress.get(address);
    if (byPort?.delete(port) !== true) return;
    this.#size--;
    if (byPort.size === 0) this.#byAddress.delete(address);
  }

  /** All entries. */
  *values(): IterableIterator<T> {
    for (const byPort of this.#byAddress.values()) yield* byPort.values();
  }
}
