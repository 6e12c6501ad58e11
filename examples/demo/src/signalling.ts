// What travels over the signalling WebSocket, and a client for it.

import WebSocket from 'ws';

/** From the server: who came and went, and what others said. */
export type FromServer =
  | { readonly type: 'welcome'; readonly id: string }
  | { readonly type: 'joined'; readonly from: string; readonly name: string }
  | { readonly type: 'left'; readonly from: string }
  | { readonly type: 'signal'; readonly from: string; readonly signal: Signal };

/** To the server: something for one other member of the room. */
export interface ToServer {
  readonly type: 'signal';
  readonly to: string;
  readonly signal: Signal;
}

/** Half of a negotiation; `candidate: null` says that there are no more. */
export type Signal =
  | { readonly description: RTCSessionDescriptionInit }
  | { readonly candidate: RTCIceCandidateInit | null };

/** The member that all others connect to. */
export const HOST_ID = 'host';

/** A member's line to the room. */
export class Signalling {
  onmessage: (message: FromServer) => void = () => undefined;
  onclose: () => void = () => undefined;
  readonly #socket: WebSocket;

  /** Joins the room of the server at `url` (`ws://…`). */
  static async join(url: string, name: string): Promise<Signalling> {
    const socket = new WebSocket(`${url}/room?name=${encodeURIComponent(name)}`);
    const signalling = new Signalling(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return signalling;
  }

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (text) => this.onmessage(JSON.parse(String(text)) as FromServer));
    socket.on('close', () => this.onclose());
  }

  send(to: string, signal: Signal): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const message: ToServer = { type: 'signal', to, signal };
    this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close();
  }
}
