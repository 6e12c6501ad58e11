// A stand-in for media. Many tests use a transceiver or a track only to have something to negotiate;
// here a data channel takes that place. Its tracks carry nothing, its transceivers have a transport
// and a mid, and neither direction nor parameters. Tests of media as such fail with it, as they should.
import { RTCPeerConnection } from '@kaon/peerconnection';

type Connection = InstanceType<typeof RTCPeerConnection>;

interface Track {
  readonly kind: string;
  stop(): void;
}

const CHANNEL_LABEL = 'stand-in for media';
const transceivers = new WeakMap<Connection, Transceiver[]>();

/** A sender or a receiver. */
class End {
  readonly track: Track | null;
  readonly #connection: Connection;

  constructor(connection: Connection, track: Track | null) {
    this.#connection = connection;
    this.track = track;
  }

  get transport(): object | null {
    return this.#connection.sctp?.transport ?? null;
  }
}

class Transceiver {
  readonly sender: End;
  readonly receiver: End;
  readonly #connection: Connection;

  constructor(connection: Connection, kind: string) {
    this.#connection = connection;
    this.sender = new End(connection, null);
    this.receiver = new End(connection, track(kind));
  }

  get mid(): string | null {
    const sdp = this.#connection.localDescription?.sdp ?? '';
    return /^a=mid:(.*)\r$/m.exec(sdp)?.[1] ?? null;
  }

  stop(): void {
    // The data channel stays.
  }
}

class StandInStream {
  readonly #tracks: readonly Track[];

  constructor(tracks: readonly Track[] = [track('audio'), track('video')]) {
    this.#tracks = tracks;
  }

  getTracks(): readonly Track[] {
    return this.#tracks;
  }

  getAudioTracks(): readonly Track[] {
    return this.#tracks.filter(({ kind }) => kind === 'audio');
  }

  getVideoTracks(): readonly Track[] {
    return this.#tracks.filter(({ kind }) => kind === 'video');
  }
}

/** What RTCPeerConnection-helper.js makes noise with. */
class StandInAudioContext {
  readonly state = 'running';

  createOscillator(): object {
    return { connect: (node: object) => node, start: nothing, stop: nothing };
  }

  createMediaStreamDestination(): object {
    return { stream: new StandInStream([track('audio')]) };
  }

  resume(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Adds the methods of media to RTCPeerConnection, and the globals that make tracks. */
export function standInForMedia(): void {
  const { prototype } = RTCPeerConnection;
  Object.assign(prototype, {
    addTransceiver(this: Connection, trackOrKind: string | Track): Transceiver {
      const kind = typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind;
      return addTransceiver(this, kind);
    },
    addTrack(this: Connection, added: Track): End {
      return addTransceiver(this, added.kind).sender;
    },
    removeTrack(): void {
      // The data channel stays.
    },
    getTransceivers: transceiversOf,
    getSenders(this: Connection): End[] {
      return transceiversOf.call(this).map(({ sender }) => sender);
    },
    getReceivers(this: Connection): End[] {
      return transceiversOf.call(this).map(({ receiver }) => receiver);
    },
  });
  Object.assign(navigator, {
    mediaDevices: { getUserMedia: () => Promise.resolve(new StandInStream()) },
  });
  Object.assign(globalThis, { MediaStream: StandInStream, AudioContext: StandInAudioContext });
}

/** Replaces what RTCPeerConnection-helper.js has for making tracks and offers of media. */
export function replaceHelpers(): void {
  const offer = (connection: Connection) => {
    addTransceiver(connection, 'audio');
    return connection.createOffer();
  };
  Object.assign(globalThis, {
    getNoiseStream: () => Promise.resolve(new StandInStream()),
    getTrackFromUserMedia: (kind: string) => Promise.resolve([track(kind), new StandInStream()]),
    generateAudioReceiveOnlyOffer: offer,
    generateVideoReceiveOnlyOffer: offer,
  });
}

function addTransceiver(connection: Connection, kind: string): Transceiver {
  const known = transceivers.get(connection) ?? [];
  transceivers.set(connection, known);
  if (known.length === 0) connection.createDataChannel(CHANNEL_LABEL);
  const added = new Transceiver(connection, kind);
  known.push(added);
  return added;
}

/** The transceivers added, or the one that the peer's data section stands for. */
function transceiversOf(this: Connection): readonly Transceiver[] {
  const known = transceivers.get(this) ?? [];
  if (known.length === 0 && this.sctp !== null) known.push(new Transceiver(this, 'audio'));
  transceivers.set(this, known);
  return known;
}

function track(kind: string): Track {
  return { kind, stop: nothing };
}

function nothing(): void {
  // Nothing has started.
}
