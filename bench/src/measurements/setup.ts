// Connection setup: from createOffer to the open channel on the offerer's own clock.
//
// Each connection makes its own certificate, and the offer, the answer and each candidate pass
// through the driver's pipes.
import type { PairedSession } from '@kaon/interop/peers';
import type { ProcessPair } from '../process-pair.ts';
import { median } from '../statistics.ts';
import type { Measurement } from './measurement.ts';

const CHANNEL = 'setup';
/** After so many, a process has run the code often enough to have most of it compiled. */
const WARM_UP_SETUPS = 40;
const FIRST_SETUPS = 2;

export const setupTrickled: Measurement = {
  name: 'setup',
  rows: [
    { key: 'setup', title: 'connection setup, trickled candidates', unit: 'ms', better: 'lower' },
  ],
  run: async (pair, { setups }) => ({
    setup: await medianSetup(pair, 'trickled', FIRST_SETUPS, setups),
  }),
};

export const setupWarm: Measurement = {
  name: 'setup-warm',
  rows: [
    {
      key: 'setup-warm',
      title: `the same after ${WARM_UP_SETUPS} connections`,
      unit: 'ms',
      better: 'lower',
    },
  ],
  run: async (pair, { setups }) => ({
    'setup-warm': await medianSetup(pair, 'trickled', WARM_UP_SETUPS, setups),
  }),
};

export const setupInDescription: Measurement = {
  name: 'setup-whole',
  rows: [
    {
      key: 'setup-whole',
      title: 'connection setup, candidates in descriptions',
      unit: 'ms',
      better: 'lower',
    },
  ],
  run: async (pair, { setups }) => ({
    'setup-whole': await medianSetup(pair, 'in-description', FIRST_SETUPS, setups),
  }),
};

async function medianSetup(
  pair: ProcessPair,
  candidates: 'trickled' | 'in-description',
  before: number,
  setups: number,
): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < before + setups; index++) {
    const session = await pair.connect(CHANNEL, candidates);
    if (index >= before) times.push(setupMs(session));
    await session.close();
  }
  return median(times);
}

function setupMs({ offerer }: PairedSession): number {
  const time = offerer.sinceOfferMs(CHANNEL);
  if (time === null) throw new Error('the offerer reported no setup time');
  return time;
}
