// Two associations on a simulated link, and what tests want to know of them.
import { defaultCrypto } from '@kaon/crypto';
import {
  createSimulation,
  type LinkOptions,
  type MachinePair,
  machinePair,
  type RunResult,
  type Simulation,
} from '@kaon/simnet';
import {
  DATA_CHANNEL_PPID,
  SctpAssociation,
  type SctpEvent,
  type SctpOptions,
} from '../src/index.ts';

type PairOptions = Partial<SctpOptions>;

/** Looks at a packet on its way; false loses it. */
export type PacketFilter = (packet: Uint8Array, now: number) => boolean;

/** What a pair is made of. */
export interface AssociationPairOptions {
  readonly seed?: string | number;
  readonly link?: LinkOptions;
  readonly a?: PairOptions;
  readonly b?: PairOptions;
}

/** One end as the link sees it: a machine whose arriving packets can be filtered. */
class End {
  readonly association: SctpAssociation;
  readonly events: SctpEvent[] = [];
  readonly received: Uint8Array[] = [];
  filter: PacketFilter = () => true;

  constructor(association: SctpAssociation) {
    this.association = association;
  }

  handleDatagram(packet: Uint8Array, now: number): void {
    if (!this.filter(packet, now)) return;
    this.received.push(packet.slice());
    // The memory is the association's only during the call, and a Buffer as sockets give it, of which slices
    // are no copies.
    const lent = Buffer.from(packet);
    this.association.handleDatagram(lent, now);
    lent.fill(0xee);
  }

  handleTimeout(now: number): void {
    this.association.handleTimeout(now);
  }

  pollDatagram(): Uint8Array | undefined {
    return this.association.pollDatagram();
  }

  pollEvent(): SctpEvent | undefined {
    return this.association.pollEvent();
  }

  get nextTimeout(): number {
    return this.association.nextTimeout;
  }

  /** The messages that arrived. */
  get messages(): Extract<SctpEvent, { type: 'message' }>[] {
    return this.events.filter((event) => event.type === 'message');
  }

  /** The kinds of events in their order, without `buffered-amount`. */
  get story(): string[] {
    return this.events.map(({ type }) => type).filter((type) => type !== 'buffered-amount');
  }
}

/** Two associations. */
export class AssociationPair {
  readonly simulation: Simulation;
  readonly endA: End;
  readonly endB: End;
  readonly link: MachinePair<SctpEvent, SctpEvent>['link'];
  /** Called with every event of B; for echoes and the like. */
  onEventB: (event: SctpEvent) => void = () => undefined;
  readonly #pair: MachinePair<SctpEvent, SctpEvent>;

  constructor(options: AssociationPairOptions = {}) {
    this.simulation = createSimulation({ seed: options.seed ?? 'sctp' });
    const { random } = this.simulation;
    const make = (name: string, given: PairOptions = {}): SctpAssociation =>
      new SctpAssociation({
        random: random.fork(name),
        crypto: defaultCrypto,
        // Most tests look at DATA chunks; those of I-DATA say so.
        interleaving: false,
        ...given,
      });
    this.endA = new End(make('a', options.a));
    this.endB = new End(make('b', options.b));
    this.#pair = machinePair(
      this.simulation,
      this.endA,
      this.endB,
      { latencyMs: 10, ...options.link },
      {
        onEventA: (event) => this.endA.events.push(event),
        onEventB: (event) => {
          this.endB.events.push(event);
          this.onEventB(event);
        },
      },
    );
    this.link = this.#pair.link;
  }

  get a(): SctpAssociation {
    return this.endA.association;
  }

  get b(): SctpAssociation {
    return this.endB.association;
  }

  get now(): number {
    return this.simulation.now;
  }

  /** Runs until `reached`, or gives up. */
  runUntil(reached: () => boolean, timeoutMs = 60_000): RunResult {
    return this.#pair.run({ until: reached, timeoutMs });
  }

  /** Runs for so long. */
  runFor(milliseconds: number): void {
    this.#pair.run({ until: this.now + milliseconds });
  }

  /** A connects, and both are established. */
  connect(): this {
    this.a.connect(this.now);
    const result = this.runUntil(
      () => this.a.state === 'established' && this.b.state === 'established',
    );
    if (result !== 'done') throw new Error(`No association: ${this.a.state}, ${this.b.state}.`);
    return this;
  }

  /** A sends a binary message. */
  send(data: Uint8Array, options: Partial<Parameters<SctpAssociation['send']>[0]> = {}): void {
    this.a.send({ streamId: 0, ppid: DATA_CHANNEL_PPID.binary, data, ...options }, this.now);
  }
}

/** `length` bytes that are different for each `seed`. */
export function testBytes(length: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + seed * 17 + (i >>> 8)) & 0xff;
  return bytes;
}

/** The types of the chunks in a packet. */
export function chunkTypes(packet: Uint8Array): number[] {
  const types: number[] = [];
  let at = 12;
  while (at + 4 <= packet.length) {
    types.push(packet[at]!);
    at += (((packet[at + 2]! << 8) | packet[at + 3]!) + 3) & ~3;
  }
  return types;
}
