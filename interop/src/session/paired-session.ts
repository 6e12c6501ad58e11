// Two endpoints and the signalling between them: offer, answer and trickled candidates.
import type { Description, SctpFeatures } from '../control/protocol.ts';
import type { Peer } from '../peers/peer.ts';
import { Endpoint } from './endpoint.ts';

let sessions = 0;

export interface SignallingOptions {
  /** Candidates one by one as they come (default), or all of them inside the descriptions. */
  readonly candidates?: 'trickled' | 'in-description';
  /** Stands between the sides: what a side receives may be changed here. */
  readonly rewrite?: (description: Description, receiver: 'offerer' | 'answerer') => Description;
}

export class PairedSession {
  readonly offerer: Endpoint;
  readonly answerer: Endpoint;
  /** Candidates that the other side refused, with its reason. */
  readonly refusedCandidates: string[] = [];

  constructor(offerer: Endpoint, answerer: Endpoint) {
    this.offerer = offerer;
    this.answerer = answerer;
  }

  /** A connection in each peer, not yet signalled. `deadline` ends every wait of the session. */
  static async create(
    offerer: Peer,
    answerer: Peer,
    deadline: AbortSignal,
    sctp?: SctpFeatures,
  ): Promise<PairedSession> {
    const name = `c${sessions++}`;
    const session = new PairedSession(
      new Endpoint(offerer, `${name}-offerer`, deadline),
      new Endpoint(answerer, `${name}-answerer`, deadline),
    );
    await Promise.all([session.offerer.create(sctp), session.answerer.create(sctp)]);
    return session;
  }

  /** Exchanges offer and answer. Both sides connect after it; wait for what they report. */
  async signal(options: SignallingOptions = {}): Promise<void> {
    const { offerer, answerer } = this;
    const rewrite = options.rewrite ?? ((description) => description);
    const isTrickled = options.candidates !== 'in-description';
    const toAnswerer = isTrickled ? this.#holdCandidates(offerer, answerer) : undefined;
    const toOfferer = isTrickled ? this.#holdCandidates(answerer, offerer) : undefined;
    const offer = await offerer.peer.call('offer', { connection: offerer.connection });
    await answerer.setRemoteDescription(
      rewrite(await this.#complete(offerer, offer, isTrickled), 'answerer'),
    );
    toAnswerer?.();
    const answer = await answerer.peer.call('answer', { connection: answerer.connection });
    await offerer.setRemoteDescription(
      rewrite(await this.#complete(answerer, answer, isTrickled), 'offerer'),
    );
    toOfferer?.();
  }

  /** Closes both sides, whatever has become of them. */
  async close(): Promise<void> {
    await Promise.allSettled([this.offerer.close(), this.answerer.close()]);
    this.offerer.peer.unlisten(this.offerer.connection);
    this.answerer.peer.unlisten(this.answerer.connection);
  }

  async #complete(side: Endpoint, description: Description, isTrickled: boolean) {
    if (isTrickled) return description;
    await side.gathered();
    return side.peer.call('localDescription', { connection: side.connection });
  }

  /** Holds candidates back until the receiver has the description: call the result then. */
  #holdCandidates(from: Endpoint, to: Endpoint): () => void {
    const held: [string, string | null][] = [];
    let isReady = false;
    const pass = async (candidate: string, sdpMid: string | null) => {
      try {
        await to.peer.call('addCandidate', { connection: to.connection, candidate, sdpMid });
      } catch (error) {
        // A side that has closed refuses what was still on its way to it.
        if (to.hasClosed) return;
        this.refusedCandidates.push(`${candidate || 'end of candidates'}: ${error}`);
      }
    };
    from.onCandidate = (candidate, sdpMid) => {
      if (isReady) void pass(candidate, sdpMid);
      else held.push([candidate, sdpMid]);
    };
    return () => {
      isReady = true;
      for (const [candidate, sdpMid] of held) void pass(candidate, sdpMid);
    };
  }
}
