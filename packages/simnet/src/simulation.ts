// The simulation: a clock, a seed, a network to build, and the means to run it and to look at it.

import { addressFamily } from '@kaon/wire';
import { SimulationError } from './errors.ts';
import { EventLoop, type RunOptions, type RunResult } from './event-loop.ts';
import type { Medium } from './link.ts';
import type { LinkOptions } from './link-conditions.ts';
import { NameService } from './name-service.ts';
import { Nat } from './nat.ts';
import type { NatBehavior } from './nat-behavior.ts';
import { type CaptureOptions, PacketCapture } from './packet-capture.ts';
import { Router } from './router.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedHost } from './simulated-host.ts';
import { chooseAddresses, type Family, Subnet, type SubnetPrefixes } from './subnet.ts';
import { Trace } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

const DEFAULT_EPOCH_MS: number = Date.UTC(2026, 0, 1);
const DEFAULT_MAX_STEPS = 10_000_000;
const INTERNET_LATENCY_MS = 10;
const LAN_LATENCY_MS = 0.5;

/** What a simulation starts with. */
export interface SimulationOptions {
  /** All randomness follows from it; 0 by default. */
  readonly seed?: string | number;
  /** Where the virtual clock starts, in milliseconds; 0 by default. */
  readonly startTimeMs?: number;
  /** The wall clock when the virtual clock is 0, in milliseconds since 1970; 2026-01-01 by default. */
  readonly epochMs?: number;
  /** Events that one run may take before it is stopped as endless; 10 million by default. */
  readonly maxSteps?: number;
}

/** How something is attached to the network. */
export interface AttachmentOptions {
  /** The subnet it is attached to, or the translator it is behind; the internet by default. */
  readonly behind?: Subnet | Nat;
  /** Its literal addresses there; chosen by the subnet by default. */
  readonly addresses?: readonly string[];
  /** Which families of addresses to choose, if none are given; IPv4 alone by default. */
  readonly families?: readonly Family[];
  /** The link to the subnet; a latency of 10 ms on the internet and 0.5 ms elsewhere by default. */
  readonly link?: LinkOptions;
}

/** How a subnet is made. */
export interface LanOptions {
  /** The subnet its router is attached to; by default there is none and the subnet is on its own. */
  readonly behind?: Subnet | Nat;
  /** The link of its router; as in {@link AttachmentOptions}. */
  readonly link?: LinkOptions;
  /** The addresses to count up from. */
  readonly prefixes?: Partial<SubnetPrefixes>;
}

/** How a translator is made: its place outside, its behaviour, and the addresses inside. */
export interface NatOptions extends AttachmentOptions, NatBehavior {
  /** The addresses to count up from inside. */
  readonly prefixes?: Partial<SubnetPrefixes>;
}

/** Starts a simulation. */
export function createSimulation(options: SimulationOptions = {}): Simulation {
  return new Simulation(options);
}

/**
 * A simulated network with virtual time. The same seed and the same code give the same run, to the last
 * byte; {@link traceDigest} tells.
 */
export class Simulation {
  /** What happened to packets so far, and the place to listen to it. */
  readonly trace: Trace;
  /** The root of all randomness: `random.fork('my test')` gives a stream of one's own. */
  readonly random: SeededRandom;
  /** The virtual clock. */
  readonly clock: VirtualClock;
  /** Where everything is that is not behind something. */
  readonly internet: Subnet;
  readonly #medium: Medium;
  readonly #loop: EventLoop;
  readonly #names: NameService;
  readonly #epochMs: number;
  readonly #taken = new Set<string>(['internet']);
  #subnetCount = 0;

  constructor(options: SimulationOptions = {}) {
    this.clock = new VirtualClock(options.startTimeMs ?? 0);
    this.trace = new Trace(this.clock);
    this.random = new SeededRandom(options.seed ?? 0);
    this.#medium = { clock: this.clock, trace: this.trace, random: this.random };
    this.#loop = new EventLoop(this.clock, options.maxSteps ?? DEFAULT_MAX_STEPS);
    this.#names = new NameService(this.clock);
    this.#epochMs = options.epochMs ?? DEFAULT_EPOCH_MS;
    this.internet = new Subnet('internet', this.#medium, { ipv4: '5.0.0.0', ipv6: '2a00::' });
  }

  /** Virtual milliseconds. */
  get now(): number {
    return this.clock.now;
  }

  /** Sixteen digits that are equal for two runs exactly if they went the same way. */
  get traceDigest(): string {
    return this.trace.digest;
  }

  /** A host, on the internet unless told otherwise. Names are unique in a simulation. */
  host(name: string, options: AttachmentOptions = {}): SimulatedHost {
    this.#take(name);
    const host = new SimulatedHost(name, this.#medium, this.#names, this.#epochMs);
    this.attach(host, options);
    return host;
  }

  /** Gives a host one more interface. */
  attach(host: SimulatedHost, options: AttachmentOptions = {}): void {
    const subnet = this.#subnetOf(options.behind);
    const addresses = chooseAddresses(subnet, options.addresses, options.families ?? [4]);
    host.attach(subnet, addresses, this.#linkTo(subnet, options.link));
  }

  /** A subnet: on its own, or joined to another by a router that translates nothing. */
  lan(name: string, options: LanOptions = {}): Subnet {
    this.#take(name);
    const number = ++this.#subnetCount;
    const isRouted = options.behind !== undefined;
    const prefixes = isRouted ? globalPrefixes(number) : privatePrefixes(number);
    const subnet = new Subnet(name, this.#medium, { ...prefixes, ...options.prefixes });
    if (isRouted) {
      const outside = this.#subnetOf(options.behind);
      const link = this.#linkTo(outside, options.link);
      new Router(`${name} router`, this.#medium, subnet, outside, link);
    }
    return subnet;
  }

  /** An address translator with a subnet inside; give it, or its `inside`, as `behind` to others. */
  nat(name: string, options: NatOptions = {}): Nat {
    this.#take(name);
    const outside = this.#subnetOf(options.behind);
    const addresses = chooseAddresses(outside, options.addresses, options.families ?? [4]);
    const number = ++this.#subnetCount;
    const hasIpv6 = addresses.some((address) => addressFamily(address) === 6);
    const inside = new Subnet(`${name} inside`, this.#medium, {
      ipv4: privatePrefixes(number).ipv4,
      // IPv6 that is not translated is routed, and so has global addresses.
      ipv6: hasIpv6 ? privatePrefixes(number).ipv6 : globalPrefixes(number).ipv6,
      ...options.prefixes,
    });
    const link = this.#linkTo(outside, options.link);
    return new Nat(name, this.#medium, inside, outside, addresses, options, link);
  }

  /**
   * Two hosts joined by one link, in a subnet of their own. The link is the first host's: its outbound
   * direction leads from the first to the second. It does nothing but what it is told.
   */
  connect(first: string, second: string, link: LinkOptions): [SimulatedHost, SimulatedHost] {
    const behind = this.lan(`${first}-${second}`);
    return [
      this.host(first, { behind, link: { latencyMs: 0, ...link } }),
      this.host(second, { behind, link: { latencyMs: 0 } }),
    ];
  }

  /** Lets all hosts look up `hostname`; `delayMs` (0 by default) is how long that takes. */
  register(hostname: string, addresses: readonly string[], delayMs = 0): void {
    this.#names.register(hostname, addresses, delayMs);
  }

  /** Calls `callback` at `time`, or at once if that has passed; the network may be changed then. */
  at(time: number, callback: () => void): void {
    this.clock.schedule(time, {
      run: () => {
        this.clock.noteCallOut();
        callback();
      },
    });
  }

  /** Resolves when `durationMs` have passed on the virtual clock. */
  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now + durationMs, resolve));
  }

  /** Stops virtual time, while it runs, until real work such as making a key is done. */
  hold<T>(work: Promise<T>): Promise<T> {
    return this.#loop.hold(work);
  }

  /**
   * Runs event by event and lets promises settle after each.
   *
   * @throws SimulationError `SIM_STEP_LIMIT`, `SIM_LIVELOCK`, or `SIM_RUNNING`; and what callbacks throw.
   */
  run(options: RunOptions = {}): Promise<RunResult> {
    return this.#loop.run(options);
  }

  /** As {@link run}, but without promises: for machines and plain callbacks. */
  runSync(options: RunOptions = {}): RunResult {
    return this.#loop.runSync(options);
  }

  /**
   * Runs until `work` has settled, and gives what it gives.
   *
   * @throws SimulationError `SIM_IDLE` if nothing is left to do before that, `SIM_TIMEOUT` after
   * `timeoutMs` virtual milliseconds; and as {@link run}.
   */
  complete<T>(
    work: Promise<T>,
    { timeoutMs = Number.POSITIVE_INFINITY }: { readonly timeoutMs?: number } = {},
  ): Promise<T> {
    return this.#loop.complete(work, timeoutMs);
  }

  /** Keeps packets from now on, to be written as a pcap file or read as a log. */
  capture(options: CaptureOptions = {}): PacketCapture {
    return new PacketCapture(this.trace, this.#epochMs, options);
  }

  #take(name: string): void {
    if (this.#taken.has(name)) {
      throw new SimulationError('SIM_NAME_TAKEN', `There is a ${name} already.`);
    }
    this.#taken.add(name);
  }

  #subnetOf(behind: Subnet | Nat | undefined): Subnet {
    if (behind === undefined) return this.internet;
    return behind instanceof Nat ? behind.inside : behind;
  }

  #linkTo(subnet: Subnet, link: LinkOptions | undefined): LinkOptions {
    const latencyMs = subnet === this.internet ? INTERNET_LATENCY_MS : LAN_LATENCY_MS;
    return { latencyMs, ...link };
  }
}

function privatePrefixes(number: number): SubnetPrefixes {
  return {
    ipv4: `10.${number >> 8}.${number & 255}.0`,
    ipv6: `fd00:0:0:${number.toString(16)}::`,
  };
}

function globalPrefixes(number: number): SubnetPrefixes {
  return {
    ipv4: `5.${1 + (number >> 8)}.${number & 255}.0`,
    ipv6: `2a00:0:0:${number.toString(16)}::`,
  };
}
