import type { TransportAddress } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import {
  type AddressedDatagram,
  AddressedMachine,
  createSimulation,
  type Machine,
} from './index.ts';

/** Sends back what it gets, and says from where it came. */
class Echo implements Machine<AddressedDatagram, TransportAddress> {
  readonly nextTimeout: number = Number.POSITIVE_INFINITY;
  readonly datagrams: AddressedDatagram[] = [];
  readonly events: TransportAddress[] = [];

  handleDatagram({ data, local, remote }: AddressedDatagram): void {
    this.events.push(remote);
    if (data[0] !== 0) this.datagrams.push({ data: Uint8Array.of(0), local, remote });
  }

  handleTimeout(): void {
    expect.unreachable();
  }

  pollDatagram(): AddressedDatagram | undefined {
    return this.datagrams.shift();
  }

  pollEvent(): TransportAddress | undefined {
    return this.events.shift();
  }
}

describe('AddressedMachine', () => {
  test('binds every address of its host, and keeps the path with the bytes', () => {
    const simulation = createSimulation();
    const nat = simulation.nat('nat', { type: 'symmetric' });
    const alice = simulation.host('alice', { behind: nat, families: [4, 6] });
    const bob = simulation.host('bob', { families: [4, 6] });
    const [here, there] = [new Echo(), new Echo()];
    const seenByBob: TransportAddress[] = [];
    const seenByAlice: TransportAddress[] = [];
    const a = new AddressedMachine(alice, here, { onEvent: (from) => seenByAlice.push(from) });
    const b = new AddressedMachine(bob, there, { onEvent: (from) => seenByBob.push(from) });
    expect(a.bases.map(({ address }) => address)).toEqual(alice.addresses);
    for (const [i, local] of a.bases.entries()) {
      const remote = b.bases[i] as TransportAddress;
      here.datagrams.push({ data: Uint8Array.of(1), local, remote });
    }
    a.flush();
    simulation.runSync();
    expect(seenByBob).toEqual([nat.mappings()[0]?.external, a.bases[1]]);
    expect(seenByAlice).toEqual(b.bases);
  });

  test('binds where it is told, and more later', () => {
    const simulation = createSimulation();
    const host = simulation.host('host');
    const machine = new AddressedMachine(host, new Echo(), {
      bind: [{ address: host.address, port: 3478 }],
    });
    expect(machine.bind({ address: host.address, port: 0 }).port).toBe(49152);
    expect(machine.bases.map(({ port }) => port)).toEqual([3478, 49152]);
  });

  test('refuses to send from where nothing is bound', () => {
    const echo = new Echo();
    const machine = new AddressedMachine(createSimulation().host('host'), echo);
    const nowhere = { address: '5.0.0.1', port: 1 };
    echo.datagrams.push({ data: Uint8Array.of(1), local: nowhere, remote: nowhere });
    expect(() => machine.flush()).toThrow(RangeError);
  });

  test('frees its ports when stopped', () => {
    const host = createSimulation().host('host');
    const echo = new Echo();
    const machine = new AddressedMachine(host, echo);
    const [local] = machine.bases as [TransportAddress];
    machine.stop();
    echo.datagrams.push({ data: Uint8Array.of(1), local, remote: local });
    machine.flush();
    expect(echo.datagrams).toHaveLength(1);
    expect(new AddressedMachine(host, new Echo(), { bind: [local] }).bases).toEqual([local]);
  });
});
