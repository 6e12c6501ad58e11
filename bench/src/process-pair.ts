// Two fresh processes of one stack and the connections between them.
//
// Signalling goes through this process, JSON lines to either side, the same way for every stack.
import { PairedSession, type Peer } from '@kaon/interop/peers';
import { type Placement, type Subject, startPeer } from './subject.ts';

/** Nothing a benchmark waits for takes longer, werift's slow rows included. */
const DEADLINE_MS = 120_000;

export class ProcessPair {
  readonly sender: Peer;
  readonly receiver: Peer;
  readonly #deadline: AbortSignal;

  constructor(sender: Peer, receiver: Peer, deadlineMs: number = DEADLINE_MS) {
    this.sender = sender;
    this.receiver = receiver;
    this.#deadline = AbortSignal.timeout(deadlineMs);
  }

  /** `deadlineMs` ends every wait for a connection, counted from now. */
  static async start(
    subject: Subject,
    sender: Placement,
    receiver: Placement,
    deadlineMs: number = DEADLINE_MS,
  ): Promise<ProcessPair> {
    const started = await startPeer(subject, sender);
    try {
      return new ProcessPair(started, await startPeer(subject, receiver), deadlineMs);
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** A connection with one open channel; the sender is the offerer. */
  async connect(
    channel: string,
    candidates: 'trickled' | 'in-description' = 'trickled',
  ): Promise<PairedSession> {
    const session = await PairedSession.create(this.sender, this.receiver, this.#deadline);
    await session.offerer.createChannel(channel);
    await session.signal({ candidates });
    await Promise.all([session.offerer.opened(channel), session.answerer.opened(channel)]);
    return session;
  }

  async stop(): Promise<void> {
    await Promise.all([this.sender.stop(), this.receiver.stop()]);
  }
}
