// A first-in first-out queue on a ring, because Array.shift() moves every element.

const INITIAL_CAPACITY = 8;

/** A queue whose operations take constant time, however long it is. Holds anything but undefined. */
export class Queue<T extends NonNullable<unknown>> {
  #ring: (T | undefined)[] = [];
  #head = 0;
  #length = 0;

  /** How many elements wait. */
  get length(): number {
    return this.#length;
  }

  /** Appends `element`. */
  push(element: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = element;
    this.#length++;
  }

  /** Takes the oldest element; undefined if there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const element = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    return element;
  }

  /** The element `index` places behind the oldest, which stays; undefined past the end. */
  peek(index = 0): T | undefined {
    if (index >= this.#length) return undefined;
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)];
  }

  /** Forgets all elements and their memory. */
  clear(): void {
    this.#ring = [];
    this.#head = 0;
    this.#length = 0;
  }

  /** The elements, oldest first. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.#length; i++) yield this.peek(i) as T;
  }

  #grow(): void {
    const ring: (T | undefined)[] = new Array(Math.max(INITIAL_CAPACITY, 2 * this.#ring.length));
    for (let i = 0; i < this.#length; i++) ring[i] = this.peek(i);
    this.#ring = ring.fill(undefined, this.#length);
    this.#head = 0;
  }
}
