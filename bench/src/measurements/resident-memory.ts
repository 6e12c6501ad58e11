// Resident memory of both processes of a pair.
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessPair } from '../process-pair.ts';

const SETTLE_MS = 1_000;

/** After a pause and a garbage collection, both processes together. */
export async function residentBytes(pair: ProcessPair): Promise<number> {
  await delay(SETTLE_MS);
  const usages = await Promise.all(
    [pair.sender, pair.receiver].map((peer) => peer.call('usage', { collectGarbage: true })),
  );
  return usages.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
}
