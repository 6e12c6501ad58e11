// Memory of an idle connection with one open channel: resident memory of both processes.
import type { ProcessPair } from '../process-pair.ts';
import type { Measurement } from './measurement.ts';
import { residentBytes } from './resident-memory.ts';

const CHANNEL = 'idle';
/** Connections before the first reading: code, pools and caches that come once only. */
const WARM_UP_CONNECTIONS = 10;

export const idleMemory: Measurement = {
  name: 'memory',
  rows: [
    {
      key: 'memory',
      title: 'memory of an idle connection, both ends',
      unit: 'KiB',
      better: 'lower',
    },
  ],
  run: async (pair, { idleConnections }) => {
    await open(pair, WARM_UP_CONNECTIONS);
    const before = await residentBytes(pair);
    await open(pair, idleConnections);
    const after = await residentBytes(pair);
    return { memory: (after - before) / idleConnections / 1024 };
  },
};

async function open(pair: ProcessPair, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await pair.connect(CHANNEL, 'in-description');
}
