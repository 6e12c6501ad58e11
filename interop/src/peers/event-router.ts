// Hands each event of a peer to the listener of the connection it belongs to.
import type { PeerEvent } from '../control/protocol.ts';

export class EventRouter {
  readonly #listeners = new Map<string, (event: PeerEvent) => void>();

  listen(connection: string, listener: (event: PeerEvent) => void): void {
    this.#listeners.set(connection, listener);
  }

  unlisten(connection: string): void {
    this.#listeners.delete(connection);
  }

  /** Events of a connection nobody follows any more are late words of a finished scenario. */
  route(event: PeerEvent): void {
    this.#listeners.get(event.connection)?.(event);
  }
}
