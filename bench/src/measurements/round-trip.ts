// Ping-pong: round-trip times of 64-byte messages, one under way at a time.
import { quantile } from '../statistics.ts';
import type { Measurement } from './measurement.ts';

const CHANNEL = 'ping';
const SIZE = 64;
const WARM_UP_PINGS = 200;

export const roundTrip: Measurement = {
  name: 'ping',
  rows: [
    { key: 'ping-p50', title: 'ping-pong, median', unit: 'ms', better: 'lower' },
    { key: 'ping-p99', title: 'ping-pong, 99th percentile', unit: 'ms', better: 'lower' },
  ],
  run: async (pair, scale) => {
    const { offerer, answerer } = await pair.connect(CHANNEL);
    await answerer.receive('reflect');
    const { connection } = offerer;
    const ping = (times: number) =>
      pair.sender.call('ping', { connection, channel: CHANNEL, size: SIZE, times });
    await ping(WARM_UP_PINGS);
    const roundTrips = await ping(scale.pings);
    return { 'ping-p50': quantile(roundTrips, 0.5), 'ping-p99': quantile(roundTrips, 0.99) };
  },
};
