// Chunks in flight in the order in which they were sent last, so that loss is looked for where it can be (RFC 8985 §6.2 step 5, https://www.rfc-editor.org/rfc/rfc8985#section-6.2).

/** What the order needs to know of a chunk, and where it keeps its neighbours. */
export interface Ordered<T> {
  sendIndex: number;
  earlier: T | undefined;
  later: T | undefined;
}

/** A list whose links lie in the chunks themselves, so that sending allocates nothing. */
export class SendOrder<T extends Ordered<T>> {
  #first: T | undefined;
  #last: T | undefined;

  /** The chunk sent first of all that are in flight. */
  get first(): T | undefined {
    return this.#first;
  }

  /** `chunk` was sent, later than all others. */
  append(chunk: T): void {
    chunk.earlier = this.#last;
    chunk.later = undefined;
    if (this.#last === undefined) this.#first = chunk;
    else this.#last.later = chunk;
    this.#last = chunk;
  }

  /** `chunk`, which is in the list, is in flight no longer. */
  remove(chunk: T): void {
    const { earlier, later } = chunk;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    chunk.earlier = undefined;
    chunk.later = undefined;
  }

  /** Puts chunks back that are in flight after all; one pass, however many they are. */
  restore(chunks: T[]): void {
    chunks.sort((a, b) => a.sendIndex - b.sendIndex);
    let next = this.#first;
    for (const chunk of chunks) {
      while (next !== undefined && next.sendIndex < chunk.sendIndex) next = next.later;
      if (next === undefined) {
        this.append(chunk);
        continue;
      }
      chunk.later = next;
      chunk.earlier = next.earlier;
      if (next.earlier === undefined) this.#first = chunk;
      else next.earlier.later = chunk;
      next.earlier = chunk;
    }
  }
}
