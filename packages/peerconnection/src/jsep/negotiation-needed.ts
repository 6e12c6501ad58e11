// The negotiation-needed flag and the event that tells of it.
// https://www.w3.org/TR/webrtc/#update-the-negotiation-needed-flag

import type { Connection } from '../connection.ts';

/** The slots [[NegotiationNeeded]] and [[UpdateNegotiationNeededFlagOnEmptyChain]]. */
export class NegotiationNeeded {
  readonly #connection: Connection;
  #isNeeded = false;
  #mustUpdateOnEmptyChain = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** "Clear the negotiation-needed flag." */
  clear(): void {
    this.#isNeeded = false;
  }

  /** "Update the negotiation-needed flag." */
  update(): void {
    const connection = this.#connection;
    if (connection.operations.length > 0) {
      this.#mustUpdateOnEmptyChain = true;
      return;
    }
    connection.tasks.queue(() => {
      if (connection.isClosed) return;
      if (connection.operations.length > 0) {
        this.#mustUpdateOnEmptyChain = true;
        return;
      }
      if (connection.signalingState !== 'stable') return;
      if (!this.#check()) {
        this.#isNeeded = false;
        return;
      }
      if (this.#isNeeded) return;
      this.#isNeeded = true;
      connection.fire(new Event('negotiationneeded'));
    });
  }

  /** The operations chain has run empty. */
  chainIsEmpty(): void {
    if (!this.#mustUpdateOnEmptyChain) return;
    this.#mustUpdateOnEmptyChain = false;
    this.update();
  }

  /** "Check if negotiation is needed", for data. */
  #check(): boolean {
    const { iceCredentialsToReplace, channels, currentLocalDescription } = this.#connection;
    if (iceCredentialsToReplace.size > 0) return true;
    return channels.hasCreatedAny && currentLocalDescription?.data === undefined;
  }
}
