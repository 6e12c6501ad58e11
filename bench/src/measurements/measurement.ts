// What a measurement is: a load on two processes of one stack, and the values it yields.
import type { ProcessPair } from '../process-pair.ts';
import type { Row } from '../row.ts';

/** How long and how often; `--quick` makes it small. */
export interface Scale {
  readonly warmUpMs: number;
  readonly loadMs: number;
  readonly pings: number;
  readonly setups: number;
  readonly idleConnections: number;
  readonly loadedConnections: number;
}

export interface Measurement {
  /** The name for `--only`. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** One value for each row, by its key. */
  run(pair: ProcessPair, scale: Scale): Promise<Readonly<Record<string, number>>>;
}
