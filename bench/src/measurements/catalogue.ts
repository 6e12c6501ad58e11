// Every measurement, in the order of the table.
import { idleMemory } from './idle-memory.ts';
import { loadedMemory } from './loaded-memory.ts';
import { channels500, channels1000 } from './many-channels.ts';
import type { Measurement } from './measurement.ts';
import { goodput16k, goodput64k, smallMessages } from './one-way.ts';
import { roundTrip } from './round-trip.ts';
import { setupInDescription, setupTrickled, setupWarm, setupWarmedUp } from './setup.ts';

export const measurements: readonly Measurement[] = [
  goodput16k,
  goodput64k,
  smallMessages,
  roundTrip,
  setupTrickled,
  setupWarmedUp,
  setupWarm,
  setupInDescription,
  idleMemory,
  loadedMemory,
  channels500,
  channels1000,
];
