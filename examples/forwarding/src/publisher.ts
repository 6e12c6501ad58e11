// A publisher: the same pictures in two layers, 25 a second, a key frame when one is asked for.
import { RetransmissionSender, RtpPacket, Vp8Packetizer, writeRtpHeader } from '@kaon/rtp';
import type { Network, TransportAddress } from '@kaon/wire';
import { CLOCK_RATE, LAYERS, VP8_PAYLOAD_TYPE, videoStream } from './session.ts';
import { RtpTransport } from './transport.ts';

export const FRAME_MS = 40;
const HEADER_BYTES = 12;
/** Where in a frame its number stands: behind what a decoder looks at in a key frame. */
export const NUMBER_OFFSET = 10;

interface Layer {
  readonly ssrc: number;
  readonly frame: Uint8Array;
  readonly packetizer: Vp8Packetizer;
  readonly firstTimestamp: number;
  sequenceNumber: number;
  isKeyFrameDue: boolean;
}

export class Publisher {
  readonly #network: Network;
  readonly #transport: RtpTransport;
  readonly #layers: readonly Layer[];
  readonly #memory: Uint8Array = new Uint8Array(1500);
  readonly #packet: RtpPacket = new RtpPacket();
  #frames = 0;
  #isStopped = false;

  constructor(network: Network, transport: RtpTransport) {
    const { random } = network;
    this.#network = network;
    this.#transport = transport;
    this.#layers = LAYERS.map(({ ssrc, frameBytes }) => {
      transport.chain.addLocalStream(videoStream(ssrc));
      return {
        ssrc,
        frame: new Uint8Array(frameBytes),
        packetizer: new Vp8Packetizer({ firstPictureId: random.uint32() & 0x7fff }),
        firstTimestamp: random.uint32(),
        // Near its end, so that it wraps soon.
        sequenceNumber: 65_000 + (random.uint32() & 0xff),
        isKeyFrameDue: true,
      };
    });
    transport.onrtcp = ({ packets }) => {
      for (const packet of packets) {
        if (packet.type !== 'picture-loss-indication') continue;
        const layer = this.#layers.find(({ ssrc }) => ssrc === packet.mediaSsrc);
        if (layer !== undefined) layer.isKeyFrameDue = true;
      }
    };
  }

  static async start(
    network: Network,
    local: TransportAddress,
    remote: TransportAddress,
  ): Promise<Publisher> {
    const transport = await RtpTransport.bind({
      network,
      local,
      remote,
      ssrc: (LAYERS[0] as { ssrc: number }).ssrc,
      sendKeys: 2,
      receiveKeys: 1,
      interceptors: (roundTrip) => [
        new RetransmissionSender({ random: network.random, roundTrip }),
      ],
    });
    const publisher = new Publisher(network, transport);
    publisher.#sendFrames();
    return publisher;
  }

  /** How many pictures it has sent. */
  get frames(): number {
    return this.#frames;
  }

  stop(): void {
    this.#isStopped = true;
  }

  #sendFrames(): void {
    if (this.#isStopped) return;
    const now = this.#network.now();
    for (const layer of this.#layers) this.#sendFrame(layer, now);
    this.#frames++;
    this.#transport.flush();
    this.#network.setTimer(() => this.#sendFrames(), FRAME_MS);
  }

  #sendFrame(layer: Layer, now: number): void {
    const { frame: data, packetizer, ssrc } = layer;
    // RFC 6386 §9.1: the lowest bit says that it is no key frame; a key frame has a start code and its size.
    data[0] = layer.isKeyFrameDue ? 0x10 : 0x11;
    if (layer.isKeyFrameDue) data.set([0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00], 3);
    layer.isKeyFrameDue = false;
    new DataView(data.buffer).setUint32(NUMBER_OFFSET, this.#frames);
    const timestamp = (layer.firstTimestamp + (CLOCK_RATE / 1000) * FRAME_MS * this.#frames) >>> 0;
    packetizer.start({ data });
    for (;;) {
      const end = packetizer.writePayload(this.#memory, HEADER_BYTES);
      if (end === HEADER_BYTES) return;
      const { sequenceNumber } = layer;
      const { marker } = packetizer;
      const header = { marker, payloadType: VP8_PAYLOAD_TYPE, sequenceNumber, timestamp, ssrc };
      writeRtpHeader(header, this.#memory, 0);
      layer.sequenceNumber = (sequenceNumber + 1) & 0xffff;
      this.#packet.parse(this.#memory, 0, end);
      this.#transport.sendRtp(this.#packet, now);
    }
  }
}
