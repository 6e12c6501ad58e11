import type { UdpSocketHandler } from '@kaon/wire';
import { describe, expect, test, vi } from 'vitest';
import { Inbox } from '../test/inbox.ts';
import { createSimulation, type SimulatedHost, SimulationError } from './index.ts';

const SILENT: UdpSocketHandler = {
  onDatagram: () => undefined,
  onBatchEnd: () => undefined,
  onError: () => undefined,
};

const bindError = (host: SimulatedHost, address: string, port: number): Promise<unknown> =>
  host.network.bindUdp({ address, port }, SILENT).then(
    () => undefined,
    (error: unknown) => (error instanceof SimulationError ? error.code : error),
  );

describe('binding', () => {
  test('gives free ports for port 0, never the same one twice', async () => {
    const host = createSimulation().host('host');
    const ports = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const { local } = await host.network.bindUdp({ address: host.address, port: 0 }, SILENT);
      expect(local.address).toBe(host.address);
      expect(local.port).toBeGreaterThanOrEqual(49152);
      ports.add(local.port);
    }
    expect(ports.size).toBe(100);
  });

  test('refuses a port that is taken, also through the wildcard address', async () => {
    const host = createSimulation().host('host', { families: [4, 6] });
    host.bind({ address: host.address, port: 1 }, SILENT);
    host.bind({ address: '0.0.0.0', port: 2 }, SILENT);
    expect(await bindError(host, host.address, 1)).toBe('EADDRINUSE');
    expect(await bindError(host, '0.0.0.0', 1)).toBe('EADDRINUSE');
    expect(await bindError(host, host.address, 2)).toBe('EADDRINUSE');
    expect(await bindError(host, '127.0.0.1', 1)).toBeUndefined();
    expect(await bindError(host, '::', 1)).toBeUndefined();
    expect(await bindError(host, '::', 2)).toBeUndefined();
  });

  test('frees the port when a socket is closed', async () => {
    const host = createSimulation().host('host');
    const socket = host.bind({ address: host.address, port: 1 }, SILENT);
    socket.close();
    socket.close();
    expect(await bindError(host, host.address, 1)).toBeUndefined();
  });

  test('runs out of ports', async () => {
    const host = createSimulation().host('host');
    for (let i = 49152; i < 65536; i++) host.bind({ address: host.address, port: 0 }, SILENT);
    expect(await bindError(host, host.address, 0)).toBe('EADDRINUSE');
  });

  test('refuses addresses that the host does not have, and what is no address', async () => {
    const host = createSimulation().host('host');
    expect(await bindError(host, '192.0.2.1', 0)).toBe('EADDRNOTAVAIL');
    expect(await bindError(host, '::1', 0)).toBeUndefined();
    expect(await bindError(host, 'nonsense', 0)).toBe('SIM_ADDRESS');
  });
});

describe('a socket', () => {
  test('holds what it is to send until it is flushed', () => {
    const simulation = createSimulation();
    const [alice, bob] = simulation.connect('alice', 'bob', {});
    const to = new Inbox(bob);
    const socket = alice.bind({ address: alice.address, port: 0 }, SILENT);
    socket.send(Uint8Array.of(1), to.local);
    simulation.runSync();
    expect(to.received).toEqual([]);
    socket.flush();
    simulation.runSync();
    expect(to.numbers).toEqual([1]);
  });

  test('drops what was not flushed when it is closed, and what is sent after', () => {
    const simulation = createSimulation();
    const [alice, bob] = simulation.connect('alice', 'bob', {});
    const to = new Inbox(bob);
    const socket = alice.bind({ address: alice.address, port: 0 }, SILENT);
    socket.send(Uint8Array.of(1), to.local);
    socket.close();
    socket.send(Uint8Array.of(2), to.local);
    simulation.runSync();
    expect(to.received).toEqual([]);
    expect(simulation.trace.drops('socket-closed')).toBe(2);
  });

  test('takes the memory of a datagram back when the handler returns', () => {
    const simulation = createSimulation();
    const [alice, bob] = simulation.connect('alice', 'bob', {});
    const kept: Uint8Array[] = [];
    const handler = { ...SILENT, onDatagram: (data: Uint8Array) => kept.push(data) };
    const { local } = bob.bind({ address: bob.address, port: 0 }, handler);
    new Inbox(alice).send(Uint8Array.of(1, 2, 3), local);
    simulation.runSync();
    expect(kept).toEqual([Uint8Array.of(0xdd, 0xdd, 0xdd)]);
  });

  test('ends the batch once for all datagrams of an instant, and for each instant', () => {
    const simulation = createSimulation();
    const [alice, bob] = simulation.connect('alice', 'bob', { latencyMs: 5 });
    const from = new Inbox(alice);
    const to = new Inbox(bob);
    for (let i = 0; i < 3; i++) from.send(1, to.local);
    simulation.at(1, () => from.send(1, to.local));
    simulation.runSync();
    expect(to.batches).toEqual([3, 1]);
  });

  test('hears nothing more once it is closed, not even the end of a batch', () => {
    const simulation = createSimulation();
    const [alice, bob] = simulation.connect('alice', 'bob', {});
    const from = new Inbox(alice);
    const to = new Inbox(bob);
    to.onReceive = () => to.socket.close();
    from.send(1, to.local);
    from.send(2, to.local);
    simulation.runSync();
    expect(to.received).toHaveLength(1);
    expect(to.batches).toEqual([]);
    expect(simulation.trace.drops('port-unreachable')).toBe(1);
  });

  test('tells its owner once when the system breaks it', () => {
    const host = createSimulation().host('host');
    const onError = vi.fn<(error: Error) => void>();
    const socket = host.bind({ address: host.address, port: 0 }, { ...SILENT, onError });
    const error = new SimulationError('EADDRNOTAVAIL', 'The network is gone.');
    host.breakSockets(error);
    host.breakSockets(error);
    expect(onError.mock.calls).toEqual([[error]]);
    expect(socket.isClosed).toBe(true);
  });

  test('cannot send what is no UDP datagram, or to another family', () => {
    const simulation = createSimulation();
    const [alice, bob] = simulation.connect('alice', 'bob', {});
    const from = new Inbox(alice);
    const to = new Inbox(bob);
    from.send(65507, to.local);
    from.send(65508, to.local);
    from.send(1, { address: '2001:db8::1', port: 1 });
    simulation.runSync();
    expect(to.received.map(({ data }) => data.length)).toEqual([65507]);
    expect(simulation.trace.drops('mtu')).toBe(1);
    expect(simulation.trace.drops('no-route')).toBe(1);
  });
});

describe('a host', () => {
  test('reaches itself by its own addresses and by loopback, which leads nowhere else', () => {
    const simulation = createSimulation();
    const host = simulation.host('host');
    const other = simulation.host('other');
    const inbox = new Inbox(host, 1, '0.0.0.0');
    const loopback = new Inbox(host, 2, '127.0.0.1');
    inbox.send(1, { address: host.address, port: 1 });
    loopback.send(1, { address: '127.0.0.1', port: 1 });
    loopback.send(1, { address: other.address, port: 1 });
    simulation.runSync();
    expect(inbox.received.map(({ remote }) => remote.address)).toEqual([host.address, '127.0.0.1']);
    expect(simulation.trace.drops('no-route')).toBe(1);
    expect(simulation.now).toBe(0);
  });

  test('lists its interfaces, loopback first', () => {
    const simulation = createSimulation();
    const host = simulation.host('host', { addresses: ['5.1.1.1', '2A00:0::0001'] });
    simulation.attach(host, { behind: simulation.lan('lan') });
    expect(host.network.interfaces()).toEqual([
      { name: 'lo', address: '127.0.0.1', isLoopback: true },
      { name: 'lo', address: '::1', isLoopback: true },
      { name: 'eth0', address: '5.1.1.1', isLoopback: false },
      { name: 'eth0', address: '2a00::1', isLoopback: false },
      { name: 'eth1', address: '10.0.1.1', isLoopback: false },
    ]);
    expect(host.addresses).toHaveLength(3);
  });

  test('sends from where it is bound, or by the interface that leads there', () => {
    const simulation = createSimulation();
    const lan = simulation.lan('lan');
    const host = simulation.host('host');
    simulation.attach(host, { behind: lan });
    const far = new Inbox(simulation.host('far'));
    const near = new Inbox(simulation.host('near', { behind: lan }));
    const anywhere = new Inbox(host, 0, '0.0.0.0');
    anywhere.send(1, far.local);
    anywhere.send(1, near.local);
    new Inbox(host).send(1, near.local);
    simulation.runSync();
    expect(far.received[0]?.remote.address).toBe(host.addresses[0]);
    expect(near.received.map(({ remote }) => remote.address)).toEqual([host.addresses[1]]);
    expect(simulation.trace.drops('no-route')).toBe(1);
  });

  test('has a link for each interface, which may fail alone', () => {
    const simulation = createSimulation();
    const host = simulation.host('host');
    simulation.attach(host);
    const [wifi, mobile] = host.addresses.map((address) => new Inbox(host, 0, address));
    const server = new Inbox(simulation.host('server'));
    host.link.takeDown();
    wifi?.send(Uint8Array.of(1), server.local);
    mobile?.send(Uint8Array.of(2), server.local);
    simulation.runSync();
    expect(server.numbers).toEqual([2]);
  });
});

describe('subnets', () => {
  test('on their own reach nothing outside', () => {
    const simulation = createSimulation();
    const lonely = new Inbox(simulation.host('lonely', { behind: simulation.lan('lan') }));
    const server = new Inbox(simulation.host('server'));
    lonely.send(1, server.local);
    server.send(1, lonely.local);
    simulation.runSync();
    expect(simulation.trace.drops('no-route')).toBe(2);
  });

  test('behind plain routers, one in the other, are reached from everywhere, in both families', () => {
    const simulation = createSimulation();
    const campus = simulation.lan('campus', { behind: simulation.internet });
    const office = simulation.lan('office', { behind: campus });
    const worker = simulation.host('worker', { behind: office, families: [4, 6] });
    const server = simulation.host('server', { families: [4, 6] });
    for (const i of [0, 1]) {
      const to = new Inbox(worker, 0, worker.addresses[i] as string);
      const from = new Inbox(server, 0, server.addresses[i] as string);
      from.send(1, to.local);
      simulation.runSync();
      expect(to.received[0]?.remote).toEqual(from.local);
    }
    expect(simulation.now).toBe(2 * (10 + 10 + 0.5 + 0.5));
  });

  test('refuse an address twice, and a name twice', () => {
    const simulation = createSimulation();
    simulation.host('a', { addresses: ['5.0.0.1'] });
    expect(simulation.host('b').address).toBe('5.0.0.2');
    expect(() => simulation.host('c', { addresses: ['5.0.0.1'] })).toThrow('exists already');
    expect(() => simulation.lan('a')).toThrow('a already');
  });

  test('may have the same addresses behind different translators', () => {
    const simulation = createSimulation();
    const server = new Inbox(simulation.host('server'));
    for (const name of ['one', 'two']) {
      const behind = simulation.nat(`${name} nat`, { prefixes: { ipv4: '192.168.1.0' } });
      const host = simulation.host(name, { behind });
      expect(host.address).toBe('192.168.1.1');
      new Inbox(host).send(1, server.local);
    }
    simulation.runSync();
    expect(new Set(server.received.map(({ remote }) => remote.address)).size).toBe(2);
  });
});
