import { SeededRandom } from '@kaon/simnet';
import type { StunMessage } from '@kaon/stun';
import { describe, expect, it } from 'vitest';
import type { IceAgent, IceDatagram } from '../../src/index.ts';
import { LOCAL, REMOTE, ScriptedPeer } from './scripted-peer.ts';

/** The unit run takes a few; `KAON_SEEDS=5000` for more. */
const SEEDS = Number(process.env.KAON_SEEDS ?? 60);
const STEPS = 150;
const CONSENT_MS = 30_000;
const CREDENTIALS = { usernameFragment: 'peer', password: 'passwordOfThePeer0123456' };
const PLACES = [
  REMOTE,
  { address: '10.0.0.3', port: 2000 },
  { address: '10.0.0.4', port: 2001 },
  { address: '10.0.0.4', port: 0 },
];

/** A peer that knows the password, and does anything at any time. */
class Liar {
  readonly random: SeededRandom;
  readonly peer: ScriptedPeer;
  /** Whether a generation before the present one may be what is selected. */
  hasRestarted = false;
  readonly #asked: { readonly message: StunMessage; readonly datagram: IceDatagram }[] = [];
  #latestRequest: Uint8Array = new Uint8Array(0);

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.peer = new ScriptedPeer({
      role: this.#pick(['controlling', 'controlled']),
      random: this.random.fork('agent'),
    });
  }

  get agent(): IceAgent {
    return this.peer.agent;
  }

  act(): void {
    const { agent, peer, random } = this;
    const chance = random.below(20);
    if (chance < 4) this.#request();
    else if (chance < 10) this.#answer();
    else if (chance === 10) peer.deliver(this.#latestRequest, this.#place());
    else if (chance === 11) peer.addCandidate(this.#place());
    else if (chance === 12 && random.chance(0.2)) agent.endOfRemoteCandidates(peer.now);
    else if (chance === 13 && random.chance(0.2)) this.#restart();
    else if (chance === 14 && random.chance(0.2)) agent.revertRestart(peer.now);
    else this.pass(this.#pick([0, 0.1, 20.3, 50, 333.3, 1_000, 5_000, 12_345.678]));
  }

  /** Time goes by. */
  pass(durationMs: number): void {
    const { agent, peer } = this;
    const end = peer.now + durationMs;
    for (let i = 0; agent.nextTimeout <= end; i++) {
      if (i > 20_000) throw new RangeError('The agent spins.');
      peer.now = Math.max(peer.now, agent.nextTimeout);
      agent.handleTimeout(peer.now);
      this.look(0);
    }
    peer.now = end;
  }

  /** What has to hold at any time; `inputs` is how many datagrams there were since the last look. */
  look(inputs: number): void {
    const { agent, peer } = this;
    const sent = peer.sent();
    expect(sent.length).toBeLessThanOrEqual(2 * inputs + 10);
    for (const each of sent) {
      expect(each.datagram.remote.port).not.toBe(0);
      if (each.message.class === 'request') this.#asked.push(each);
    }
    this.#asked.splice(0, this.#asked.length - 300);
    const { selectedPair, state } = agent;
    if (selectedPair === undefined) {
      expect(['connected', 'completed', 'disconnected']).not.toContain(state);
    } else if (!this.hasRestarted) {
      expect(state).not.toBe('failed');
    }
    expect(agent.nextTimeout).not.toBeNaN();
    expect(agent.stats(peer.now).pairs.length).toBeLessThanOrEqual(101);
    expect(agent.remoteCandidates.length).toBeLessThanOrEqual(160);
  }

  #request(): void {
    this.#latestRequest = this.peer.request({
      role: this.#pick(['controlling', 'controlled']),
      tieBreaker: this.#pick([0n, 1n, 2n ** 63n, 2n ** 64n - 1n]),
      useCandidate: this.random.chance(0.3),
      priority: this.#pick([0, 1, 100, 1862270975, 0xffff_ffff]),
    });
    this.peer.deliver(this.#latestRequest, this.#place());
  }

  #answer(): void {
    const index = Math.max(0, this.#asked.length - 1 - this.random.below(6));
    const [asked] = this.#asked.splice(index, 1);
    if (asked === undefined) return;
    const { peer, random } = this;
    const { message, datagram } = asked;
    const password = random.chance(0.1) ? 'wrongWrongWrongWrongWrong' : CREDENTIALS.password;
    const answer = random.chance(0.6)
      ? peer.response(message, password, this.#pick([LOCAL, this.#place()]))
      : peer.error(message, this.#pick([300, 400, 401, 403, 420, 487, 487, 500]), password);
    peer.deliver(answer, random.chance(0.1) ? this.#place() : datagram.remote);
  }

  #restart(): void {
    const { agent, peer, random } = this;
    this.hasRestarted = true;
    agent.restart(peer.now);
    agent.gather([{ address: LOCAL }], peer.now);
    if (random.chance(0.7)) agent.setRemoteCredentials(CREDENTIALS, peer.now);
  }

  #place(): { readonly address: string; readonly port: number } {
    if (this.random.chance(0.8)) return this.#pick(PLACES);
    return { address: `10.1.0.${1 + this.random.below(250)}`, port: 1 + this.random.below(65535) };
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.random.below(choices.length)] as T;
  }
}

describe(`a peer that knows the password and lies, for ${SEEDS} seeds`, () => {
  it('gets few packets for its own, and an agent whose state is true and that comes to rest', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const liar = new Liar(seed);
      for (let step = 0; step < STEPS; step++) {
        liar.act();
        liar.look(1);
      }
      liar.pass(CONSENT_MS + 60_000);
      expect(liar.agent.selectedPair, `seed ${seed}`).toBeUndefined();
      expect(liar.agent.nextTimeout, `seed ${seed}`).toBe(Number.POSITIVE_INFINITY);
      // A restart whose answer does not come is waited for.
      if (!liar.hasRestarted) expect(liar.agent.state, `seed ${seed}`).toBe('failed');
    }
  });
});
