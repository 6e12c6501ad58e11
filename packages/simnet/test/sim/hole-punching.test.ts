// Which pairs of translators two hosts can get through by sending to each other (RFC 5128 §3.3).

import { equalAddresses, type TransportAddress } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import {
  createSimulation,
  type EndpointDependence,
  type NatBehavior,
  type NatType,
  type Simulation,
} from '../../src/index.ts';
import { Inbox } from '../inbox.ts';

const HELLO = 1;
const PROBE = 2;
const ANSWER = 3;

/** A host that asks a server for its external address, and then probes what it is told of the other. */
class Peer {
  readonly inbox: Inbox;
  /** Where this host was seen by the server. */
  external: TransportAddress | undefined;
  /** Whether an answer came from where a probe went. */
  isThrough = false;
  readonly #targets: TransportAddress[] = [];

  constructor(simulation: Simulation, name: string, behavior: NatBehavior, server: Inbox) {
    const behind = simulation.nat(`${name}'s router`, behavior);
    this.inbox = new Inbox(simulation.host(name, { behind }));
    this.inbox.onReceive = ({ data, remote }) => {
      if (data[0] === PROBE) {
        this.inbox.send(Uint8Array.of(ANSWER), remote);
        this.aim(remote);
      }
      if (data[0] === ANSWER && this.#aimsAt(remote)) this.isThrough = true;
    };
    this.inbox.send(Uint8Array.of(HELLO), server.local);
    simulation.runSync();
    this.external = server.received.at(-1)?.remote;
  }

  aim(target: TransportAddress | undefined): void {
    if (target !== undefined && !this.#aimsAt(target)) this.#targets.push(target);
  }

  probe(): void {
    for (const target of this.#targets) this.inbox.send(Uint8Array.of(PROBE), target);
  }

  #aimsAt(remote: TransportAddress): boolean {
    return this.#targets.some((target) => equalAddresses(target, remote));
  }
}

function canPunch(a: NatBehavior, b: NatBehavior, seed = 1): boolean {
  const simulation = createSimulation({ seed });
  const server = new Inbox(simulation.host('server'));
  const alice = new Peer(simulation, 'alice', a, server);
  const bob = new Peer(simulation, 'bob', b, server);
  alice.aim(bob.external);
  bob.aim(alice.external);
  for (let round = 0; round < 5; round++) {
    alice.probe();
    bob.probe();
    simulation.runSync();
  }
  return alice.isThrough && bob.isThrough;
}

describe('hole punching', () => {
  const types: readonly NatType[] = [
    'full-cone',
    'address-restricted',
    'port-restricted',
    'symmetric',
  ];
  for (const a of types) {
    for (const b of types) {
      const worst = [a, b].includes('symmetric');
      const isHopeless =
        worst && [a, b].every((type) => type === 'symmetric' || type === 'port-restricted');
      test(`${a} and ${b}: ${isHopeless ? 'fails' : 'works'}`, () => {
        expect(canPunch({ type: a }, { type: b })).toBe(!isHopeless);
      });
    }
  }

  test('works if a mapping is endpoint-independent, unless the other is not and its port must be known', () => {
    const dependences: readonly EndpointDependence[] = [
      'endpoint-independent',
      'address-dependent',
      'address-and-port-dependent',
    ];
    for (const mapping of dependences) {
      for (const filtering of dependences) {
        for (const otherFiltering of dependences) {
          const other = { mapping: 'endpoint-independent', filtering: otherFiltering } as const;
          const isPossible =
            mapping === 'endpoint-independent' || otherFiltering !== 'address-and-port-dependent';
          const words = `${mapping}, ${filtering} with ${otherFiltering}`;
          expect(canPunch({ mapping, filtering }, other), words).toBe(isPossible);
          expect(canPunch(other, { mapping, filtering }), words).toBe(isPossible);
        }
      }
    }
  });

  test('fails between symmetric translators for every seed', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(canPunch({ type: 'symmetric' }, { type: 'symmetric' }, seed)).toBe(false);
    }
  });
});
