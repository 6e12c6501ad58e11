// A running path between two hosts of its own: see path/path-emulator.c for what it does.
import { existsSync } from 'node:fs';
import { LineProcess } from './line-process.ts';
import { compileProgram } from './native-program.ts';

export interface PathOptions {
  /** Without queueing; half of it in each direction. */
  readonly roundTripMs: number;
  /** Random loss, the same in both directions and independent of each other. */
  readonly lossPercent: number;
  /** Random loss from far to near, where it is another. */
  readonly lossBackPercent?: number;
  /** Rate of the bottleneck in each direction; none by default. */
  readonly rateMbps?: number;
  /** Room before the bottleneck in packets. */
  readonly queuePackets?: number;
  readonly seed?: number;
}

/** Totals of one direction since the start. */
export interface DirectionCounters {
  readonly forwarded: number;
  /** IP packets, headers included. */
  readonly bytes: number;
  /** By chance, as told. */
  readonly lost: number;
  /** Dropped before the bottleneck. */
  readonly queueFull: number;
  /** Time that packets waited before the bottleneck, all together. */
  readonly queuedMs: number;
  /** Dropped because the emulator could not carry them: a run with any of these means little. */
  readonly overflow: number;
  readonly missed: number;
  readonly unwritten: number;
  /** Dropped at the far end because the receiving socket's buffer was full. */
  readonly socketFull: number;
  /** How much later than due packets were handed on, all together and at most. */
  readonly lateMs: number;
  readonly lateMaxMs: number;
}

export interface PathCounters {
  readonly atMs: number;
  readonly realtime: boolean;
  /** Near to far. */
  readonly forward: DirectionCounters;
  readonly back: DirectionCounters;
}

export const FAR_ADDRESS = '10.78.0.2';
export const NEAR_ADDRESS = '10.78.0.1';

export class PathEmulator {
  /** The beginning of a command line that puts a program into one of the hosts. */
  readonly near: readonly string[];
  readonly far: readonly string[];
  readonly #process: LineProcess;

  constructor(process: LineProcess, near: readonly string[], far: readonly string[]) {
    this.#process = process;
    this.near = near;
    this.far = far;
  }

  static async start(options: PathOptions): Promise<PathEmulator> {
    const { lossBackPercent, rateMbps, queuePackets, seed } = options;
    const flags = {
      '--rtt-ms': options.roundTripMs,
      '--loss-percent': options.lossPercent,
      '--loss-back-percent': lossBackPercent,
      '--rate-mbps': rateMbps,
      '--queue-packets': queuePackets,
      '--seed': seed,
    };
    const args = Object.entries(flags).flatMap(([name, value]) =>
      value === undefined ? [] : [name, String(value)],
    );
    const process = new LineProcess([await compileProgram('path-emulator'), ...args]);
    const { pid, near, far } = await process.read<{ pid: number; near: number; far: number }>();
    const enter = (file: number) => ['nsenter', `--net=/proc/${pid}/fd/${file}`, '--'];
    return new PathEmulator(process, enter(near), enter(far));
  }

  counters(): Promise<PathCounters> {
    this.#process.write('counters');
    return this.#process.read<PathCounters>();
  }

  /** Ends the path; its hosts are gone when the programs in them have ended too. */
  async stop(): Promise<void> {
    await this.#process.end();
  }
}

/** Why this machine cannot have such a path, as a sentence; undefined if it can. */
export async function whyNoPath(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces and TUN devices need root';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun (modprobe tun)';
  if (!existsSync('/usr/bin/nsenter')) return "there is no nsenter (Debian's util-linux)";
  if (!existsSync('/usr/bin/gcc')) return "there is no gcc (Debian's gcc and libc6-dev)";
  try {
    const path = await PathEmulator.start({ roundTripMs: 0, lossPercent: 0 });
    await path.stop();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
