// Two fresh processes of one stack and the connections between them.
//
// Signalling goes through this process, JSON lines to either side, the same way for every stack.
import { PairedSession, type Peer, type PeerKind } from '@kaon/interop/peers';

/** Nothing a benchmark waits for takes longer, werift's slow rows included. */
const DEADLINE_MS = 120_000;

export class ProcessPair {
  readonly sender: Peer;
  readonly receiver: Peer;
  readonly #deadline: AbortSignal = AbortSignal.timeout(DEADLINE_MS);

  constructor(sender: Peer, receiver: Peer) {
    this.sender = sender;
    this.receiver = receiver;
  }

  /** `nodeArguments` for the sender and for the receiver. */
  static async start(
    kind: PeerKind,
    senderArguments: readonly string[],
    receiverArguments: readonly string[],
  ): Promise<ProcessPair> {
    const sender = await kind.start({ nodeArguments: senderArguments });
    try {
      return new ProcessPair(sender, await kind.start({ nodeArguments: receiverArguments }));
    } catch (error) {
      await sender.stop();
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
