// Two machines that know nothing of addresses, joined by one link.

import type { TransportAddress } from '@kaon/wire';
import type { RunOptions, RunResult } from './event-loop.ts';
import type { Link } from './link.ts';
import type { LinkOptions } from './link-conditions.ts';
import { type Machine, MachineDriver } from './machine-driver.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { SimulatedSocket } from './simulated-socket.ts';
import type { Simulation } from './simulation.ts';

const PORT = 5000;

/** What a pair may be told beside its machines. */
export interface MachinePairOptions<EventA, EventB> {
  /** Gets every event of the first machine; may call either. */
  readonly onEventA?: (event: EventA, now: number) => void;
  /** Gets every event of the second machine; may call either. */
  readonly onEventB?: (event: EventB, now: number) => void;
  /** What their hosts are called; `a` and `b` by default. */
  readonly names?: readonly [string, string];
}

/** Two machines and what joins them. */
export interface MachinePair<EventA, EventB> {
  /** The link; outbound is from the first machine to the second. */
  readonly link: Link;
  readonly a: MachineDriver<Uint8Array, EventA>;
  readonly b: MachineDriver<Uint8Array, EventB>;
  /** Flushes both machines and runs the simulation, without promises. */
  run(options?: RunOptions): RunResult;
}

/**
 * Joins two machines by a link, as UDP datagrams between two hosts: the link's MTU, rate and queue count
 * 28 bytes of IPv4 and UDP headers with every datagram.
 *
 * ```ts
 * const pair = machinePair(sim, client, server, { latencyMs: 50, loss: 0.1 }, {
 *   onEventA: (event) => clientEvents.push(event),
 * });
 * client.connect(sim.now);
 * pair.run({ until: () => client.state === 'connected', timeoutMs: 60_000 });
 * ```
 */
export function machinePair<EventA, EventB>(
  simulation: Simulation,
  a: Machine<Uint8Array, EventA>,
  b: Machine<Uint8Array, EventB>,
  link: LinkOptions = {},
  options: MachinePairOptions<EventA, EventB> = {},
): MachinePair<EventA, EventB> {
  const [nameA, nameB] = options.names ?? ['a', 'b'];
  const [hostA, hostB] = simulation.connect(nameA, nameB, link);
  const driverA = drive(hostA, a, { address: hostB.address, port: PORT }, (event, now) => {
    options.onEventA?.(event, now);
    driverB.flush();
  });
  const driverB = drive(hostB, b, { address: hostA.address, port: PORT }, (event, now) => {
    options.onEventB?.(event, now);
    driverA.flush();
  });
  return {
    link: hostA.link,
    a: driverA,
    b: driverB,
    run: (runOptions = {}) => {
      driverA.flush();
      driverB.flush();
      return simulation.runSync(runOptions);
    },
  };
}

function drive<Event>(
  host: SimulatedHost,
  machine: Machine<Uint8Array, Event>,
  remote: TransportAddress,
  onEvent: (event: Event, now: number) => void,
): MachineDriver<Uint8Array, Event> {
  const driver: MachineDriver<Uint8Array, Event> = new MachineDriver({
    clock: host.clock,
    machine,
    send: (data) => socket.send(data, remote),
    sent: () => socket.flush(),
    onEvent,
  });
  const socket: SimulatedSocket = host.bind(
    { address: host.address, port: PORT },
    {
      onDatagram: (data) => driver.handleDatagram(data),
      onBatchEnd: () => undefined,
      onError: () => undefined,
    },
  );
  return driver;
}
