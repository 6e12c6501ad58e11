// The values of a run by row and subject, and what failed.
import type { Row } from './row.ts';
import { median } from './statistics.ts';

export class Results {
  readonly #values = new Map<string, number[]>();
  /** One sentence for each measurement that failed in some round. */
  readonly failures: string[] = [];

  /** `label` is the subject's. */
  add(row: Row, label: string, value: number): void {
    const key = `${row.key} ${label}`;
    const values = this.#values.get(key) ?? [];
    values.push(value);
    this.#values.set(key, values);
  }

  median(row: Row, label: string): number | undefined {
    const values = this.#values.get(`${row.key} ${label}`);
    return values === undefined ? undefined : median(values);
  }

  /** Smallest and largest value over the rounds. */
  range(row: Row, label: string): readonly [number, number] | undefined {
    const values = this.#values.get(`${row.key} ${label}`);
    return values === undefined ? undefined : [Math.min(...values), Math.max(...values)];
  }
}
