// Plain UDP packets through a path, and what became of them: see path/udp-probe.c.
import { FAR_ADDRESS, NEAR_ADDRESS, type PathEmulator } from './emulator.ts';
import { LineProcess } from './line-process.ts';
import { compileProgram } from './native-program.ts';

const PORT = '5000';
/** What is still on its way when the sender has ended: more than the longest delay used. */
const DRAIN_MS = 200;

export interface Burst {
  readonly packets: number;
  /** Bytes of UDP payload. */
  readonly size: number;
  /** 0 for as fast as the sender can. */
  readonly packetsPerSecond: number;
  readonly direction: 'forward' | 'back';
  /** How long a packet may stand before the bottleneck. */
  readonly queueMs?: number;
}

export interface BurstResult {
  readonly received: number;
  readonly bytes: number;
  /** Packets that came after one with a higher number. */
  readonly disordered: number;
  /** From the first to the last arrival. */
  readonly seconds: number;
  readonly delayMs: {
    readonly least: number;
    readonly median: number;
    readonly p99: number;
    readonly most: number;
  };
}

export async function sendBurst(path: PathEmulator, burst: Burst): Promise<BurstResult> {
  const program = await compileProgram('udp-probe');
  const isForward = burst.direction === 'forward';
  const [from, to] = isForward ? [path.near, path.far] : [path.far, path.near];
  const sink = new LineProcess([...to, program, 'sink', PORT]);
  try {
    await sink.read();
    const numbers = [burst.packets, burst.size, burst.packetsPerSecond].map(String);
    const target = [isForward ? FAR_ADDRESS : NEAR_ADDRESS, PORT];
    const sender = new LineProcess([...from, program, 'send', ...target, ...numbers]);
    await sender.read();
    await sender.end();
    await new Promise((resolve) => setTimeout(resolve, DRAIN_MS + (burst.queueMs ?? 0)));
    sink.finish();
    return await sink.read<BurstResult>();
  } finally {
    await sink.end();
  }
}
