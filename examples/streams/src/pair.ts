// Two connections in one process, on real UDP sockets; signalling is two function calls.

import { type RTCDataChannel, RTCPeerConnection } from '@kaon/peerconnection';

/** Both ends of a connection. */
export class Pair {
  readonly #alice = new RTCPeerConnection();
  readonly #bob = new RTCPeerConnection();

  /**
   * Opens a channel.
   *
   * @param onRemote called with Bob's end in the very turn in which it is there, so that streams miss no message.
   * @returns Alice's end.
   */
  async open<T>(
    label: string,
    onRemote: (channel: RTCDataChannel) => T,
  ): Promise<[channel: RTCDataChannel, remote: Awaited<T>]> {
    const channel = this.#alice.createDataChannel(label);
    const remote = new Promise<T>((resolve) => {
      const take = ({ channel: remoteChannel }: { readonly channel: RTCDataChannel }): void => {
        if (remoteChannel.label !== label) return;
        this.#bob.removeEventListener('datachannel', take);
        resolve(onRemote(remoteChannel));
      };
      this.#bob.addEventListener('datachannel', take);
    });
    if (this.#alice.localDescription === null) await this.#connect();
    return [channel, await remote];
  }

  close(): void {
    this.#alice.close();
    this.#bob.close();
  }

  async #connect(): Promise<void> {
    for (const [from, to] of [
      [this.#alice, this.#bob],
      [this.#bob, this.#alice],
    ] as const) {
      from.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate !== null) void to.addIceCandidate(candidate.toJSON());
      });
    }
    await this.#alice.setLocalDescription();
    await this.#bob.setRemoteDescription(
      this.#alice.localDescription?.toJSON() ?? { type: 'offer' },
    );
    await this.#bob.setLocalDescription();
    await this.#alice.setRemoteDescription(
      this.#bob.localDescription?.toJSON() ?? { type: 'answer' },
    );
  }
}
