// Many channels on one connection: time until all are open and have echoed, and their memory.
import type { Measurement } from './measurement.ts';
import { residentBytes } from './resident-memory.ts';

const FIRST_CHANNEL = 'first';
const SIZE = 64;

export const manyChannels: Measurement = {
  name: 'channels',
  rows: [
    { key: 'channels-open', title: '1,000 channels: all open', unit: 'ms', better: 'lower' },
    {
      key: 'channels-echo',
      title: '1,000 channels: all open, one echo on each',
      unit: 'ms',
      better: 'lower',
    },
    {
      key: 'channel-memory',
      title: 'memory of a channel, both ends',
      unit: 'KiB',
      better: 'lower',
    },
  ],
  run: async (pair, { channels }) => {
    const { offerer, answerer } = await pair.connect(FIRST_CHANNEL);
    await answerer.receive('reflect');
    const before = await residentBytes(pair);
    const { connection } = offerer;
    const args = { connection, channels, size: SIZE };
    const { openMs, echoedMs } = await pair.sender.call('openMany', args);
    const after = await residentBytes(pair);
    return {
      'channels-open': openMs,
      'channels-echo': echoedMs,
      'channel-memory': (after - before) / channels / 1024,
    };
  },
};
