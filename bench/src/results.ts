// The values of a run by row and peer, and what failed.
import type { PeerName } from '@kaon/interop/peers';
import type { Row } from './measurements/measurement.ts';
import { median } from './statistics.ts';

export class Results {
  readonly #values = new Map<string, number[]>();
  /** One sentence for each measurement that failed in some round. */
  readonly failures: string[] = [];

  add(row: Row, peer: PeerName, value: number): void {
    const key = `${row.key} ${peer}`;
    const values = this.#values.get(key) ?? [];
    values.push(value);
    this.#values.set(key, values);
  }

  median(row: Row, peer: PeerName): number | undefined {
    const values = this.#values.get(`${row.key} ${peer}`);
    return values === undefined ? undefined : median(values);
  }

  /** Smallest and largest value over the rounds. */
  range(row: Row, peer: PeerName): readonly [number, number] | undefined {
    const values = this.#values.get(`${row.key} ${peer}`);
    return values === undefined ? undefined : [Math.min(...values), Math.max(...values)];
  }
}
