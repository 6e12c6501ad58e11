// The shell of one connection: its sockets and machines, what goes between them, and one timer.
// First bytes tell protocols apart: https://www.rfc-editor.org/rfc/rfc7983#section-7

import type { DtlsConnection, DtlsEvent } from '@kaon/dtls';
import { IceAgent, type IceEvent, type IceRole, type IceStunServer } from '@kaon/ice';
import { createSctpInit, type SctpAssociation, type SctpEvent } from '@kaon/sctp';
import {
  type Network,
  type NetworkTimer,
  Queue,
  type TransportAddress,
  type UdpSocket,
} from '@kaon/wire';
import { EarlyDatagrams } from './early-datagrams.ts';
import { DEFAULT_MAX_MESSAGE_BYTES, type KaonOptions } from './options.ts';
import { probedPacketBytes } from './packet-sizes.ts';
import {
  createDtls,
  createSctp,
  type MachineMeans,
  type SecureParameters,
  sctpPacketBytes,
} from './secure-machines.ts';
import { SocketSet } from './socket-set.ts';
import type { TaskQueue } from './task-queue.ts';

/** Who is told what the machines say, in a turn of the event loop that is not the application's. */
export interface TransportHandler {
  onIceEvent(event: Exclude<IceEvent, { type: 'lookup' }>): void;
  /** The events of one input have all been handed over. */
  onIceEventsEnd(): void;
  onDtlsStarted(): void;
  /** There is an association, which takes messages already. */
  onSctpStarted(): void;
  onDtlsEvent(event: Exclude<DtlsEvent, { type: 'data' }>): void;
  onSctpEvent(event: SctpEvent): void;
}

/** What a transport is made of. */
export interface TransportOptions extends MachineMeans {
  readonly tasks: TaskQueue;
  readonly handler: TransportHandler;
  readonly role: IceRole;
  readonly stunServers: readonly IceStunServer[];
}

/** What came and went, and what was dropped here before any machine saw it. */
export interface TransportCounters {
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
  /** Neither STUN nor DTLS, or empty. */
  droppedUnknown: number;
  /** DTLS on a path that ICE has not validated, and no room to keep it. */
  droppedInvalidPath: number;
  /** Ours, while ICE had no path to send it on. */
  droppedWithoutPath: number;
  /** Ours, larger than the records that the peer takes. */
  droppedTooLarge: number;
}

export class Transport {
  readonly ice: IceAgent;
  readonly counters: TransportCounters = {
    packetsSent: 0,
    bytesSent: 0,
    packetsReceived: 0,
    bytesReceived: 0,
    droppedUnknown: 0,
    droppedInvalidPath: 0,
    droppedWithoutPath: 0,
    droppedTooLarge: 0,
  };
  readonly #means: MachineMeans;
  readonly #network: Network;
  readonly #kaon: KaonOptions;
  readonly #tasks: TaskQueue;
  readonly #handler: TransportHandler;
  readonly #sockets: SocketSet;
  readonly #early = new EarlyDatagrams();
  #secure: SecureParameters | undefined = undefined;
  #dtls: DtlsConnection | undefined = undefined;
  #sctp: SctpAssociation | undefined = undefined;
  #path: { readonly socket: UdpSocket; readonly remote: TransportAddress } | undefined = undefined;
  #timer: NetworkTimer | undefined = undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #signaledInit: Uint8Array | undefined = undefined;
  /** What the handler is to be told once the peer has its answer. */
  readonly #news = new Queue<() => void>();
  /** Made ahead, while ICE looks for a path. */
  #preparedDtls: DtlsConnection | undefined = undefined;
  #preparedSctp: { readonly sctp: SctpAssociation; readonly packetBytes: number } | undefined =
    undefined;
  #isDtlsTold = false;
  #hasGathered = false;
  #isPreparing = false;
  /** The association is up: from now on datagrams are answered in batches. */
  #isSetUp = false;
  #isInBatch = false;
  #isPumping = false;
  #isFlushQueued = false;
  #isClosed = false;

  constructor(options: TransportOptions) {
    const { network, crypto, kaon, tasks, handler, role, stunServers } = options;
    this.#means = options;
    this.#network = network;
    this.#kaon = kaon;
    this.#tasks = tasks;
    this.#handler = handler;
    const { iceTiming, iceLimits, onTrace } = kaon;
    this.ice = new IceAgent({
      role,
      random: network.random,
      crypto,
      stunServers,
      ...(iceTiming === undefined ? {} : { timing: iceTiming }),
      ...(iceLimits === undefined ? {} : { limits: iceLimits }),
      ...(onTrace === undefined ? {} : { onTrace: (event) => onTrace({ layer: 'ice', event }) }),
    });
    this.#sockets = new SocketSet(network, kaon, {
      onDatagram: (data, socket, remote) => this.#handleDatagram(data, socket.local, remote),
      onBatchEnd: () => {
        this.#isInBatch = false;
        this.#pumpInTurn(this.#network.now());
      },
    });
  }

  get dtls(): DtlsConnection | undefined {
    return this.#dtls;
  }

  get sctp(): SctpAssociation | undefined {
    return this.#sctp;
  }

  /** Our INIT for descriptions: one for all of them, if it is to be there at all. */
  get signaledInit(): Uint8Array | undefined {
    if (this.#kaon.sctpInitInDescription !== true) return undefined;
    const { maxMessageSize = DEFAULT_MAX_MESSAGE_BYTES, sctp } = this.#kaon;
    this.#signaledInit ??= createSctpInit({
      random: this.#network.random,
      maxMessageBytes: maxMessageSize,
      zeroChecksum: true,
      ...sctp,
    });
    return this.#signaledInit;
  }

  /** Milliseconds on the machines' clock. */
  get now(): number {
    return this.#network.now();
  }

  // ── Commands ─────────────────────────────────────────────────────────────────────────────────────

  /** Binds sockets ahead of {@link gather}, so that it finds them bound. */
  prepare(): void {
    void this.#sockets.bind();
  }

  /** Gathers candidates: of all sockets, or none where only relayed ones are allowed. */
  gather(useHostAddresses: boolean): void {
    if (!useHostAddresses) {
      // Deviation: relayed candidates come with TURN; until then there are none.
      this.command((ice, now) => ice.gather([], now));
      return;
    }
    // In a turn of its own, so that the description, which is ready, can be on its way meanwhile.
    this.#network.setTimer(() => void this.#gatherFromSockets(), 0);
  }

  async #gatherFromSockets(): Promise<void> {
    if (this.#isClosed) return;
    await this.#sockets.bind();
    const bases = this.#sockets.sockets.map(({ socket, interfaceName }) => ({
      address: socket.local,
      interfaceName,
    }));
    this.command((ice, now) => ice.gather(bases, now));
    this.#hasGathered = true;
    this.#prepareSoon();
  }

  /** Calls a command of the ICE agent and sends what follows from it. */
  command(command: (ice: IceAgent, now: number) => void): void {
    if (this.#isClosed) return;
    const now = this.#network.now();
    command(this.ice, now);
    this.#pump(now);
  }

  /** Lets DTLS start as soon as there is a path, and SCTP as soon as DTLS is connected. */
  secure(parameters: SecureParameters): void {
    if (this.#secure !== undefined || this.#isClosed) return;
    this.#secure = parameters;
    this.#pump(this.#network.now());
    this.#prepareSoon();
  }

  /**
   * Sends what the association has to send, soon: together with all that this turn still adds. What follows
   * from it, such as less being buffered, is known before anything else comes from the network.
   */
  scheduleFlush(): void {
    // A batch or a running pump ends with the same.
    if (this.#isInBatch || this.#isPumping || this.#isFlushQueued || this.#isClosed) return;
    this.#isFlushQueued = true;
    queueMicrotask(this.#flushNext);
  }

  /** Tells the peer, and ends everything. */
  close(): void {
    if (this.#isClosed) return;
    const now = this.#network.now();
    // What the peer waits to have acknowledged, first of all: that its streams have come to their end.
    this.#drainData(now);
    this.#sctp?.abort(now, 'Connection closed.');
    this.#drainData(now);
    this.#dtls?.close(now);
    this.#drainData(now);
    this.#isClosed = true;
    this.ice.close(now);
    this.#sockets.flush();
    this.#sockets.close();
    this.#early.clear();
    this.#news.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  // ── From the network ─────────────────────────────────────────────────────────────────────────────

  #handleDatagram(data: Uint8Array, local: TransportAddress, remote: TransportAddress): void {
    if (this.#isClosed) return;
    this.#isInBatch = true;
    const now = this.#network.now();
    const first = data[0] ?? 255;
    this.#tasks.enter();
    try {
      if (first <= 3) this.ice.handleDatagram({ data, local, remote }, now);
      else if (first >= 20 && first <= 63) this.#handleDtls(data, local, remote, now);
      else this.counters.droppedUnknown++;
      // The peer waits for each answer of the setup; later a batch is answered as a whole.
      if (this.#isSetUp) this.#dispatch(now);
      else this.#answer(now);
    } finally {
      this.#tasks.leave();
    }
  }

  #handleDtls(
    data: Uint8Array,
    local: TransportAddress,
    remote: TransportAddress,
    now: number,
  ): void {
    if (this.#dtls === undefined || !this.ice.noteDatagram(local, remote, data.length, now)) {
      const isEarly = this.#dtls === undefined || this.#dtls.state === 'connecting';
      if (!isEarly || !this.#early.keep(data, local, remote)) this.counters.droppedInvalidPath++;
      return;
    }
    this.#count(data.length);
    this.#dtls.handleDatagram(data, now);
  }

  #count(bytes: number): void {
    this.counters.packetsReceived++;
    this.counters.bytesReceived += bytes;
  }

  // ── Between the machines ─────────────────────────────────────────────────────────────────────────

  /** Hands on all events. */
  #dispatch(now: number): void {
    this.#relay(now);
    this.#tell();
  }

  /** Hands on the events that are inputs of the next machine, and keeps what the handler is to be told. */
  #relay(now: number): void {
    this.#relayIce();
    if (this.#isClosed) return;
    this.#startDtls(now);
    this.#noteDtlsStarted();
    if (!this.#early.isEmpty) this.#replayEarly(now);
    const dtls = this.#dtls;
    if (dtls === undefined) return;
    for (let event = dtls.pollEvent(); event !== undefined; event = dtls.pollEvent()) {
      if (event.type === 'data') {
        this.#sctp?.handleDatagram(event.data, now);
        continue;
      }
      if (event.type === 'connected') this.#startSctp(now);
      // Messages that came before the end are told before it.
      else this.#tell();
      const told = event;
      this.#news.push(() => this.#handler.onDtlsEvent(told));
    }
  }

  #relayIce(): void {
    let event = this.ice.pollEvent();
    if (event === undefined) return;
    for (; event !== undefined; event = this.ice.pollEvent()) this.#handleIceEvent(event);
    this.#news.push(() => this.#handler.onIceEventsEnd());
  }

  /** Tells the handler all that is new; true if anything was. */
  #tell(): boolean {
    let hasTold = false;
    for (let news = this.#news.shift(); news !== undefined; news = this.#news.shift()) {
      hasTold = true;
      news();
      if (this.#isClosed) return true;
    }
    return this.#tellSctp() || hasTold;
  }

  #tellSctp(): boolean {
    const sctp = this.#sctp;
    let event = sctp?.pollEvent();
    if (sctp === undefined || event === undefined) return false;
    for (; event !== undefined; event = sctp.pollEvent()) {
      this.#handler.onSctpEvent(event);
      if (this.#isClosed) return true;
      if (event.type === 'connected' && !this.#isSetUp) this.#finishSetup();
    }
    return true;
  }

  /** What can wait until channels are open comes after them. */
  #finishSetup(): void {
    this.#isSetUp = true;
    this.#network.setTimer(() => {
      if (this.#isClosed) return;
      this.#searchPathMtu();
      this.scheduleFlush();
    }, 0);
  }

  #handleIceEvent(event: IceEvent): void {
    if (event.type === 'lookup') {
      this.#lookup(event.hostname);
      return;
    }
    if (event.type === 'selected-pair') {
      const { pair } = event;
      const socket = pair === undefined ? undefined : this.#sockets.find(pair.base);
      this.#path =
        pair === undefined || socket === undefined
          ? undefined
          : { socket, remote: { address: pair.remote.address, port: pair.remote.port } };
    }
    this.#news.push(() => this.#handler.onIceEvent(event));
    if (event.type === 'selected-pair' && this.#isSetUp) this.#searchPathMtu();
  }

  /** The packets that fit the first link may fit the whole path; SCTP finds out (RFC 8899). */
  #searchPathMtu(): void {
    const { mtu, pathMtuDiscovery = mtu === undefined } = this.#kaon;
    const path = this.#path;
    const dtls = this.#dtls;
    if (!pathMtuDiscovery || path === undefined || dtls === undefined) return;
    if (this.#sctp === undefined) return;
    const linkMtu = this.#network.linkMtu(path.socket.local.address, path.remote.address);
    const { info, overhead } = dtls;
    const limit = info?.remoteRecordSizeLimit;
    const sizes =
      linkMtu === undefined ? [] : probedPacketBytes(path.remote, linkMtu, overhead, limit);
    this.#sctp.searchPathMtu(sizes, this.#network.now());
  }

  #lookup(hostname: string): void {
    this.#network
      .lookup(hostname)
      .catch((): readonly string[] => []) // A name that does not resolve has no addresses.
      .then((addresses) => {
        this.command((ice, now) => ice.handleLookup(hostname, addresses, now));
      });
  }

  #startDtls(now: number): void {
    const secure = this.#secure;
    if (this.#dtls !== undefined || secure === undefined) return;
    // A client needs a path to speak; a server can be spoken to before it has one.
    if (this.#path === undefined && (secure.role === 'client' || this.#early.isEmpty)) return;
    this.#dtls = this.#preparedDtls ?? createDtls(secure, this.#means);
    this.#preparedDtls = undefined;
    this.#dtls.start(now);
  }

  /** A server may have begun before ICE is connected; it is told in the order that applications know. */
  #noteDtlsStarted(): void {
    if (this.#isDtlsTold || this.#dtls === undefined || this.#path === undefined) return;
    this.#isDtlsTold = true;
    this.#news.push(() => this.#handler.onDtlsStarted());
  }

  /** Makes the machines and their keys while there is no path yet, once nothing more urgent is left. */
  #prepareSoon(): void {
    if (this.#secure === undefined || !this.#hasGathered || this.#isPreparing) return;
    this.#isPreparing = true;
    this.#network.setTimer(() => {
      if (this.#isClosed || this.#secure === undefined || this.#dtls !== undefined) return;
      this.#preparedDtls = createDtls(this.#secure, this.#means);
      this.#preparedDtls.prepare();
      const packetBytes = sctpPacketBytes(this.#means);
      const sctp = createSctp(this.#secure, this.#means, packetBytes, this.#signaledInit);
      this.#preparedSctp = { sctp, packetBytes };
    }, 0);
  }

  /** The association that was prepared, if the records are as they were expected to be. */
  #takeSctp(secure: SecureParameters, dtls: DtlsConnection): SctpAssociation {
    const packetBytes = sctpPacketBytes(this.#means, dtls);
    const prepared = this.#preparedSctp;
    this.#preparedSctp = undefined;
    if (prepared?.packetBytes === packetBytes) return prepared.sctp;
    return createSctp(secure, this.#means, packetBytes, this.#signaledInit);
  }

  #replayEarly(now: number): void {
    const dtls = this.#dtls;
    if (dtls === undefined) return;
    const ready = this.#early.take(({ data, local, remote }) =>
      this.ice.noteDatagram(local, remote, data.length, now),
    );
    for (const { data } of ready) {
      this.#count(data.length);
      dtls.handleDatagram(data, now);
    }
  }

  #startSctp(now: number): void {
    const secure = this.#secure;
    const dtls = this.#dtls;
    if (secure === undefined || dtls === undefined) return;
    this.#early.clear();
    this.#sctp = this.#takeSctp(secure, dtls);
    const { remoteSctpInit } = secure;
    const isUp = remoteSctpInit !== undefined && this.#sctp.connectBySignaling(remoteSctpInit, now);
    // Both sides do so (RFC 8841 §10.2); SCTP makes one association of two INITs (RFC 9260 §5.2.1).
    if (!isUp) this.#sctp.connect(now);
    this.#handler.onSctpStarted();
  }

  // ── To the network ───────────────────────────────────────────────────────────────────────────────

  /** A tick that begins in a microtask comes after all of them, as a turn of its own would. */
  readonly #flushNext = (): void => process.nextTick(this.#flush);

  readonly #flush = (): void => {
    this.#isFlushQueued = false;
    if (!this.#isPumping) this.#pumpInTurn(this.#network.now());
  };

  /** Pumps in a turn of the event loop that is nobody else's. */
  #pumpInTurn(now: number): void {
    this.#tasks.enter();
    try {
      this.#pump(now);
    } finally {
      this.#tasks.leave();
    }
  }

  /** Sends what follows from a datagram; the handler is told when its batch ends. */
  #answer(now: number): void {
    do this.#relay(now);
    while (!this.#isClosed && this.#drain(now));
    this.#sockets.flush();
  }

  /** Sends all there is to send, hands on all there is to tell, and sets the timer. */
  #pump(now: number): void {
    if (this.#isPumping || this.#isClosed) return;
    this.#isPumping = true;
    try {
      // What the peer waits for goes out before anybody here is told.
      let isBusy = true;
      while (isBusy) {
        this.#relay(now);
        isBusy = this.#drain(now);
        if (this.#tell()) isBusy = true;
        if (this.#isClosed) return;
      }
      this.#sockets.flush();
      this.#arm(now);
    } finally {
      this.#isPumping = false;
    }
  }

  /** Sends; true if anything was sent, since that can have caused events. */
  #drain(now: number): boolean {
    // A peer that has spoken DTLS has a path to us, and waits for DTLS rather than for checks.
    let isBusy = this.counters.packetsReceived > 0 && this.#drainData(now);
    for (let out = this.ice.pollDatagram(); out !== undefined; out = this.ice.pollDatagram()) {
      this.#sockets.find(out.local)?.send(out.data, out.remote);
      isBusy = true;
    }
    return this.#drainData(now) || isBusy;
  }

  #drainData(now: number): boolean {
    const path = this.#path;
    const dtls = this.#dtls;
    if (dtls === undefined) return false;
    if (this.#isDtlsHeld()) return false;
    let isBusy = false;
    if (dtls.state === 'connected' && !this.#isInitHeld()) {
      const sctp = this.#sctp;
      const limit = dtls.info?.remoteRecordSizeLimit ?? Number.POSITIVE_INFINITY;
      for (let out = sctp?.pollDatagram(); out !== undefined; out = sctp?.pollDatagram()) {
        isBusy = true;
        // A peer may take records of 64 bytes only; there is no talking to it then.
        if (out.length <= limit) dtls.send(out, now);
        else this.counters.droppedTooLarge++;
      }
    }
    for (let out = dtls.pollDatagram(); out !== undefined; out = dtls.pollDatagram()) {
      isBusy = true;
      if (path === undefined) {
        this.counters.droppedWithoutPath++;
        continue;
      }
      this.counters.packetsSent++;
      this.counters.bytesSent += out.length;
      this.ice.noteSent(out.length, now);
      path.socket.send(out, path.remote);
    }
    return isBusy;
  }

  /**
   * The server's INIT comes right behind its Finished. A client waits for the end of the batch, since two
   * INITs that cross cost two packets more (RFC 9260 §5.2.1).
   */
  #isInitHeld(): boolean {
    const sctp = this.#sctp;
    const isInit = sctp?.state === 'cookie-wait' && sctp.counters.packetsReceived === 0;
    return isInit && this.#isInBatch && this.#secure?.role === 'client';
  }

  /** Without a path a handshake waits: what it says first is not lost, and its timer does not run. */
  #isDtlsHeld(): boolean {
    return this.#path === undefined && this.#dtls?.state === 'connecting';
  }

  /**
   * One timer for all machines. A deadline that has moved away leaves it as it is: it fires once for
   * nothing, which is cheaper than to set it again for each datagram.
   */
  #arm(now: number): void {
    const deadline = this.#nextTimeout();
    if (this.#timer !== undefined && this.#timerAt <= deadline) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#network.setTimer(() => this.#handleTimer(), Math.max(0, deadline - now));
  }

  #nextTimeout(): number {
    return Math.min(
      this.ice.nextTimeout,
      this.#isDtlsHeld()
        ? Number.POSITIVE_INFINITY
        : (this.#dtls?.nextTimeout ?? Number.POSITIVE_INFINITY),
      this.#sctp?.nextTimeout ?? Number.POSITIVE_INFINITY,
    );
  }

  #handleTimer(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (this.#isClosed) return;
    const now = this.#network.now();
    if (this.ice.nextTimeout <= now) this.ice.handleTimeout(now);
    const dtls = this.#dtls;
    if (dtls !== undefined && dtls.nextTimeout <= now && !this.#isDtlsHeld())
      dtls.handleTimeout(now);
    if (this.#sctp !== undefined && this.#sctp.nextTimeout <= now) this.#sctp.handleTimeout(now);
    this.#pumpInTurn(now);
  }
}
