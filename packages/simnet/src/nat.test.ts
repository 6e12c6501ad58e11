import type { TransportAddress } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { Inbox } from '../test/inbox.ts';
import {
  createSimulation,
  type EndpointDependence,
  type Nat,
  type NatOptions,
  type Simulation,
} from './index.ts';

const DEPENDENCES: readonly EndpointDependence[] = [
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
];

/** A host behind a translator, and two servers outside, the first with two ports. */
class Street {
  readonly simulation: Simulation = createSimulation({ seed: 4 });
  readonly nat: Nat;
  readonly inside: Inbox;
  readonly server: Inbox;
  readonly otherPort: Inbox;
  readonly otherHost: Inbox;

  constructor(options: NatOptions) {
    this.nat = this.simulation.nat('nat', options);
    this.inside = new Inbox(this.simulation.host('inside', { behind: this.nat }), 5000);
    const server = this.simulation.host('server');
    this.server = new Inbox(server, 1000);
    this.otherPort = new Inbox(server, 2000);
    this.otherHost = new Inbox(this.simulation.host('other'), 1000);
  }

  /** Sends from inside to `to`; gives the source that is seen there. */
  reflexive(to: Inbox): TransportAddress {
    this.inside.send(1, to.local);
    this.simulation.runSync();
    const seen = to.received.at(-1);
    if (seen === undefined) throw new RangeError('Nothing came out.');
    return seen.remote;
  }

  /** Whether what `from` sends to `external` comes in. */
  admits(from: Inbox, external: TransportAddress): boolean {
    const before = this.inside.received.length;
    from.send(1, external);
    this.simulation.runSync();
    return this.inside.received.length > before;
  }
}

describe('a mapping (RFC 4787 §4.1)', () => {
  test.each([
    ['endpoint-independent', [true, true]],
    ['address-dependent', [true, false]],
    ['address-and-port-dependent', [false, false]],
  ] as const)('%s', (mapping, [forOtherPort, forOtherHost]) => {
    const street = new Street({ mapping });
    const first = street.reflexive(street.server);
    expect(first.address).toBe(street.nat.addresses[0]);
    expect(street.reflexive(street.server)).toEqual(first);
    expect(street.reflexive(street.otherPort).port === first.port).toBe(forOtherPort);
    expect(street.reflexive(street.otherHost).port === first.port).toBe(forOtherHost);
  });
});

describe('a filter (RFC 4787 §5)', () => {
  for (const mapping of DEPENDENCES) {
    test.each([
      ['endpoint-independent', [true, true, true]],
      ['address-dependent', [true, true, false]],
      ['address-and-port-dependent', [true, false, false]],
    ] as const)(`%s, with ${mapping} mapping`, (filtering, [same, otherPort, otherHost]) => {
      const street = new Street({ mapping, filtering });
      const external = street.reflexive(street.server);
      expect(street.admits(street.server, external)).toBe(same);
      expect(street.admits(street.otherPort, external)).toBe(otherPort);
      expect(street.admits(street.otherHost, external)).toBe(otherHost);
      expect(street.simulation.trace.drops('nat-filtered')).toBe(
        [same, otherPort, otherHost].filter((isAdmitted) => !isAdmitted).length,
      );
    });
  }

  test('admits nothing to a port without a mapping', () => {
    const street = new Street({ type: 'full-cone' });
    const external = street.reflexive(street.server);
    expect(street.admits(street.server, { ...external, port: external.port ^ 1 })).toBe(false);
    expect(street.simulation.trace.drops('nat-unmapped')).toBe(1);
  });
});

describe('the classic names (RFC 3489 §5)', () => {
  test.each([
    ['full-cone', true, [true, true]],
    ['address-restricted', true, [true, false]],
    ['port-restricted', true, [false, false]],
    ['symmetric', false, [false, false]],
  ] as const)('%s', (type, isCone, [otherPort, otherHost]) => {
    const street = new Street({ type });
    const external = street.reflexive(street.server);
    expect(street.admits(street.otherPort, external)).toBe(otherPort);
    expect(street.admits(street.otherHost, external)).toBe(otherHost);
    expect(street.reflexive(street.otherHost).port === external.port).toBe(isCone);
  });
});

describe('a timeout (RFC 4787 §4.3)', () => {
  const mappingTimeoutMs = 30_000;

  test('ends a mapping that nothing goes out through', () => {
    const street = new Street({ type: 'full-cone', mappingTimeoutMs });
    const { simulation } = street;
    const external = street.reflexive(street.server);
    simulation.runSync({ until: 29_000 });
    expect(street.admits(street.server, external)).toBe(true);
    simulation.runSync({ until: 31_000 });
    expect(street.admits(street.server, external)).toBe(false);
    expect(street.nat.mappings()).toEqual([]);
    expect(street.reflexive(street.server)).not.toEqual(external);
  });

  test('is put off by what goes out', () => {
    const street = new Street({ mappingTimeoutMs });
    const external = street.reflexive(street.server);
    street.simulation.runSync({ until: 25_000 });
    street.reflexive(street.server);
    street.simulation.runSync({ until: 50_000 });
    expect(street.admits(street.server, external)).toBe(true);
  });

  test.each([true, false])(
    'is put off by what comes in, if so configured: %s',
    (refreshOnInbound) => {
      const street = new Street({ mappingTimeoutMs, refreshOnInbound });
      const external = street.reflexive(street.server);
      street.simulation.runSync({ until: 25_000 });
      expect(street.admits(street.server, external)).toBe(true);
      street.simulation.runSync({ until: 50_000 });
      expect(street.admits(street.server, external)).toBe(refreshOnInbound);
    },
  );

  test('ends the permission of one remote while the mapping lives on through another', () => {
    const street = new Street({ type: 'address-restricted', mappingTimeoutMs });
    const external = street.reflexive(street.server);
    street.simulation.runSync({ until: 20_000 });
    street.reflexive(street.otherHost);
    street.simulation.runSync({ until: 40_000 });
    expect(street.admits(street.otherHost, external)).toBe(true);
    expect(street.admits(street.server, external)).toBe(false);
  });

  test('comes at once when the translator is switched off and on', () => {
    const street = new Street({});
    const external = street.reflexive(street.server);
    street.nat.forgetMappings();
    expect(street.admits(street.server, external)).toBe(false);
  });
});

describe('port allocation (RFC 4787 §4.2)', () => {
  test('sequential: counts up', () => {
    const street = new Street({ type: 'symmetric', portAllocation: 'sequential' });
    const ports = [street.server, street.otherPort, street.otherHost].map(
      (each) => street.reflexive(each).port,
    );
    expect(ports).toEqual([1024, 1025, 1026]);
  });

  test('preserving: keeps the internal port while it is free, then takes the next', () => {
    const street = new Street({ type: 'symmetric', portAllocation: 'preserving' });
    const ports = [street.server, street.otherPort, street.otherHost].map(
      (each) => street.reflexive(each).port,
    );
    expect(ports).toEqual([5000, 5001, 5002]);
  });

  test('random: another for every seed, and never one that is taken', () => {
    const street = new Street({
      type: 'symmetric',
      portAllocation: 'random',
      firstPort: 3000,
      lastPort: 3002,
    });
    const ports = [street.server, street.otherPort, street.otherHost].map(
      (each) => street.reflexive(each).port,
    );
    expect(ports.toSorted()).toEqual([3000, 3001, 3002]);
  });

  test('drops what it has no port for, until a mapping expires', () => {
    const street = new Street({
      type: 'symmetric',
      firstPort: 3000,
      lastPort: 3000,
      mappingTimeoutMs: 1000,
    });
    expect(street.reflexive(street.server).port).toBe(3000);
    expect(() => street.reflexive(street.otherPort)).toThrow('Nothing came out');
    expect(street.simulation.trace.drops('nat-exhausted')).toBe(1);
    street.simulation.runSync({ until: 2000 });
    expect(street.reflexive(street.otherPort).port).toBe(3000);
  });

  test('gives a host the same address of several, always', () => {
    const simulation = createSimulation();
    const nat = simulation.nat('nat', { type: 'symmetric', addresses: ['5.9.0.1', '5.9.0.2'] });
    const server = new Inbox(simulation.host('server'));
    for (let i = 0; i < 20; i++) {
      const host = simulation.host(`host ${i}`, { behind: nat });
      new Inbox(host).send(Uint8Array.of(i), server.local);
      new Inbox(host).send(Uint8Array.of(i), server.local);
    }
    simulation.runSync();
    const byHost = new Map<number, Set<string>>();
    for (const { data, remote } of server.received) {
      const host = data[0] as number;
      byHost.set(host, (byHost.get(host) ?? new Set()).add(remote.address));
    }
    expect([...byHost.values()].every((addresses) => addresses.size === 1)).toBe(true);
    expect(new Set([...byHost.values()].flatMap((each) => [...each])).size).toBe(2);
  });

  test('refuses a range without ports', () => {
    expect(() => new Street({ firstPort: 9, lastPort: 8 })).toThrow(RangeError);
  });
});

describe('hairpinning (RFC 4787 §6)', () => {
  const setUp = (
    options: NatOptions,
  ): { simulation: Simulation; a: Inbox; b: Inbox; b2: TransportAddress } => {
    const simulation = createSimulation();
    const nat = simulation.nat('nat', options);
    const a = new Inbox(simulation.host('a', { behind: nat }), 1);
    const b = new Inbox(simulation.host('b', { behind: nat }), 1);
    const server = new Inbox(simulation.host('server'));
    b.send(1, server.local);
    simulation.runSync();
    const b2 = server.received[0]?.remote as TransportAddress;
    a.send(1, b2);
    simulation.runSync();
    return { simulation, a, b, b2 };
  };

  test('brings neighbours together by external addresses, with external source', () => {
    const { simulation, a, b, b2 } = setUp({ type: 'full-cone', hairpinning: true });
    const seen = b.received[0]?.remote as TransportAddress;
    expect(seen.address).toBe(b2.address);
    expect(seen).not.toEqual(a.local);
    b.send(2, seen);
    simulation.runSync();
    expect(a.received[0]?.remote).toEqual(b2);
  });

  test('is filtered like anything else that comes in', () => {
    const { simulation, b } = setUp({ type: 'port-restricted', hairpinning: true });
    expect(b.received).toEqual([]);
    expect(simulation.trace.drops('nat-filtered')).toBe(1);
  });

  test('is refused by translators that do not do it', () => {
    const { simulation, b } = setUp({ type: 'full-cone' });
    expect(b.received).toEqual([]);
    expect(simulation.trace.drops('nat-no-hairpin')).toBe(1);
  });
});

describe('a translator', () => {
  test('may be behind another (carrier-grade)', () => {
    const simulation = createSimulation();
    const carrier = simulation.nat('carrier', {
      type: 'full-cone',
      prefixes: { ipv4: '100.64.0.0' },
    });
    const home = simulation.nat('home', { type: 'full-cone', behind: carrier });
    const inside = new Inbox(simulation.host('inside', { behind: home }));
    const server = new Inbox(simulation.host('server'));
    inside.send(1, server.local);
    simulation.runSync();
    const external = server.received[0]?.remote as TransportAddress;
    expect(external.address).toBe(carrier.addresses[0]);
    expect(home.addresses).toEqual(['100.64.0.1']);
    expect(carrier.mappings()[0]?.internal).toEqual(home.mappings()[0]?.external);
    server.send(2, external);
    simulation.runSync();
    expect(inside.received[0]?.remote).toEqual(server.local);
  });

  test('lets a family pass that it has no external address of', () => {
    const simulation = createSimulation();
    const nat = simulation.nat('nat');
    const inside = new Inbox(simulation.host('inside', { behind: nat, families: [6] }));
    const server = new Inbox(simulation.host('server', { families: [6] }));
    server.send(1, inside.local);
    simulation.runSync();
    expect(inside.received[0]?.remote).toEqual(server.local);
    expect(nat.mappings()).toEqual([]);
  });

  test('translates IPv6 too, if it has an external IPv6 address', () => {
    const simulation = createSimulation();
    const nat = simulation.nat('nat', { families: [6] });
    const inside = new Inbox(simulation.host('inside', { behind: nat, families: [6] }));
    const server = new Inbox(simulation.host('server', { families: [6] }));
    inside.send(1, server.local);
    simulation.runSync();
    expect(inside.local.address).toMatch(/^fd00:/);
    expect(server.received[0]?.remote.address).toBe(nat.addresses[0]);
  });
});
