// The one place where a simulation lets the real event loop turn.

// biome-ignore lint/style/noRestrictedGlobals: it waits for no time, only for promises to settle.
const turn: (callback: () => void) => unknown = setImmediate;

/**
 * Resolves when every promise continuation and `nextTick` callback that can run has run. It takes about a
 * microsecond.
 *
 * A macrotask is the sure way: chains of promises may be of any length, and no count of microtasks would
 * be enough for all.
 */
export function settle(): Promise<void> {
  return new Promise<void>((resolve) => {
    turn(resolve);
  });
}
