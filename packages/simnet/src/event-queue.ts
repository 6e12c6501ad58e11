// What is due and when: a binary heap with a fixed order among equals, and constant-size cancellation.

/** Something that happens at an instant. */
export interface Task {
  run(): void;
}

/** An entry of an {@link EventQueue}, kept by whoever may want to cancel it. */
export interface ScheduledTask {
  /** When it is due. */
  readonly at: number;
}

interface Entry extends ScheduledTask {
  readonly at: number;
  readonly order: number;
  readonly task: Task;
  /** Its place in the heap, or -1 once it has left. */
  index: number;
}

/** Added to the order of late tasks: behind every other task of the same instant. */
const LATE = 2 ** 52;

/**
 * Tasks in order of time, and among those of one instant in the order they were scheduled.
 *
 * Cancelling removes the entry, so that timers which are armed anew with every packet leave nothing
 * behind.
 */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** How many tasks wait. */
  get length(): number {
    return this.#heap.length;
  }

  /** When the next task is due; Infinity if there is none. */
  get nextAt(): number {
    const first = this.#heap[0];
    return first === undefined ? Number.POSITIVE_INFINITY : first.at;
  }

  /** Adds a task that is due at `at`. */
  schedule(at: number, task: Task): ScheduledTask {
    return this.#insert(at, this.#order++, task);
  }

  /** Adds a task for the end of the instant `at`: it waits for all that are due then and not late. */
  scheduleLate(at: number, task: Task): ScheduledTask {
    return this.#insert(at, LATE + this.#order++, task);
  }

  /** Takes a task out; nothing happens if it has run or was cancelled. */
  cancel(scheduled: ScheduledTask): void {
    const entry = scheduled as Entry;
    if (entry.index >= 0) this.#remove(entry.index);
  }

  /** Takes the next task out; undefined if there is none. */
  shift(): Task | undefined {
    const first = this.#heap[0];
    if (first === undefined) return undefined;
    this.#remove(0);
    return first.task;
  }

  #insert(at: number, order: number, task: Task): ScheduledTask {
    const entry: Entry = { at, order, task, index: this.#heap.length };
    this.#heap.push(entry);
    this.#siftUp(entry);
    return entry;
  }

  #remove(index: number): void {
    const removed = this.#heap[index] as Entry;
    const last = this.#heap.pop() as Entry;
    removed.index = -1;
    if (removed === last) return;
    last.index = index;
    this.#heap[index] = last;
    this.#siftDown(last);
    this.#siftUp(last);
  }

  #siftUp(entry: Entry): void {
    const heap = this.#heap;
    let index = entry.index;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as Entry;
      if (isBefore(parent, entry)) break;
      heap[index] = parent;
      parent.index = index;
      index = parentIndex;
    }
    heap[index] = entry;
    entry.index = index;
  }

  #siftDown(entry: Entry): void {
    const heap = this.#heap;
    const length = heap.length;
    let index = entry.index;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      let child = heap[childIndex] as Entry;
      if (childIndex + 1 < length && isBefore(heap[childIndex + 1] as Entry, child)) {
        childIndex++;
        child = heap[childIndex] as Entry;
      }
      if (isBefore(entry, child)) break;
      heap[index] = child;
      child.index = index;
      index = childIndex;
    }
    heap[index] = entry;
    entry.index = index;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
