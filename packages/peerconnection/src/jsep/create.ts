// createOffer and createAnswer: the asynchronous algorithms around the writing of descriptions.
// https://www.w3.org/TR/webrtc/#dom-rtcpeerconnection-createoffer

import { generateIceCredentials, type IceCredentials } from '@kaon/ice';
import { RTCCertificate } from '../certificate.ts';
import type { Connection } from '../connection.ts';
import { exception } from '../errors.ts';
import { formatSession } from '../sdp/format.ts';
import type { SdpMedia, SdpSession } from '../sdp/session.ts';
import type { PeerTransport } from '../transports/peer-transport.ts';
import { toDictionary } from '../web-idl.ts';
import { createAnswer, createOffer, type LocalData } from './create-description.ts';
import { type DataSection, isRejected } from './data-section.ts';

export interface RTCOfferOptions {
  /** New ICE credentials, so that ICE starts anew when the offer is applied. */
  iceRestart?: boolean;
}

export type RTCAnswerOptions = object;

/** The dictionary `RTCOfferOptions`, converted. */
export function convertOfferOptions(
  options: RTCOfferOptions | undefined,
): Required<RTCOfferOptions> {
  return { iceRestart: Boolean(toDictionary(options, 'The options').iceRestart) };
}

/** What `createOffer` and `createAnswer` resolve with. */
export interface CreatedDescription {
  type: 'offer' | 'answer';
  sdp: string;
}

/** "Create an offer." Runs inside the operations chain. */
export async function createOfferFor(
  connection: Connection,
  { iceRestart }: Required<RTCOfferOptions>,
): Promise<CreatedDescription> {
  const { signalingState } = connection;
  if (signalingState !== 'stable' && signalingState !== 'have-local-offer') {
    throw exception('InvalidStateError', `No offer can be made in state ${signalingState}.`);
  }
  await inspectSystem(connection);
  return inTask(connection, () => {
    const sdp = formatSession(writeOffer(connection, iceRestart));
    connection.lastCreatedOffer = { sdp, state: systemState(connection) };
    return { type: 'offer', sdp };
  });
}

/** "Create an answer." Runs inside the operations chain. */
export async function createAnswerFor(connection: Connection): Promise<CreatedDescription> {
  const { signalingState } = connection;
  if (signalingState !== 'have-remote-offer' && signalingState !== 'have-local-pranswer') {
    throw exception('InvalidStateError', `No answer can be made in state ${signalingState}.`);
  }
  await inspectSystem(connection);
  return inTask(connection, () => {
    const sdp = formatSession(writeAnswer(connection));
    connection.lastCreatedAnswer = { sdp, state: systemState(connection) };
    return { type: 'answer', sdp };
  });
}

/** What was created last of a type, which `setLocalDescription` takes and nothing else. */
export interface LastCreated {
  readonly sdp: string;
  /** The {@link systemState} that it represents. */
  readonly state: readonly unknown[];
}

/** Whether a description that was created still "accurately represents the system's state". */
export function isAccurate({ state }: LastCreated, connection: Connection): boolean {
  return systemState(connection).every((part, i) => part === state[i]);
}

/** All that decides what a description says, but for candidates, which are added when it is applied. */
function systemState(connection: Connection): readonly unknown[] {
  const { localDescription, remoteDescription, transport, channels, needsIceRestart } = connection;
  const toReplace = [...connection.iceCredentialsToReplace].join(' ');
  const { hasCreatedAny } = channels;
  return [
    localDescription,
    remoteDescription,
    transport,
    hasCreatedAny,
    needsIceRestart,
    toReplace,
  ];
}

/** Resolves with the value of a queued task; never, if the connection is closed meanwhile. */
export function inTask<T>(connection: Connection, task: () => T): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    connection.tasks.queue(() => {
      if (connection.isClosed) return;
      try {
        resolve(task());
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** All that a description needs and that takes time is the certificate. */
async function inspectSystem(connection: Connection): Promise<void> {
  try {
    await connection.waitForCertificate();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw exception('OperationError', `No certificate could be made: ${reason}`);
  }
}

function writeOffer(connection: Connection, iceRestart: boolean): SdpSession {
  const { channels, currentLocalDescription } = connection;
  const wantsData = channels.hasCreatedAny || currentLocalDescription?.data !== undefined;
  return createOffer({
    origin: connection.origin.nextLine(),
    previous: latestSession(connection),
    data: wantsData
      ? localData(connection, 'actpass', offerCredentials(connection, iceRestart), true)
      : undefined,
  });
}

function writeAnswer(connection: Connection): SdpSession {
  const offer = connection.pendingRemoteDescription;
  if (offer === undefined) throw exception('InvalidStateError', 'There is no offer to answer.');
  const accepted = offer.data;
  return createAnswer({
    origin: connection.origin.nextLine(),
    offer: offer.session,
    accepted,
    data:
      accepted === undefined
        ? undefined
        : localData(
            connection,
            answerSetup(connection, accepted),
            answerCredentials(connection, accepted),
            accepted.sctpInit !== undefined,
          ),
  });
}

/** The sections of the session as they stand, rejected where either side has rejected them. */
function latestSession(connection: Connection): SdpSession | undefined {
  const local = connection.localDescription?.session;
  const remote = connection.currentRemoteDescription?.session;
  if (local === undefined || connection.signalingState !== 'stable') return local;
  const media = local.media.map((section, i): SdpMedia => {
    const counterpart = remote?.media[i];
    const isDead = counterpart !== undefined && isRejected(counterpart);
    return isDead ? { ...section, port: 0 } : section;
  });
  return { lines: local.lines, media };
}

/** The present credentials, or new ones to restart ICE (RFC 9429 §5.2.3.1). */
function offerCredentials(connection: Connection, iceRestart: boolean): IceCredentials {
  const transport = connection.ensureTransport('controlling');
  const present = transport.localCredentials;
  const isApplied = connection.localDescription?.data !== undefined;
  const mustReplace =
    connection.needsIceRestart || connection.iceCredentialsToReplace.has(present.usernameFragment);
  if (!isApplied || !(iceRestart || mustReplace)) return present;
  return generateIceCredentials(connection.network.random);
}

/** The present credentials, or new ones if the offer restarts ICE (RFC 9429 §5.3.2). */
function answerCredentials(connection: Connection, offered: DataSection): IceCredentials {
  const transport = connection.ensureTransport(offered.isIceLite ? 'controlling' : 'controlled');
  const present = transport.localCredentials;
  const { currentLocalDescription, currentRemoteDescription } = connection;
  const isOld = currentLocalDescription?.isGeneration(present.usernameFragment) ?? false;
  const isRestart =
    currentRemoteDescription?.data !== undefined &&
    !currentRemoteDescription.isGeneration(offered.usernameFragment);
  return isOld && isRestart ? generateIceCredentials(connection.network.random) : present;
}

/** RFC 9429 §5.3.1: `active` where the offer leaves the choice; later the role stays (RFC 8842 §5.5). */
function answerSetup(connection: Connection, offered: DataSection): 'active' | 'passive' {
  if (connection.dtlsRole !== undefined) {
    return connection.dtlsRole === 'client' ? 'active' : 'passive';
  }
  return offered.setup === 'active' ? 'passive' : 'active';
}

function localData(
  connection: Connection,
  setup: LocalData['setup'],
  credentials: IceCredentials,
  maySendInit: boolean,
): LocalData {
  const { certificate, localMaxMessageSize, transport } = connection;
  if (certificate === undefined) throw exception('OperationError', 'There is no certificate.');
  const { fingerprint } = RTCCertificate.unwrap(certificate);
  const isPresent = isPresentGeneration(transport, credentials);
  return {
    credentials,
    // Deviation: RFC 9429 §5.2.1 has a fingerprint of each certificate; only the first is ever shown.
    fingerprints: [{ algorithm: 'sha-256', value: fingerprint('sha-256') }],
    setup,
    maxMessageSize: localMaxMessageSize,
    sctpInit: maySendInit ? transport?.shell.signaledInit : undefined,
    candidates: isPresent ? (transport?.shell.ice.localCandidates ?? []) : [],
    isGatheringComplete: isPresent && transport?.shell.ice.gatheringState === 'complete',
  };
}

function isPresentGeneration(
  transport: PeerTransport | undefined,
  credentials: IceCredentials,
): boolean {
  return transport?.localCredentials.usernameFragment === credentials.usernameFragment;
}
