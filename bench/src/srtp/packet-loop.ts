// What the JavaScript programs of `pnpm bench srtp` have in common: the measurement, and the answers.
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { createInterface } from 'node:readline';

export const HEADER_LENGTH = 12;
/** Room behind a packet for its tag. */
const ROOM = 32;
const BATCH = 250;
const WARM_UP = 5_000;

/** A stack at work on one profile. */
export interface Workload {
  /** Protects packet `i`, with the header made for it. */
  readonly protect: (i: number) => void;
  /** Called behind a batch of {@link protect}. */
  readonly finish?: () => void;
  /** Unprotects what {@link protect} made of packet `i`; undefined if that is measured elsewhere. */
  readonly unprotect: ((i: number) => void) | undefined;
  /** Called behind a batch of {@link unprotect}. */
  readonly finishUnprotect?: () => void;
}

/** A packet's memory; header and payload are at its front. */
export interface Packets {
  readonly memory: readonly Uint8Array[];
  /** Header and payload. */
  readonly length: number;
  /** Of each packet. */
  readonly sequenceNumbers: Uint16Array;
}

/** Answers `PROFILE PAYLOAD PACKETS` with nanoseconds of processor time: `PROTECT UNPROTECT`, or `-`. */
export async function answerRequests(
  packageName: string,
  create: (profile: string, packets: Packets) => Workload | undefined,
): Promise<void> {
  console.log(`${packageName} ${versionOf(packageName)} (Node ${process.version})`);
  for await (const line of createInterface({ input: process.stdin })) {
    const [profile = '', payload, count] = line.split(' ');
    const packets = createPackets(Number(payload));
    const workload = create(profile, packets);
    console.log(workload === undefined ? '-' : measure(workload, packets, Number(count)));
  }
}

function createPackets(payload: number): Packets {
  const length = HEADER_LENGTH + payload;
  const memory = Array.from({ length: BATCH }, () => new Uint8Array(length + ROOM));
  return { memory, length, sequenceNumbers: new Uint16Array(BATCH) };
}

function measure(workload: Workload, packets: Packets, count: number): string {
  let sequenceNumber = 0;
  let protect = 0;
  let unprotect = 0;
  for (let done = -WARM_UP; done < count; done += BATCH) {
    for (const [i, packet] of packets.memory.entries()) {
      packet.fill(0x5a, 0, packets.length);
      packet.set([
        0x80,
        0x60,
        sequenceNumber >> 8,
        sequenceNumber,
        0,
        0,
        0,
        0,
        0xca,
        0xfe,
        0xba,
        0xbe,
      ]);
      packets.sequenceNumbers[i] = sequenceNumber;
      sequenceNumber = (sequenceNumber + 1) & 0xffff;
    }
    const start = now();
    for (let i = 0; i < BATCH; i++) workload.protect(i);
    workload.finish?.();
    const middle = now();
    if (workload.unprotect !== undefined) {
      for (let i = 0; i < BATCH; i++) workload.unprotect(i);
      workload.finishUnprotect?.();
    }
    const end = now();
    if (done < 0) continue;
    protect += (middle - start) / count;
    unprotect += (end - middle) / count;
  }
  const second = workload.unprotect === undefined ? '-' : unprotect.toFixed(1);
  return `${protect.toFixed(1)} ${second}`;
}

/** Processor time of the whole process, its collector's threads included, in nanoseconds. */
function now(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

function versionOf(packageName: string): string {
  const path = findPackageJSON(packageName, import.meta.url);
  return path === undefined ? 'unknown' : JSON.parse(readFileSync(path, 'utf8')).version;
}
