// Connection setup: from createOffer to the open channel on the offerer's own clock.
//
// Each connection makes its own certificate, and the offer, the answer and each candidate pass
// through the driver's pipes.
import type { PairedSession } from '@kaon/interop/peers';
import type { ProcessPair } from '../process-pair.ts';
import type { Row } from '../row.ts';
import { median } from '../statistics.ts';
import type { Measurement } from './measurement.ts';

const CHANNEL = 'setup';
/** After so many, a process has run the code often enough to have most of it compiled. */
const WARM_UP_SETUPS = 40;
const FIRST_SETUPS = 2;

export const setupTrickled: Measurement = {
  name: 'setup',
  rows: [
    setupRow('setup', 'connection setup, trickled candidates'),
    setupRow('setup-first', 'connection setup, the first of a process'),
  ],
  run: async (pair, { setups }) => {
    const times = await setUp(pair, 'trickled', FIRST_SETUPS + setups);
    return { setup: median(times.slice(FIRST_SETUPS)), 'setup-first': firstOf(times) };
  },
};

/** A stack that has no call for it does here what it does in `setup`. */
export const setupWarmedUp: Measurement = {
  name: 'setup-warmed-up',
  rows: [
    setupRow('setup-warmed-up', "connection setup after the stack's own warm-up"),
    setupRow('setup-warmed-up-first', 'connection setup, the first after a warm-up'),
  ],
  run: async (pair, { setups }) => {
    await Promise.all([pair.sender.call('warmUp', {}), pair.receiver.call('warmUp', {})]);
    const times = await setUp(pair, 'trickled', FIRST_SETUPS + setups);
    return {
      'setup-warmed-up': median(times.slice(FIRST_SETUPS)),
      'setup-warmed-up-first': firstOf(times),
    };
  },
};

export const setupWarm: Measurement = {
  name: 'setup-warm',
  rows: [setupRow('setup-warm', `connection setup after ${WARM_UP_SETUPS} connections`)],
  run: async (pair, { setups }) => {
    const times = await setUp(pair, 'trickled', WARM_UP_SETUPS + setups);
    return { 'setup-warm': median(times.slice(WARM_UP_SETUPS)) };
  },
};

export const setupInDescription: Measurement = {
  name: 'setup-whole',
  rows: [setupRow('setup-whole', 'connection setup, candidates in descriptions')],
  run: async (pair, { setups }) => {
    const times = await setUp(pair, 'in-description', FIRST_SETUPS + setups);
    return { 'setup-whole': median(times.slice(FIRST_SETUPS)) };
  },
};

function setupRow(key: string, title: string): Row {
  return { key, title, unit: 'ms', better: 'lower' };
}

/** The times of so many connections, one after the other. */
async function setUp(
  pair: ProcessPair,
  candidates: 'trickled' | 'in-description',
  connections: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < connections) {
    const session = await pair.connect(CHANNEL, candidates);
    times.push(setupMs(session));
    await session.close();
  }
  return times;
}

function firstOf(times: readonly number[]): number {
  return times[0] ?? Number.NaN;
}

function setupMs({ offerer }: PairedSession): number {
  const time = offerer.sinceOfferMs(CHANNEL);
  if (time === null) throw new Error('the offerer reported no setup time');
  return time;
}
