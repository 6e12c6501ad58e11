// The two peers of a run: started together, replaced after a failure, ended for certain.
import type { Peer } from '../peers/peer.ts';
import type { PeerKind, StartOptions } from '../peers/registry.ts';

export class PeerPair {
  readonly #subjectKind: PeerKind;
  readonly #otherKind: PeerKind;
  readonly #options: StartOptions;
  #peers: { readonly subject: Peer; readonly other: Peer } | undefined;

  constructor(subjectKind: PeerKind, otherKind: PeerKind, options: StartOptions) {
    this.#subjectKind = subjectKind;
    this.#otherKind = otherKind;
    this.#options = options;
  }

  /** Both peers, alive; the first call, and the first after `stop`, starts them. */
  async get(): Promise<{ readonly subject: Peer; readonly other: Peer }> {
    if (this.#peers !== undefined) {
      if (!this.#peers.subject.hasEnded && !this.#peers.other.hasEnded) return this.#peers;
      await this.stop();
    }
    const started = await Promise.allSettled([
      this.#start(this.#subjectKind),
      this.#start(this.#otherKind),
    ]);
    const [subject, other] = started;
    if (subject.status === 'fulfilled' && other.status === 'fulfilled') {
      this.#peers = { subject: subject.value, other: other.value };
      return this.#peers;
    }
    for (const result of started) if (result.status === 'fulfilled') await result.value.stop();
    throw subject.status === 'rejected' ? subject.reason : (other as PromiseRejectedResult).reason;
  }

  async stop(): Promise<void> {
    const peers = this.#peers;
    this.#peers = undefined;
    if (peers !== undefined) await Promise.all([peers.subject.stop(), peers.other.stop()]);
  }

  async #start(kind: PeerKind): Promise<Peer> {
    const peer = await kind.start(this.#options);
    try {
      // A stack that cannot be loaded shows it here.
      await peer.call('describe', {});
      return peer;
    } catch (error) {
      await peer.stop();
      throw error;
    }
  }
}
