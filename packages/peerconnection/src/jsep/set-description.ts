// setLocalDescription and setRemoteDescription.
// https://www.w3.org/TR/webrtc/#set-the-session-description

import type { Connection } from '../connection.ts';
import { exception } from '../errors.ts';
import { RTCError } from '../rtc-error.ts';
import { parseSession } from '../sdp/parse.ts';
import { hasAttribute, type SdpSession } from '../sdp/session.ts';
import type { RTCSdpType } from '../session-description.ts';
import { applyDescription, rollBack } from './apply-description.ts';
import {
  type CreatedDescription,
  createAnswerFor,
  createOfferFor,
  inTask,
  isAccurate,
} from './create.ts';
import { type DataSection, findDataSection } from './data-section.ts';
import { Description } from './description.ts';
import { checkRemoteDescription } from './semantics.ts';
import { nextSignalingState } from './signaling-state.ts';

/** The steps that `setLocalDescription` chains. */
export async function setLocalDescription(
  connection: Connection,
  init: { readonly type: RTCSdpType | undefined; readonly sdp: string },
): Promise<void> {
  const { signalingState } = connection;
  const type = init.type ?? implicitType(signalingState);
  if (type === 'rollback') return setRollback(connection);
  const lastCreated = type === 'offer' ? connection.lastCreatedOffer : connection.lastCreatedAnswer;
  if (init.sdp !== '' && init.sdp !== lastCreated?.sdp) {
    throw exception(
      'InvalidModificationError',
      `The SDP is not what create${type === 'offer' ? 'Offer' : 'Answer'} made last.`,
    );
  }
  let sdp = init.sdp;
  if (sdp === '') {
    sdp =
      lastCreated !== undefined && isAccurate(lastCreated, connection)
        ? lastCreated.sdp
        : (await createFor(connection, type)).sdp;
  }
  const nextState = nextSignalingState(connection.signalingState, type, false);
  return inTask(connection, () => {
    if (nextState === undefined) throw wrongState(connection, type);
    const session = parseOrThrow(sdp);
    const description = new Description(type, session, liveDataSection(session), false);
    applyDescription(connection, description, false, nextState);
  });
}

function createFor(
  connection: Connection,
  type: 'offer' | 'pranswer' | 'answer',
): Promise<CreatedDescription> {
  return type === 'offer'
    ? createOfferFor(connection, { iceRestart: false })
    : createAnswerFor(connection);
}

/** The steps that `setRemoteDescription` chains. */
export async function setRemoteDescription(
  connection: Connection,
  init: { readonly type: RTCSdpType; readonly sdp: string },
): Promise<void> {
  const { type, sdp } = init;
  if (type === 'rollback') return setRollback(connection);
  if (type === 'offer' && nextSignalingState(connection.signalingState, type, true) === undefined) {
    await setRollback(connection);
  }
  return inTask(connection, () => {
    const nextState = nextSignalingState(connection.signalingState, type, true);
    if (nextState === undefined) throw wrongState(connection, type);
    const description = readRemote(connection, type, parseOrThrow(sdp));
    applyDescription(connection, description, true, nextState);
  });
}

function implicitType(state: Connection['signalingState']): 'offer' | 'answer' {
  const offers =
    state === 'stable' || state === 'have-local-offer' || state === 'have-remote-pranswer';
  return offers ? 'offer' : 'answer';
}

function setRollback(connection: Connection): Promise<void> {
  if (nextSignalingState(connection.signalingState, 'rollback', false) === undefined) {
    return Promise.reject(wrongState(connection, 'rollback'));
  }
  return inTask(connection, () => rollBack(connection));
}

function wrongState(connection: Connection, type: RTCSdpType): DOMException {
  const message = `A description of type ${type} cannot be applied in state ${connection.signalingState}.`;
  return exception('InvalidStateError', message);
}

function parseOrThrow(sdp: string): SdpSession {
  const { session, fault } = parseSession(sdp);
  if (session !== undefined) return session;
  throw new RTCError(
    { errorDetail: 'sdp-syntax-error', sdpLineNumber: fault.line },
    `Line ${fault.line} of the SDP: expected ${fault.reason}.`,
  );
}

function liveDataSection(session: SdpSession): DataSection | undefined {
  const data = findDataSection(session);
  return data === undefined || data.isRejected ? undefined : data;
}

/** Checks a remote description against the exchange so far. */
function readRemote(
  connection: Connection,
  type: 'offer' | 'pranswer' | 'answer',
  session: SdpSession,
): Description {
  const { currentLocalDescription, currentRemoteDescription, pendingLocalDescription } = connection;
  const isOffer = type === 'offer';
  // Deviation: RFC 9429 §5.11 would begin anew with an answer that is another peer's than the provisional
  // one; here, what that one says holds, because the handshake has relied on it.
  const provisional = isOffer ? undefined : connection.pendingRemoteDescription?.data;
  const previousRemote = provisional ?? currentRemoteDescription?.data;
  const isRestartOffered =
    !isOffer &&
    provisional === undefined &&
    currentLocalDescription?.data !== undefined &&
    !currentLocalDescription.isGeneration(pendingLocalDescription?.data?.usernameFragment);
  const checked = checkRemoteDescription(session, {
    type,
    counterpart: (isOffer ? currentLocalDescription : pendingLocalDescription)?.session,
    previousRemote,
    isRestartOffered,
  });
  if (typeof checked === 'string') throw exception('InvalidAccessError', checked);
  checkMultiplexing(session, connection);
  if (checked.data !== undefined) checkDtlsRole(connection, checked.data, isOffer);
  return new Description(type, session, checked.data, true);
}

/** RFC 9429 §5.8.3: media sections must multiplex RTP and RTCP; those of ours are all rejected. */
function checkMultiplexing(session: SdpSession, connection: Connection): void {
  if (connection.configuration.rtcpMuxPolicy !== 'require') return;
  const offender = session.media.findIndex(
    (media) =>
      media.port !== 0 &&
      (media.media === 'audio' || media.media === 'video') &&
      !hasAttribute(media.lines, 'rtcp-mux'),
  );
  if (offender !== -1) {
    throw exception('InvalidAccessError', `Section ${offender} does not use RTCP multiplexing.`);
  }
}

/** RFC 8842 §5.5: the roles of a connection that goes on stay as they are. */
function checkDtlsRole(connection: Connection, data: DataSection, isOffer: boolean): void {
  const { dtlsRole } = connection;
  if (dtlsRole === undefined || data.setup === undefined) return;
  if (isOffer && data.setup === 'actpass') return;
  const remoteRole = data.setup === 'active' ? 'client' : 'server';
  if (remoteRole === dtlsRole) {
    throw exception('InvalidAccessError', `a=setup:${data.setup} would change the DTLS roles.`);
  }
}
