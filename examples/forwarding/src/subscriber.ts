// A subscriber: asks for what it lost, puts frames together, and checks that it sees one continuous stream.
import { FrameBuffer, RetransmissionReceiver, Vp8Depacketizer, type Vp8Frame } from '@kaon/rtp';
import type { Network, NetworkTimer, TransportAddress } from '@kaon/wire';
import { NUMBER_OFFSET } from './publisher.ts';
import { CLOCK_RATE, videoStream } from './session.ts';
import { RtpTransport } from './transport.ts';

const OWN_SSRC = 0x2;

export class Subscriber {
  /** Frames that came, by their sizes: each layer has its own. */
  readonly framesBySize: Map<number, number> = new Map();
  /** Frames whose number or picture ID is not the next one. */
  breaks = 0;
  keyFramesAskedFor = 0;
  readonly #network: Network;
  readonly #frames: FrameBuffer<Vp8Frame>;
  readonly #transport: RtpTransport;
  readonly #repair: RetransmissionReceiver;
  readonly #ssrc: number;
  #last: { number: number; pictureId: number } | undefined;
  #timer: NetworkTimer | undefined;

  constructor(
    network: Network,
    transport: RtpTransport,
    repair: RetransmissionReceiver,
    ssrc: number,
  ) {
    this.#network = network;
    this.#transport = transport;
    this.#repair = repair;
    this.#ssrc = ssrc;
    const depacketizer = new Vp8Depacketizer();
    this.#frames = new FrameBuffer({
      kind: 'video',
      clockRate: CLOCK_RATE,
      depacketizer,
      repairWaitMs: 1000,
    });
    transport.chain.addRemoteStream(videoStream(ssrc));
    transport.onrtp = (packet, now) => {
      this.#frames.handlePacket(packet, now);
      this.#poll();
    };
  }

  static async start(
    network: Network,
    local: TransportAddress,
    remote: TransportAddress,
    ssrc: number,
    keys: number,
  ): Promise<Subscriber> {
    let repair: RetransmissionReceiver | undefined;
    const transport = await RtpTransport.bind({
      network,
      local,
      remote,
      ssrc: OWN_SSRC,
      sendKeys: keys + 1,
      receiveKeys: keys,
      interceptors: (roundTrip) => {
        repair = new RetransmissionReceiver({ senderSsrc: OWN_SSRC, roundTrip });
        return [repair];
      },
    });
    return new Subscriber(network, transport, repair as RetransmissionReceiver, ssrc);
  }

  get roundTripMs(): number {
    return this.#transport.roundTrip.smoothedMs;
  }

  /** Packets that came again after they were lost. */
  get packetsRecovered(): number {
    return this.#repair.nackCounters(this.#ssrc)?.packetsRecovered ?? 0;
  }

  #poll(): void {
    for (;;) {
      const event = this.#frames.pollEvent();
      if (event === undefined) break;
      if (event.type === 'frame') {
        // What was lost before a key frame is needed no more.
        if (event.frame.key) this.#repair.handleKeyFrame(this.#ssrc, event.sequenceNumber);
        this.#check(event.frame);
      }
      if (event.type === 'key-frame-needed') this.#askForKeyFrame();
    }
    this.#timer?.cancel();
    const { nextTimeout } = this.#frames;
    if (nextTimeout === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(0, nextTimeout - this.#network.now());
    this.#timer = this.#network.setTimer(() => {
      this.#frames.handleTimeout(this.#network.now());
      this.#poll();
    }, delayMs);
  }

  #check({ data, descriptor }: Vp8Frame): void {
    this.framesBySize.set(data.length, (this.framesBySize.get(data.length) ?? 0) + 1);
    const number = new DataView(data.buffer, data.byteOffset).getUint32(NUMBER_OFFSET);
    const pictureId = descriptor.pictureId ?? -1;
    const last = this.#last;
    this.#last = { number, pictureId };
    if (last === undefined) return;
    // Behind a switch a layer may be a picture ahead or behind, but never further.
    const step = number - last.number;
    if (step < 0 || step > 2 || pictureId !== ((last.pictureId + 1) & 0x7fff)) this.breaks++;
  }

  #askForKeyFrame(): void {
    this.keyFramesAskedFor++;
    this.#transport.sendRtcp({
      type: 'picture-loss-indication',
      senderSsrc: OWN_SSRC,
      mediaSsrc: this.#ssrc,
    });
    this.#transport.flush();
  }
}
