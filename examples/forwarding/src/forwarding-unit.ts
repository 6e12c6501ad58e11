// The forwarding unit: packets of one publisher in, to each subscriber the layer that it wants (RFC 7667 §3.7).
import {
  isVp8KeyFrame,
  RetransmissionReceiver,
  RetransmissionSender,
  RtpPacket,
  StreamRewriter,
} from '@kaon/rtp';
import type { Network, TransportAddress } from '@kaon/wire';
import { CLOCK_RATE, LAYERS, type LayerName, layerNamed, videoStream } from './session.ts';
import { RtpTransport } from './transport.ts';

const OWN_SSRC = 0x1;
const PORT = 5000;
/** A key frame is asked for again after so long. */
const KEY_FRAME_PATIENCE_MS = 300;

interface Subscriber {
  readonly transport: RtpTransport;
  readonly rewriter: StreamRewriter;
  /** The layer that it is to get: from its next key frame on. */
  wanted: LayerName;
}

export class ForwardingUnit {
  readonly #network: Network;
  readonly #address: string;
  readonly #publisher: RtpTransport;
  readonly #subscribers: Subscriber[] = [];
  readonly #copy: RtpPacket = new RtpPacket();
  readonly #memory: Uint8Array = new Uint8Array(2048);
  readonly #askedAt: Map<number, number> = new Map();

  constructor(network: Network, address: string, publisher: RtpTransport) {
    this.#network = network;
    this.#address = address;
    this.#publisher = publisher;
    for (const { ssrc } of LAYERS) publisher.chain.addRemoteStream(videoStream(ssrc));
    publisher.onrtp = (packet, now) => this.#forward(packet, now);
    publisher.onrtcp = ({ packets }) => {
      for (const packet of packets) {
        if (packet.type !== 'sender-report') continue;
        for (const { rewriter } of this.#subscribers) rewriter.handleSenderReport(packet);
      }
    };
  }

  static async start(
    network: Network,
    address: string,
    publisher: TransportAddress,
  ): Promise<ForwardingUnit> {
    const transport = await RtpTransport.bind({
      network,
      local: { address, port: PORT },
      remote: publisher,
      ssrc: OWN_SSRC,
      sendKeys: 1,
      receiveKeys: 2,
      interceptors: (roundTrip) => [
        new RetransmissionReceiver({ senderSsrc: OWN_SSRC, roundTrip }),
      ],
    });
    return new ForwardingUnit(network, address, transport);
  }

  /** Forwards to one more: the stream `ssrc`, keyed by `keys` and the number behind it. */
  async addSubscriber(
    remote: TransportAddress,
    ssrc: number,
    keys: number,
    wanted: LayerName,
  ): Promise<RtpTransport> {
    const { random } = this.#network;
    const transport = await RtpTransport.bind({
      network: this.#network,
      local: { address: this.#address, port: PORT + keys },
      remote,
      ssrc,
      sendKeys: keys,
      receiveKeys: keys + 1,
      interceptors: (roundTrip) => [new RetransmissionSender({ random, roundTrip })],
    });
    transport.chain.addLocalStream(videoStream(ssrc));
    const rewriter = new StreamRewriter({ ssrc, clockRate: CLOCK_RATE, codec: 'vp8', random });
    this.#subscribers.push({ transport, rewriter, wanted });
    transport.onrtcp = ({ packets }, now) => {
      for (const { type } of packets) {
        if (type === 'picture-loss-indication') this.#askForKeyFrame(rewriter.source, now);
      }
    };
    return transport;
  }

  /** Lets the subscriber at `index` have another layer, as soon as that has a key frame. */
  select(index: number, layer: LayerName): void {
    (this.#subscribers[index] as Subscriber).wanted = layer;
    this.#askForKeyFrame(layerNamed(layer).ssrc, this.#network.now());
  }

  #forward(packet: RtpPacket, now: number): void {
    // A key frame whose beginning was lost and came again is no place to switch: the rest of it has passed.
    const received = this.#publisher.reports.received(packet.ssrc);
    const isNewest = received?.highestSequenceNumber === packet.sequenceNumber;
    const startsKeyFrame = isNewest && isVp8KeyFrame(packet.payload);
    for (const { rewriter, transport, wanted } of this.#subscribers) {
      const { ssrc } = layerNamed(wanted);
      if (packet.ssrc === ssrc && rewriter.source !== ssrc) {
        if (startsKeyFrame) rewriter.switchTo(ssrc);
        else this.#askForKeyFrame(ssrc, now);
      }
      if (!rewriter.takes(packet.ssrc)) continue;
      packet.copyTo(this.#memory, 0, this.#copy);
      if (!rewriter.rewrite(this.#copy, now)) continue;
      transport.sendRtp(this.#copy, now);
      transport.flush();
    }
  }

  #askForKeyFrame(mediaSsrc: number | undefined, now: number): void {
    if (mediaSsrc === undefined) return;
    const askedAt = this.#askedAt.get(mediaSsrc) ?? Number.NEGATIVE_INFINITY;
    if (now - askedAt < KEY_FRAME_PATIENCE_MS) return;
    this.#askedAt.set(mediaSsrc, now);
    this.#publisher.sendRtcp({ type: 'picture-loss-indication', senderSsrc: OWN_SSRC, mediaSsrc });
    this.#publisher.flush();
  }
}
