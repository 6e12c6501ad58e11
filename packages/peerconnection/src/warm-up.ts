// Whole connections in memory, ahead of the first real one: a runtime that compiles as it goes is slow
// with code that it has not run yet.

import { createMemoryNetworks } from './io/memory-network.ts';
import { RTCPeerConnection } from './peer-connection.ts';
import { enforceRange, toDictionary } from './web-idl.ts';

/** What {@link warmUp} can be told. */
export interface WarmUpOptions {
  /**
   * How many connections warming up shall have made in this process when it is done, 0 to 1000; 12 by
   * default. Those that an earlier call made count.
   */
  readonly connections?: number;
  /** Ends it, after the connection that is under way. */
  readonly signal?: AbortSignal;
}

const DEFAULT_CONNECTIONS = 12;
const MAX_CONNECTIONS = 1000;
const BINARY_BYTES = 1000;

/** What counts is what this process has compiled, so both are the process's. */
let made = 0;
let underWay: Promise<boolean> | undefined;

/**
 * Makes the first connections of this process about as fast as later ones. It connects pairs of
 * `RTCPeerConnection`s in memory, one after the other, each with keys of its own, sends messages both ways,
 * and closes them: no socket is opened, nothing leaves the process, and only compiled code is left. Other
 * work of the process goes on meanwhile.
 *
 * ```ts
 * await warmUp();
 * server.listen(8080);
 * ```
 *
 * Calls at the same time share the work, and a later one has none left. Should a connection fail, because the
 * process was stopped for a minute, say, it ends early: later connections are only slower for it.
 *
 * @throws as rejections: TypeError for a malformed option; the signal's reason once it is aborted.
 */
export async function warmUp(options?: WarmUpOptions): Promise<void> {
  const { connections = DEFAULT_CONNECTIONS, signal } = toDictionary(options, 'The options');
  const wanted = enforceRange(connections, MAX_CONNECTIONS, 'connections');
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('signal is no AbortSignal.');
  }
  signal?.throwIfAborted();
  while (made < wanted) {
    underWay ??= connectOnce().finally(() => {
      underWay = undefined;
    });
    const isMade = await underWay;
    signal?.throwIfAborted();
    if (!isMade) return;
  }
}

/** One connection, from its constructors until both ends are closed; whether it did all it should. */
async function connectOnce(): Promise<boolean> {
  const [atAlice, atBob] = createMemoryNetworks();
  const alice = new RTCPeerConnection({}, { network: atAlice });
  const bob = new RTCPeerConnection({}, { network: atBob });
  try {
    await Promise.race([converse(alice, bob), failureOf(alice), failureOf(bob)]);
    made++;
    return true;
  } catch {
    return false;
  } finally {
    alice.close();
    bob.close();
  }
}

/** What a short connection is: descriptions, candidates one by one, a channel, messages, the end. */
async function converse(alice: RTCPeerConnection, bob: RTCPeerConnection): Promise<void> {
  trickle(alice, bob);
  trickle(bob, alice);
  const closed = new Promise<void>((resolve) => {
    bob.addEventListener('datachannel', ({ channel }) => {
      channel.addEventListener('message', ({ data }) => channel.send(data));
      channel.addEventListener('close', () => resolve());
    });
  });
  const channel = alice.createDataChannel('warm-up');
  const opened = fired(channel, 'open');
  const offer = await alice.createOffer();
  await alice.setLocalDescription(offer);
  await bob.setRemoteDescription(offer);
  const answer = await bob.createAnswer();
  await bob.setLocalDescription(answer);
  await alice.setRemoteDescription(answer);
  await opened;
  channel.send('hello');
  await fired(channel, 'message');
  channel.send(new Uint8Array(BINARY_BYTES));
  await fired(channel, 'message');
  alice.close();
  await closed;
}

/** Takes the candidates of one side to the other, which has the description that they belong to by then. */
function trickle(from: RTCPeerConnection, to: RTCPeerConnection): void {
  from.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate === null) return;
    // One that comes after the end is not needed any more.
    to.addIceCandidate(candidate.toJSON()).catch(() => undefined);
  });
}

function fired(target: EventTarget, type: string): Promise<unknown> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

/** Rejects should the connection fail. */
function failureOf(connection: RTCPeerConnection): Promise<never> {
  return new Promise((_, reject) => {
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState !== 'failed') return;
      reject(new Error('The connection failed.'));
    });
  });
}
