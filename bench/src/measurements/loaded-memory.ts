// Memory of a connection at full load: the highest resident memory of both processes.
//
// Linux tells a process's highest resident memory (VmHWM) and forgets it when asked to.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { PairedSession, Peer } from '@kaon/interop/peers';
import type { Measurement } from './measurement.ts';
import { residentBytes } from './resident-memory.ts';

const CHANNEL = 'load';
const SIZE = 16 * 1024;
/** The load goes on until the processes are ended. */
const LOAD_MS = 100_000;
/** Makes Linux forget the highest resident memory so far (proc(5), clear_refs). */
const FORGET_PEAK = '5';

export const loadedMemory: Measurement = {
  name: 'memory-loaded',
  rows: [
    {
      key: 'memory-loaded',
      title: 'peak memory of a connection at full load beyond idle, both ends',
      unit: 'KiB',
      better: 'lower',
    },
  ],
  run: async (pair, { loadedConnections, warmUpMs, loadMs }) => {
    const peers = [pair.sender, pair.receiver];
    const sessions: PairedSession[] = [];
    for (let index = 0; index < loadedConnections; index++) {
      const session = await pair.connect(CHANNEL, 'in-description');
      await session.answerer.receive('count');
      sessions.push(session);
    }
    const idle = await residentBytes(pair);
    for (const peer of peers) writeFileSync(`/proc/${pidOf(peer)}/clear_refs`, FORGET_PEAK);
    for (const { offerer } of sessions) {
      const { connection } = offerer;
      const args = { connection, channel: CHANNEL, size: SIZE, durationMs: LOAD_MS };
      // The processes are ended in the middle of it.
      pair.sender.call('blast', args).catch(() => undefined);
    }
    await delay(warmUpMs + loadMs);
    const peak = peers.reduce((sum, peer) => sum + peakResidentBytes(peer), 0);
    return { 'memory-loaded': (peak - idle) / loadedConnections / 1024 };
  },
};

function peakResidentBytes(peer: Peer): number {
  const status = readFileSync(`/proc/${pidOf(peer)}/status`, 'utf8');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`${peer.name}: Linux tells no VmHWM of it`);
  return Number(kibibytes) * 1024;
}

function pidOf({ name, pid }: Peer): number {
  if (pid === undefined) throw new Error(`${name} is not one process`);
  return pid;
}
