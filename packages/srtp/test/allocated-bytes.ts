// Measures what a piece of code allocates, for tests that hold it to a budget.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Bytes that one call of `run` leaves on the heap, garbage included: the least of several rounds, because
 * whatever else the process does only adds to it. The rounds are short enough not to set off a collection.
 */
export function allocatedBytesPerCall(run: () => void, calls = 20_000, rounds = 8): number {
  for (let i = 0; i < 3 * calls; i++) run();
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < calls; i++) run();
    const grown = process.memoryUsage().heapUsed - before;
    if (grown >= 0) least = Math.min(least, grown);
  }
  return least / calls;
}
