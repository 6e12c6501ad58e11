// Two agents on hosts of a simulated network, with signalling between them that takes time.

import { nodeCrypto } from '@kaon/crypto';
import { AddressedMachine, type SimulatedHost, type Simulation } from '@kaon/simnet';
import { answerBinding } from '@kaon/stun';
import {
  formatCandidate,
  IceAgent,
  type IceAgentOptions,
  type IceCandidate,
  type IceEvent,
  type IceState,
  parseCandidate,
} from '../src/index.ts';

/** One agent with all that it said. */
export class Peer {
  readonly name: string;
  readonly agent: IceAgent;
  readonly machine: AddressedMachine<IceEvent>;
  readonly states: { readonly state: IceState; readonly at: number }[] = [];
  readonly events: IceEvent[] = [];
  readonly #simulation: Simulation;
  readonly #signallingMs: number;
  #remote: Peer | undefined;
  /** Lets a test hold candidates back or change their order. */
  signalCandidate: (candidate: IceCandidate, deliver: (given: IceCandidate) => void) => void = (
    candidate,
    deliver,
  ) => deliver(candidate);
  /** Answers lookups; by default there is no such name. */
  lookup: (hostname: string) => readonly string[] = () => [];

  constructor(
    simulation: Simulation,
    host: SimulatedHost,
    options: Omit<IceAgentOptions, 'random' | 'crypto'>,
    signallingMs: number,
  ) {
    this.name = host.name;
    this.#simulation = simulation;
    this.#signallingMs = signallingMs;
    this.agent = new IceAgent({
      ...options,
      random: simulation.random.fork(`agent ${host.name}`),
      crypto: nodeCrypto,
    });
    this.machine = new AddressedMachine(host, this.agent, {
      onEvent: (event, now) => this.#handle(event, now),
    });
  }

  get bases(): { readonly address: { readonly address: string; readonly port: number } }[] {
    return this.machine.bases.map((address) => ({ address }));
  }

  /** Says who is at the other end of signalling. */
  join(remote: Peer): void {
    this.#remote = remote;
  }

  /** Sends credentials and starts gathering, as setLocalDescription does. */
  describe(): void {
    const credentials = this.agent.localCredentials;
    this.#signal((remote) => remote.agent.setRemoteCredentials(credentials, this.#simulation.now));
    this.agent.gather(this.bases, this.#simulation.now);
    this.machine.flush();
  }

  /** Begins a new generation. */
  restart(): void {
    this.agent.restart(this.#simulation.now);
    this.machine.flush();
  }

  /** When the state was first entered; NaN if never. */
  reached(state: IceState): number {
    return this.states.find((entry) => entry.state === state)?.at ?? Number.NaN;
  }

  #handle(event: IceEvent, now: number): void {
    this.events.push(event);
    switch (event.type) {
      case 'state':
        this.states.push({ state: event.state, at: now });
        break;
      case 'candidate':
        this.signalCandidate(event.candidate, (candidate) => {
          const line = formatCandidate(candidate);
          this.#signal((remote) => {
            const parsed = parseCandidate(line);
            if (parsed !== undefined) remote.agent.addRemoteCandidate(parsed, this.#simulation.now);
          });
        });
        break;
      case 'gathering-state':
        if (event.state === 'complete') {
          this.#signal((remote) => remote.agent.endOfRemoteCandidates(this.#simulation.now));
        }
        break;
      case 'lookup':
        this.agent.handleLookup(event.hostname, this.lookup(event.hostname), now);
        break;
      case 'selected-pair':
      case 'role-changed':
        break;
    }
  }

  #signal(deliver: (remote: Peer) => void): void {
    this.#simulation.at(this.#simulation.now + this.#signallingMs, () => {
      const remote = this.#remote;
      if (remote === undefined || remote.agent.state === 'closed') return;
      deliver(remote);
      remote.machine.flush();
    });
  }
}

/** How a pair of agents is made. */
export interface AgentPairOptions {
  /** One way; 1 ms by default. */
  readonly signallingMs?: number;
  readonly a?: Partial<IceAgentOptions>;
  readonly b?: Partial<IceAgentOptions>;
}

/** Two agents that know of one another. Nothing starts before {@link start}. */
export interface AgentPair {
  readonly a: Peer;
  readonly b: Peer;
  /** Both describe themselves: `a` at once, `b` when it has heard of `a`. */
  start(): void;
  /** Runs until both are connected or completed, or one has failed. */
  settle(timeoutMs?: number): void;
}

/** Puts a controlling agent on `hostA` and a controlled one on `hostB`. */
export function agentPair(
  simulation: Simulation,
  hostA: SimulatedHost,
  hostB: SimulatedHost,
  options: AgentPairOptions = {},
): AgentPair {
  const signallingMs = options.signallingMs ?? 1;
  const a = new Peer(simulation, hostA, { role: 'controlling', ...options.a }, signallingMs);
  const b = new Peer(simulation, hostB, { role: 'controlled', ...options.b }, signallingMs);
  a.join(b);
  b.join(a);
  const isSettled = (peer: Peer): boolean =>
    ['connected', 'completed', 'failed'].includes(peer.agent.state);
  return {
    a,
    b,
    start() {
      a.describe();
      simulation.at(simulation.now + signallingMs, () => b.describe());
    },
    settle(timeoutMs = 60_000) {
      simulation.runSync({ until: () => isSettled(a) && isSettled(b), timeoutMs });
    },
  };
}

/** A STUN server on a host; gives its address. */
export function stunServer(host: SimulatedHost, port = 3478): { hostname: string; port: number } {
  const socket = host.bind(
    { address: host.address, port },
    {
      onDatagram: (data, remote) => {
        const answer = answerBinding(data, remote);
        if (answer !== undefined) socket.send(answer, remote);
      },
      onBatchEnd: () => socket.flush(),
      onError: () => undefined,
    },
  );
  return { hostname: host.address, port };
}
