// Runs one scenario between two peers and tells how it went.
import type { SctpFeatures } from '../control/protocol.ts';
import { type PeerLimits, peerLimits, UNANNOUNCED_MESSAGE_LIMIT } from '../peers/limits.ts';
import type { Peer } from '../peers/peer.ts';
import { isPeerName } from '../peers/registry.ts';
import type { Scenario, ScenarioContext } from '../scenarios/scenario.ts';
import { type Endpoint, ExpectationError } from '../session/endpoint.ts';
import { PairedSession, type SignallingOptions } from '../session/paired-session.ts';

const DEFAULT_TIMEOUT_MS = 15_000;
/** How much longer than its own deadline a scenario may take before it is given up from outside. */
const OVERTIME_MS = 2_000;

export interface ScenarioResult {
  readonly isPassed: boolean;
  readonly tookMs: number;
  /** Why it failed. */
  readonly reason: string | undefined;
  readonly notes: readonly string[];
}

interface KaonTransport {
  readonly type: string;
  readonly sctp?: {
    readonly chunksSent: number;
    readonly retransmissions: number;
    readonly unackData: number;
  };
}

export async function runScenario(
  scenario: Scenario,
  offerer: Peer,
  answerer: Peer,
  subject: ScenarioContext['subject'],
): Promise<ScenarioResult> {
  const timeoutMs = scenario.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const sessions: PairedSession[] = [];
  const notes = new Set<string>();
  const start = performance.now();
  let reason: string | undefined;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  // For a peer that no longer answers commands.
  let overtimer: NodeJS.Timeout | undefined;
  const overtime = new Promise<never>((_, reject) => {
    const error = new ExpectationError(`no end after ${(timeoutMs + OVERTIME_MS) / 1000} s`);
    overtimer = setTimeout(() => reject(error), timeoutMs + OVERTIME_MS);
  });
  try {
    const context = createContext(offerer, answerer, subject, deadline.signal, sessions, notes);
    await Promise.race([scenario.run(context), overtime]);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
    const silence = overtime.catch(() => undefined);
    for (const { offerer, answerer } of sessions) {
      reason += ` (${offerer.describe()}; ${answerer.describe()}`;
      for (const side of [offerer, answerer]) {
        reason += (await Promise.race([silence, delivery(side)])) ?? '';
      }
      reason += ')';
    }
  } finally {
    clearTimeout(timer);
    clearTimeout(overtimer);
  }
  const tookMs = performance.now() - start;
  for (const session of sessions) {
    for (const refused of session.refusedCandidates) notes.add(`candidate refused: ${refused}`);
    if (!offerer.hasEnded && !answerer.hasEnded && reason === undefined) await session.close();
  }
  return { isPassed: reason === undefined, tookMs, reason, notes: [...notes] };
}

function createContext(
  offerer: Peer,
  answerer: Peer,
  subject: ScenarioContext['subject'],
  deadline: AbortSignal,
  sessions: PairedSession[],
  notes: Set<string>,
): ScenarioContext {
  const createSession = async (sctp?: SctpFeatures) => {
    const session = await PairedSession.create(offerer, answerer, deadline, sctp);
    sessions.push(session);
    return session;
  };
  return {
    deadline,
    subject,
    createSession,
    connect: async (channel: string, options?: SignallingOptions) => {
      const session = await createSession();
      await session.offerer.createChannel(channel);
      await session.signal(options);
      await Promise.all([session.offerer.opened(channel), session.answerer.opened(channel)]);
      return session;
    },
    largestMessage,
    limits: ({ name }) => limitsOf(name),
    note: (text) => void notes.add(text),
  };
}

/** What Kaon sent and the peer acknowledged: it tells what was lost from what was received and kept. */
async function delivery({ connection, name, peer }: Endpoint): Promise<string | undefined> {
  if (name !== 'kaon' || peer.hasEnded) return undefined;
  try {
    const stats = (await peer.call('stats', { connection })) as readonly KaonTransport[];
    const sctp = stats.find(({ type }) => type === 'transport')?.sctp;
    if (sctp === undefined) return undefined;
    const { chunksSent, retransmissions, unackData } = sctp;
    return `; kaon sent ${chunksSent} chunks, ${retransmissions} of them again, ${unackData} unacknowledged`;
  } catch (error) {
    return `; kaon's statistics: ${(error as Error).message}`;
  }
}

/** The receiver's `a=max-message-size` (RFC 8841 §6), or less where the table of limits says so. */
async function largestMessage(from: Endpoint, to: Endpoint): Promise<number> {
  const { connection } = to;
  const { sdp } = await to.peer.call('localDescription', { connection });
  const announced = /^a=max-message-size:(\d+)/m.exec(sdp)?.[1];
  const size = announced === undefined ? UNANNOUNCED_MESSAGE_LIMIT : Number(announced);
  return Math.min(
    size === 0 ? Number.POSITIVE_INFINITY : size,
    limitsOf(to.name).largestReceived?.bytes ?? Number.POSITIVE_INFINITY,
    limitsOf(from.name).largestSent?.bytes ?? Number.POSITIVE_INFINITY,
  );
}

function limitsOf(name: string): PeerLimits {
  return isPeerName(name) ? peerLimits[name] : {};
}
