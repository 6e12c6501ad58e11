// Two peer connections on a simulated network, with signalling that takes its time.

import { deterministicCrypto } from '@kaon/crypto';
import { importDtlsCertificate } from '@kaon/dtls';
import { createSimulation, type SimulatedHost, type Simulation } from '@kaon/simnet';
import {
  type KaonOptions,
  RTCCertificate,
  type RTCConfiguration,
  type RTCDataChannel,
  type RTCIceCandidate,
  RTCPeerConnection,
} from '../src/index.ts';
import { ALICE, BOB } from './fixtures/certificates.ts';

const [aliceCertificate, bobCertificate] = (
  await Promise.all([ALICE, BOB].map((pem) => importDtlsCertificate(pem, deterministicCrypto)))
).map((certificate) => new RTCCertificate(certificate)) as [RTCCertificate, RTCCertificate];

/** How a pair is made. */
export interface PeerPairOptions {
  readonly seed?: string | number;
  /** Puts the hosts on the network; two hosts on the internet by default. */
  readonly build?: (simulation: Simulation) => readonly [SimulatedHost, SimulatedHost];
  readonly configuration?: RTCConfiguration;
  readonly alice?: KaonOptions;
  readonly bob?: KaonOptions;
  /** Virtual milliseconds that a signalling message takes; 20 by default. */
  readonly signalingMs?: number;
}

/** Alice, who usually offers, and Bob. */
export class PeerPair {
  readonly simulation: Simulation;
  readonly aliceHost: SimulatedHost;
  readonly bobHost: SimulatedHost;
  readonly alice: RTCPeerConnection;
  readonly bob: RTCPeerConnection;
  readonly #signalingMs: number;

  constructor(options: PeerPairOptions = {}) {
    this.simulation = createSimulation({ seed: options.seed ?? 1 });
    const build =
      options.build ?? ((simulation) => [simulation.host('alice'), simulation.host('bob')]);
    [this.aliceHost, this.bobHost] = build(this.simulation);
    this.#signalingMs = options.signalingMs ?? 20;
    this.alice = this.#peer(this.aliceHost, aliceCertificate, options.configuration, options.alice);
    this.bob = this.#peer(this.bobHost, bobCertificate, options.configuration, options.bob);
  }

  /** Lets candidates go to the other side as they come; `false` from the filter withholds one. */
  trickle(passes: (candidate: RTCIceCandidate) => boolean = () => true): void {
    for (const [from, to] of [
      [this.alice, this.bob],
      [this.bob, this.alice],
    ] as const) {
      from.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate === null || !passes(candidate)) return;
        void this.#deliverCandidate(to, candidate);
      });
    }
  }

  /** One offer and answer, as virtual time goes by. */
  async negotiate(from: RTCPeerConnection = this.alice): Promise<void> {
    const to = from === this.alice ? this.bob : this.alice;
    await from.setLocalDescription();
    await this.deliverDescription(from, to);
    await to.setLocalDescription();
    await this.deliverDescription(to, from);
  }

  /** Applies what one side's description is now at the other, a signalling delay later. */
  async deliverDescription(from: RTCPeerConnection, to: RTCPeerConnection): Promise<void> {
    const description = from.localDescription?.toJSON();
    if (description === undefined) throw new Error('There is no local description to deliver.');
    await this.signaling();
    await to.setRemoteDescription(description);
  }

  /** Resolves after the time that a signalling message takes. */
  signaling(): Promise<void> {
    return this.simulation.sleep(this.#signalingMs);
  }

  /** Runs the simulation until `work` is done. */
  complete<T>(work: Promise<T>, timeoutMs = 60_000): Promise<T> {
    return this.simulation.complete(work, { timeoutMs });
  }

  /** Makes a channel at Alice, negotiates, and gives both ends of it, open. */
  async open(label = 'channel'): Promise<[RTCDataChannel, RTCDataChannel]> {
    this.trickle();
    const channel = this.alice.createDataChannel(label);
    const remote = nextChannel(this.bob);
    await this.complete(Promise.all([this.negotiate(), opened(channel), remote.then(opened)]));
    return [channel, await remote];
  }

  close(): void {
    this.alice.close();
    this.bob.close();
  }

  async #deliverCandidate(to: RTCPeerConnection, candidate: RTCIceCandidate): Promise<void> {
    await this.signaling();
    // The other side may not have our description yet, or be closed.
    while (to.remoteDescription === null && to.signalingState !== 'closed') await this.signaling();
    await to.addIceCandidate(candidate.toJSON()).catch(() => undefined);
  }

  #peer(
    { network }: SimulatedHost,
    certificate: RTCCertificate,
    configuration: RTCConfiguration | undefined,
    options: KaonOptions | undefined,
  ): RTCPeerConnection {
    return new RTCPeerConnection(
      { certificates: [certificate], ...configuration },
      { network, crypto: deterministicCrypto, ...options },
    );
  }
}

/** The next channel that the peer opens. */
export function nextChannel(connection: RTCPeerConnection): Promise<RTCDataChannel> {
  return new Promise((resolve) => {
    connection.addEventListener('datachannel', ({ channel }) => resolve(channel), { once: true });
  });
}

/** Resolves when a channel is open, at once if it is. */
export function opened(channel: RTCDataChannel): Promise<void> {
  if (channel.readyState === 'open') return Promise.resolve();
  return fired(channel, 'open').then(() => undefined);
}

/** The next event of a type. */
export function fired(target: EventTarget, type: string): Promise<Event> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

/** The next `count` messages of a channel. */
export function messages(channel: RTCDataChannel, count: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    const received: unknown[] = [];
    const take = ({ data }: MessageEvent): void => {
      received.push(data);
      if (received.length < count) return;
      channel.removeEventListener('message', take);
      resolve(received);
    };
    if (count === 0) resolve(received);
    else channel.addEventListener('message', take);
  });
}
