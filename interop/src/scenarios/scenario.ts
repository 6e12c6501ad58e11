// What a scenario is: one thing two peers must be able to do together.
import type { SctpFeatures } from '../control/protocol.ts';
import type { PeerLimits } from '../peers/limits.ts';
import type { Endpoint } from '../session/endpoint.ts';
import type { PairedSession, SignallingOptions } from '../session/paired-session.ts';

export interface ScenarioContext {
  /** Time to give up; every wait of a session ends then by itself. */
  readonly deadline: AbortSignal;
  /** The side of the peer that is put to the test: Kaon, or what stands in for it. */
  readonly subject: 'offerer' | 'answerer';
  /** A pair of connections, closed when the scenario has ended. */
  createSession(sctp?: SctpFeatures): Promise<PairedSession>;
  /** A session with one channel that both sides have seen open. */
  connect(channel: string, options?: SignallingOptions): Promise<PairedSession>;
  /** The largest message that can go from one side to the other, in bytes. */
  largestMessage(from: Endpoint, to: Endpoint): Promise<number>;
  /** What the peer is known to be unable to do. */
  limits(endpoint: Endpoint): PeerLimits;
  /** Something worth knowing beside success; printed on the scenario's line. */
  note(text: string): void;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly timeoutMs?: number;
  run(context: ScenarioContext): Promise<void>;
}
