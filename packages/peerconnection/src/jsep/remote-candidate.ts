// addIceCandidate.
// https://www.w3.org/TR/webrtc/#dom-peerconnection-addicecandidate

import { type IceCandidate, parseCandidate } from '@kaon/ice';
import { parseIpAddress } from '@kaon/wire';
import type { Connection } from '../connection.ts';
import { exception } from '../errors.ts';
import type { ConvertedCandidate } from '../ice-candidate.ts';
import { attributeValue, inheritedValue } from '../sdp/session.ts';
import { inTask } from './create.ts';
import type { Description } from './description.ts';

/** The steps that `addIceCandidate` chains. */
export function addRemoteCandidate(
  connection: Connection,
  candidate: ConvertedCandidate,
): Promise<void> {
  const remote = connection.remoteDescription;
  if (remote === undefined) {
    return refuse('InvalidStateError', 'There is no remote description yet.');
  }
  const index = sectionIndex(remote, candidate);
  if (index === undefined) {
    return refuse('OperationError', 'No media section has the sdpMid or sdpMLineIndex.');
  }
  const descriptions = [
    connection.pendingRemoteDescription,
    connection.currentRemoteDescription,
  ].filter((each) => each !== undefined);
  const { usernameFragment } = candidate;
  if (usernameFragment !== null) {
    const isKnown = descriptions.some(
      ({ session }) =>
        session.media[index] !== undefined &&
        inheritedValue(session, session.media[index], 'ice-ufrag') === usernameFragment,
    );
    // With several media sections bundled, any of them may have been named.
    const isOfData = descriptions.some((each) => each.isGeneration(usernameFragment));
    if (!isKnown && !isOfData) {
      return refuse(
        'OperationError',
        `No description has the username fragment ${usernameFragment}.`,
      );
    }
  }
  const parsed = candidate.candidate === '' ? undefined : parseCandidate(candidate.candidate);
  return inTask(connection, () => {
    if (candidate.candidate !== '' && parsed === undefined) {
      throw exception('OperationError', `"${candidate.candidate}" is no candidate.`);
    }
    const generation =
      usernameFragment ?? parsed?.usernameFragment ?? sectionFragment(remote, candidate, index);
    for (const description of descriptions) {
      if (!description.isGeneration(generation)) continue;
      if (parsed === undefined) description.addEndOfCandidates();
      else description.addCandidate(parsed);
    }
    const { transport } = connection;
    // Where there is no data, it is for nobody.
    if (generation === undefined) return;
    // What is for a generation that is still to come is read from the description when it comes.
    if (transport?.shell.ice.remoteCredentials?.usernameFragment !== generation) return;
    transport?.shell.command((ice, now) => {
      if (parsed === undefined) ice.endOfRemoteCandidates(now);
      else if (!isProhibited(parsed, connection)) ice.addRemoteCandidate(parsed, now);
    });
    if (parsed !== undefined && remote.data !== undefined) {
      transport?.noteRemoteCandidates({ ...remote.data, candidates: [parsed] });
    }
  });
}

/**
 * Whether a candidate is "administratively prohibited": under policy relay, names are not looked up, which
 * would tell others who asks.
 *
 * Deviation: Fetch's "bad ports" are not; they are to protect others from pages, which a process is not.
 */
export function isProhibited({ address }: IceCandidate, { configuration }: Connection): boolean {
  return configuration.iceTransportPolicy === 'relay' && parseIpAddress(address) === undefined;
}

/**
 * The present generation of the section that a candidate names, which has a transport of its own if it is
 * not the data section's, or of data, if it names none.
 */
function sectionFragment(
  { session, data }: Description,
  { sdpMid, sdpMLineIndex }: ConvertedCandidate,
  index: number,
): string | undefined {
  const media = session.media[index];
  const isForAll = sdpMid === null && sdpMLineIndex === null;
  if (isForAll || media === undefined || index === data?.index) return data?.usernameFragment;
  return inheritedValue(session, media, 'ice-ufrag') ?? data?.usernameFragment;
}

/** The section that a candidate is for; 0 if it is the end of candidates for all. */
function sectionIndex(remote: Description, candidate: ConvertedCandidate): number | undefined {
  const { media } = remote.session;
  const { sdpMid, sdpMLineIndex } = candidate;
  if (sdpMid !== null) {
    const index = media.findIndex(({ lines }) => attributeValue(lines, 'mid') === sdpMid);
    // A section without a mid is known to us, and to those who heard of it from us, as ''.
    const isUnnamed = index === -1 && sdpMid === '' && remote.data?.mid === undefined;
    return isUnnamed ? remote.data?.index : index === -1 ? undefined : index;
  }
  if (sdpMLineIndex !== null) return sdpMLineIndex < media.length ? sdpMLineIndex : undefined;
  return 0;
}

function refuse(name: 'InvalidStateError' | 'OperationError', message: string): Promise<never> {
  return Promise.reject(exception(name, message));
}
