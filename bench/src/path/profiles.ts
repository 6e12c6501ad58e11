// The paths that are measured, by name.
import type { PathOptions } from './emulator.ts';

export interface PathProfile extends PathOptions {
  /** The name for `--only`; each of its parts between dashes selects it too. */
  readonly name: string;
  readonly title: string;
}

export interface BottleneckProfile extends PathProfile {
  readonly rateMbps: number;
}

const ROUND_TRIPS_MS = [10, 40, 150];
const LOSSES_PERCENT = [0, 0.1, 1, 3];

/** Delay and random loss, without a bottleneck other than the processor. */
export const lossyProfiles: readonly PathProfile[] = ROUND_TRIPS_MS.flatMap((roundTripMs) =>
  LOSSES_PERCENT.map((lossPercent) => ({
    name: `rtt${roundTripMs}-loss${lossPercent}`,
    title: `${roundTripMs} ms, ${lossPercent}% loss`,
    roundTripMs,
    lossPercent,
  })),
);

/** A bottleneck with about half of its bandwidth-delay product (167 packets) of queue. */
export const bottleneckProfile: BottleneckProfile = {
  name: 'bottleneck',
  title: '50 Mbit/s, 100 packets of queue, 40 ms',
  roundTripMs: 40,
  lossPercent: 0,
  rateMbps: 50,
  queuePackets: 100,
};

/** The same bottleneck with two flows on it. */
export const SHARED: string = 'shared';
