// One SRTP transport on a UDP socket: interceptors, encryption, a timer. Sans-IO parts meet a socket here.
import {
  type CompoundPacket,
  type Interceptor,
  InterceptorChain,
  isRtcp,
  RoundTripTime,
  type RtcpPacket,
  RtcpReports,
  RtpPacket,
} from '@kaon/rtp';
import { SrtpReceiver, SrtpSender } from '@kaon/srtp';
import type { Network, NetworkTimer, TransportAddress, UdpSocket } from '@kaon/wire';
import { keysOf, PROFILE } from './session.ts';

/** Room for a packet, what interceptors add, and what SRTP adds. */
const DATAGRAM_BYTES = 1500;

export interface RtpTransportOptions {
  readonly network: Network;
  readonly local: TransportAddress;
  readonly remote: TransportAddress;
  /** Of reports. */
  readonly ssrc: number;
  readonly sendKeys: number;
  readonly receiveKeys: number;
  /** Next to the application; reports stand next to the network. */
  readonly interceptors: (roundTrip: RoundTripTime) => readonly Interceptor[];
}

export class RtpTransport {
  /** Gets each packet that came, decrypted and restored; it is valid during the call. */
  onrtp: (packet: RtpPacket, now: number) => void = () => undefined;
  /** Gets RTCP after the interceptors. */
  onrtcp: (compound: CompoundPacket, now: number) => void = () => undefined;
  readonly roundTrip: RoundTripTime = new RoundTripTime();
  readonly chain: InterceptorChain;
  readonly reports: RtcpReports;
  readonly #network: Network;
  readonly #remote: TransportAddress;
  readonly #sender: SrtpSender;
  readonly #receiver: SrtpReceiver;
  readonly #incoming: RtpPacket = new RtpPacket();
  // Datagrams are decrypted here, and those that interceptors make are encrypted here.
  readonly #memory: Uint8Array = new Uint8Array(65_536);
  #socket: UdpSocket | undefined;
  #timer: NetworkTimer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(options: RtpTransportOptions) {
    const { network, ssrc } = options;
    this.#network = network;
    this.#remote = options.remote;
    this.#sender = new SrtpSender({ profile: PROFILE, keys: keysOf(options.sendKeys) });
    this.#receiver = new SrtpReceiver({ profile: PROFILE, keys: keysOf(options.receiveKeys) });
    this.reports = new RtcpReports({
      ssrc,
      cname: `end ${ssrc}`,
      random: network.random,
      roundTrip: this.roundTrip,
      timeOrigin: network.wallClock() - network.now(),
    });
    const interceptors = options.interceptors(this.roundTrip);
    this.chain = new InterceptorChain([...interceptors, this.reports]);
  }

  static async bind(options: RtpTransportOptions): Promise<RtpTransport> {
    const transport = new RtpTransport(options);
    await transport.#open(options.local);
    return transport;
  }

  /** Sends a packet; the caller keeps its memory, and calls {@link flush} after the last of a batch. */
  sendRtp(packet: RtpPacket, now: number): void {
    if (this.chain.handleOutgoingRtp(packet, now)) {
      this.#protectAndSend(packet.bytes, packet.start, packet.end);
    }
  }

  /** Sends RTCP that no interceptor makes, with the next datagram of them. */
  sendRtcp(packet: RtcpPacket): void {
    this.chain.sendRtcp(packet);
  }

  /** Sends what interceptors have to send, and sets the timer. */
  flush(): void {
    const now = this.#network.now();
    const memory = this.#memory;
    for (;;) {
      const end = this.chain.pollRtp(memory, 0, now);
      if (end === 0) break;
      this.#protectAndSend(memory, 0, end);
    }
    for (;;) {
      const end = this.chain.pollRtcp(memory, 0, now);
      if (end === 0) break;
      const datagram = new Uint8Array(DATAGRAM_BYTES);
      datagram.set(memory.subarray(0, end));
      this.#send(datagram, this.#sender.protectRtcp(datagram, 0, end));
    }
    this.#socket?.flush();
    this.#armTimer(now);
  }

  close(): void {
    this.#timer?.cancel();
    this.#socket?.close();
  }

  async #open(local: TransportAddress): Promise<void> {
    this.#socket = await this.#network.bindUdp(local, {
      onDatagram: (data) => this.#handleDatagram(data),
      onBatchEnd: () => this.flush(),
      onError: (error) => {
        throw error;
      },
    });
  }

  #handleDatagram(data: Uint8Array): void {
    const now = this.#network.now();
    const memory = this.#memory;
    memory.set(data);
    if (isRtcp(data)) {
      const end = this.#receiver.unprotectRtcp(memory, 0, data.length);
      const compound = end < 0 ? undefined : this.chain.handleIncomingRtcp(memory, 0, end, now);
      if (compound !== undefined) this.onrtcp(compound, now);
      return;
    }
    const packet = this.#incoming;
    const end = this.#receiver.unprotectRtp(memory, 0, data.length);
    if (end < 0 || !packet.parse(memory, 0, end)) return;
    if (this.chain.handleIncomingRtp(packet, now)) this.onrtp(packet, now);
  }

  #protectAndSend(bytes: Uint8Array, start: number, end: number): void {
    const datagram = new Uint8Array(DATAGRAM_BYTES);
    datagram.set(bytes.subarray(start, end));
    this.#send(datagram, this.#sender.protectRtp(datagram, 0, end - start));
  }

  #send(datagram: Uint8Array, end: number): void {
    this.#socket?.send(datagram.subarray(0, end), this.#remote);
  }

  #armTimer(now: number): void {
    const next = this.chain.nextTimeout;
    if (next === this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = next;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#network.setTimer(
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY;
        this.chain.handleTimeout(this.#network.now());
        this.flush();
      },
      Math.max(next - now, 0),
    );
  }
}
