// The names that hosts of a simulation can look up, in place of DNS and mDNS.

import { parseIpAddress } from '@kaon/wire';
import { SimulationError } from './errors.ts';
import { canonicalAddress } from './subnet.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface NameRecord {
  readonly addresses: readonly string[];
  readonly delayMs: number;
}

/** Knows every name of a simulation, those in `.local` too; all hosts see the same names. */
export class NameService {
  readonly #clock: VirtualClock;
  readonly #records = new Map<string, NameRecord>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Sets the addresses of a name, and how long a look-up takes; without any, there is no such name. */
  register(hostname: string, addresses: readonly string[], delayMs: number): void {
    this.#records.set(hostname.toLowerCase(), {
      addresses: addresses.map(canonicalAddress),
      delayMs,
    });
  }

  /** The addresses of a name; rejects with `ENOTFOUND` as the system would if there are none. */
  lookup(hostname: string): Promise<readonly string[]> {
    const record = this.#records.get(hostname.toLowerCase());
    const isLiteral = parseIpAddress(hostname) !== undefined;
    const addresses = isLiteral ? [canonicalAddress(hostname)] : (record?.addresses ?? []);
    return new Promise((resolve, reject) => {
      const run = (): void => {
        this.#clock.noteCallOut();
        if (addresses.length > 0) resolve(addresses);
        else reject(new SimulationError('ENOTFOUND', `lookup ENOTFOUND ${hostname}`));
      };
      const delayMs = record?.delayMs ?? 0;
      if (delayMs > 0) this.#clock.schedule(this.#clock.now + delayMs, { run });
      else run();
    });
  }
}
