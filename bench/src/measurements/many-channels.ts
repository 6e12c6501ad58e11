// Many channels on one connection: time until all are open and have echoed, and their memory.
import { peerLimits } from '@kaon/interop/peers';
import type { ProcessPair } from '../process-pair.ts';
import type { Measurement } from './measurement.ts';
import { residentBytes } from './resident-memory.ts';

const FIRST_CHANNEL = 'first';
const SIZE = 64;

/** As many as every stack can have. */
export const channels500: Measurement = manyChannels(500);
export const channels1000: Measurement = manyChannels(1_000);

function manyChannels(count: number): Measurement {
  const name = `channels-${count}`;
  const title = `${count.toLocaleString('en')} channels`;
  return {
    name,
    rows: [
      { key: `${name}-open`, title: `${title}: all open`, unit: 'ms', better: 'lower' },
      { key: `${name}-echo`, title: `${title}: one echo on each`, unit: 'ms', better: 'lower' },
      {
        key: `${name}-memory`,
        title: `${title}: memory of a channel, both ends`,
        unit: 'KiB',
        better: 'lower',
      },
    ],
    run: async (pair) => {
      // One channel has opened the connection.
      if (count + 1 > mostChannels(pair)) return {};
      const { offerer, answerer } = await pair.connect(FIRST_CHANNEL);
      await answerer.receive('reflect');
      const before = await residentBytes(pair);
      const { connection } = offerer;
      const args = { connection, channels: count, size: SIZE };
      const { openMs, echoedMs } = await pair.sender.call('openMany', args);
      const after = await residentBytes(pair);
      return {
        [`${name}-open`]: openMs,
        [`${name}-echo`]: echoedMs - openMs,
        [`${name}-memory`]: (after - before) / count / 1024,
      };
    },
  };
}

function mostChannels({ sender }: ProcessPair): number {
  const limits = peerLimits[sender.name as keyof typeof peerLimits];
  return limits.mostChannels?.channels ?? Number.POSITIVE_INFINITY;
}
