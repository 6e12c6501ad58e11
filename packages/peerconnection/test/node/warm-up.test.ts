// warmUp: whole connections in memory, which leave nothing.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';

type Kaon = typeof import('../../src/index.ts');

/** Alice's two messages and Bob's echoes. */
const MESSAGES_OF_ONE = 4;

/** A turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let warmUp: Kaon['warmUp'];
let send: MockInstance;

/** How many connections have carried all their messages, there and back. */
const connectionsMade = (): number => send.mock.calls.length / MESSAGES_OF_ONE;

beforeEach(async () => {
  // What has been warmed up is the process's; each test begins with a fresh one.
  vi.resetModules();
  const kaon = await import('../../src/index.ts');
  warmUp = kaon.warmUp;
  send = vi.spyOn(kaon.RTCDataChannel.prototype, 'send');
});

describe('warmUp', () => {
  it('makes connections that carry messages both ways, and opens no socket', async () => {
    const seen = new Set<string>();
    let isDone = false;
    const watch = (): void => {
      for (const name of process.getActiveResourcesInfo()) seen.add(name);
      if (!isDone) setImmediate(watch);
    };
    watch();
    await warmUp({ connections: 3 });
    isDone = true;
    expect(connectionsMade()).toBe(3);
    expect(seen).not.toContain('UDPWrap');
  });

  it('lets other turns of the event loop come in between', async () => {
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    count();
    await warmUp({ connections: 2 });
    isDone = true;
    expect(turns).toBeGreaterThan(20);
  });

  it('counts what earlier calls have made', async () => {
    await warmUp({ connections: 2 });
    await warmUp({ connections: 2 });
    await warmUp({ connections: 0 });
    expect(connectionsMade()).toBe(2);
    await warmUp({ connections: 3 });
    expect(connectionsMade()).toBe(3);
  });

  it('shares the work of calls at the same time', async () => {
    await Promise.all([warmUp({ connections: 3 }), warmUp({ connections: 2 })]);
    expect(connectionsMade()).toBe(3);
  });

  it('begins nothing if its signal is aborted', async () => {
    const reason = new Error('No time.');
    await expect(warmUp({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(connectionsMade()).toBe(0);
  });

  it('ends with the connection that is under way when its signal is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('That will do.');
    const aborted = warmUp({ connections: 1000, signal: controller.signal });
    const other = warmUp({ connections: 4 });
    while (send.mock.calls.length === 0) await turn();
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(connectionsMade()).toBe(1);
    // Whoever else waits for it is not concerned.
    await other;
    expect(connectionsMade()).toBe(4);
  });

  it('ends early, without an error, if a connection fails', async () => {
    // A clock that leaps by ten seconds whenever it is looked at: nothing is answered in time.
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 10_000;
      return now;
    });
    await warmUp({ connections: 3 });
    clock.mockRestore();
    expect(connectionsMade()).toBe(0);
    await warmUp({ connections: 1 });
    expect(connectionsMade()).toBe(1);
  });

  it('rejects malformed options', async () => {
    await expect(warmUp({ connections: -1 })).rejects.toThrow(
      new TypeError('connections is -1, expected an integer from 0 to 1000.'),
    );
    await expect(warmUp({ connections: Number.NaN })).rejects.toThrow(TypeError);
    await expect(warmUp({ connections: 1001 })).rejects.toThrow(TypeError);
    await expect(warmUp({ signal: {} as AbortSignal })).rejects.toThrow(
      new TypeError('signal is no AbortSignal.'),
    );
    await expect(warmUp('20' as never)).rejects.toThrow(TypeError);
    expect(connectionsMade()).toBe(0);
  });

  it('leaves a process that has nothing else to do, awaited or not', async () => {
    const kaon = JSON.stringify(fileURLToPath(new URL('../../src/index.ts', import.meta.url)));
    const run = (script: string): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, [
        '--conditions=kaon-source',
        '--input-type=module',
        '--eval',
        `import { warmUp } from ${kaon}; ${script}`,
      ]);
    const [awaited, left] = await Promise.all([
      run(`
        await warmUp({ connections: 2 });
        for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
        console.log(process.getActiveResourcesInfo().join());
      `),
      run(`
        warmUp({ connections: 2 }).then(() => console.log('done'));
      `),
    ]);
    expect(awaited.stdout).toBe('\n');
    expect(left.stdout).toBe('done\n');
  });
});
