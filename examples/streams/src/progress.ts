// How far a transfer is, on one line of the terminal.

import { performance } from 'node:perf_hooks';

const REDRAW_MS = 100;
const MEBIBYTE = 1024 * 1024;

/** Counts bytes; draws where there is a terminal, and says the sum at the end. */
export class Progress {
  readonly #title: string;
  readonly #startedAt: number = performance.now();
  #bytes = 0;
  #drawnAt = 0;

  constructor(title: string) {
    this.#title = title;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (!process.stdout.isTTY || now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    process.stdout.write(`\r${this.#line(now)}\x1b[K`);
  }

  /** The last line. */
  finish(outcome: string): void {
    const start = process.stdout.isTTY ? '\r' : '';
    process.stdout.write(`${start}${this.#line(performance.now())}, ${outcome}\n`);
  }

  #line(now: number): string {
    const seconds = (now - this.#startedAt) / 1000;
    const mebibytes = this.#bytes / MEBIBYTE;
    const rate = seconds > 0 ? mebibytes / seconds : 0;
    return `${this.#title}: ${mebibytes.toFixed(1)} MiB in ${seconds.toFixed(1)} s, ${rate.toFixed(0)} MiB/s`;
  }
}
