// What a description changes once it is accepted: slots first, then transports, then events.
// https://www.w3.org/TR/webrtc/#set-the-session-description

import type { IceCredentials } from '@kaon/ice';
import { RTCCertificate } from '../certificate.ts';
import type { Connection } from '../connection.ts';
import type { Channel } from '../data/channel.ts';
import { RTCError } from '../rtc-error.ts';
import { attributeValue, type SdpSession } from '../sdp/session.ts';
import type { PeerTransport } from '../transports/peer-transport.ts';
import { SCTP_PORT } from './create-description.ts';
import { credentialsOf, type DataSection, readDataSection } from './data-section.ts';
import type { Description } from './description.ts';
import { isProhibited } from './remote-candidate.ts';
import type { RTCSignalingState } from './signaling-state.ts';

/** Applies a description that has been checked. Runs in a task. */
export function applyDescription(
  connection: Connection,
  description: Description,
  remote: boolean,
  nextState: RTCSignalingState,
): void {
  const previousState = connection.signalingState;
  if (description.type === 'offer' && previousState === 'stable') {
    connection.lastStableStateSctpTransport = connection.sctpTransport;
  }
  if (description.type === 'offer' && remote) abandonOffer(connection, description);
  connection.signalingState = nextState;
  if (remote) connection.canTrickleIceCandidates = supportsTrickle(description.session);
  else connection.hasSetLocalDescription = true;
  setSlots(connection, description, remote);

  const errors = updateTransports(connection, description, remote);

  if (nextState === 'stable') {
    connection.negotiationNeeded.clear();
    connection.negotiationNeeded.update();
  }
  if (nextState !== previousState) connection.fire(new Event('signalingstatechange'));
  for (const channel of errors)
    channel.fail('data-channel-failure', 'No stream identifier is left.');
}

/** What an offer has made that is not answered yet is of no use to the next one, if that is another session's. */
function abandonOffer(connection: Connection, next: Description): void {
  const abandoned = connection.pendingRemoteDescription?.data;
  if (abandoned === undefined || next.isGeneration(abandoned.usernameFragment)) return;
  if (connection.lastStableStateSctpTransport !== null) return;
  connection.sctpTransport = null;
  connection.discardTransport();
}

/** Undoes the pending offer. Runs in a task. */
export function rollBack(connection: Connection): void {
  const isLocal = connection.pendingLocalDescription !== undefined;
  const { lastStableStateSctpTransport, transport } = connection;
  connection.sctpTransport = lastStableStateSctpTransport;
  connection.pendingLocalDescription = undefined;
  connection.pendingRemoteDescription = undefined;
  if (lastStableStateSctpTransport === null) {
    connection.discardTransport();
  } else if (isLocal && transport !== undefined) {
    const stable = connection.currentLocalDescription?.data?.usernameFragment;
    if (transport.localCredentials.usernameFragment !== stable) {
      transport.shell.command((ice, now) => ice.revertRestart(now));
      transport.restoreLocalIce();
      // Its candidates went on coming, while no generation of ours was the one they belong to.
      const { currentRemoteDescription } = connection;
      if (currentRemoteDescription?.data !== undefined) {
        applyRemoteIce(connection, transport, currentRemoteDescription);
      }
    }
  }
  connection.signalingState = 'stable';
  connection.negotiationNeeded.clear();
  connection.negotiationNeeded.update();
  connection.fire(new Event('signalingstatechange'));
}

function setSlots(connection: Connection, description: Description, remote: boolean): void {
  if (description.type !== 'answer') {
    if (remote) connection.pendingRemoteDescription = description;
    else connection.pendingLocalDescription = description;
    return;
  }
  if (remote) {
    connection.currentRemoteDescription = description;
    connection.currentLocalDescription = connection.pendingLocalDescription;
  } else {
    connection.currentLocalDescription = description;
    connection.currentRemoteDescription = connection.pendingRemoteDescription;
  }
  connection.pendingLocalDescription = undefined;
  connection.pendingRemoteDescription = undefined;
  connection.lastCreatedOffer = undefined;
  connection.lastCreatedAnswer = undefined;
  // The restart that was asked for has happened if none of the old credentials is left.
  const local = connection.currentLocalDescription?.data?.usernameFragment;
  if (local === undefined || !connection.iceCredentialsToReplace.has(local)) {
    connection.iceCredentialsToReplace.clear();
  }
}

/** @returns the channels that could not get an identifier. */
function updateTransports(
  connection: Connection,
  description: Description,
  remote: boolean,
): Channel[] {
  const { data, type } = description;
  if (data === undefined) {
    if (type === 'answer' && connection.sctpTransport !== null) closeData(connection);
    return [];
  }
  const isOurOffer = (type === 'offer') !== remote;
  const transport = connection.ensureTransport(
    isOurOffer || data.isIceLite ? 'controlling' : 'controlled',
  );
  if (type === 'offer') connection.sctpTransport ??= transport.sctp;
  if (transport.iceSlots.role === 'unknown') {
    const role = isOurOffer || data.isIceLite ? 'controlling' : 'controlled';
    transport.iceSlots.role = role;
    transport.shell.command((ice) => ice.setRole(role));
  }
  // ICE first: the peer waits for our checks before it waits for anything else.
  if (remote) applyRemoteIce(connection, transport, description);
  else applyLocalIce(connection, transport, description);
  if (type === 'offer') return [];
  transport.updateMaxMessageSize(connection.remoteDescription?.data?.maxMessageSize);
  return negotiateDtls(connection, transport);
}

/** Gathers, after a restart if the credentials are new (RFC 9429 §5.9). */
function applyLocalIce(
  connection: Connection,
  transport: PeerTransport,
  description: Description,
): void {
  const credentials = credentialsOf(description.data as DataSection) as IceCredentials;
  const isRestart = credentials.usernameFragment !== transport.localCredentials.usernameFragment;
  if (isRestart) {
    connection.needsIceRestart = false;
    transport.shell.command((ice, now) => ice.restart(now, credentials));
  }
  const isNew = transport.iceSlots.localParameters === null || isRestart;
  transport.iceSlots.localParameters = { ...credentials };
  if (isNew) {
    if (isRestart) transport.iceSlots.localCandidates.length = 0;
    transport.shell.gather(connection.configuration.iceTransportPolicy === 'all');
    transport.releaseEarlyCandidates();
  } else {
    addGathered(transport, description);
  }
  // The answer to an offer that restarted ICE: now the peer's new generation counts too.
  const { remoteDescription } = connection;
  if (description.type !== 'offer' && remoteDescription !== undefined) {
    applyRemoteIce(connection, transport, remoteDescription);
  }
}

/** What was gathered, and told of, since the description was created. */
function addGathered({ iceSlots, shell }: PeerTransport, to: Description): void {
  for (const candidate of shell.ice.localCandidates) to.addCandidate(candidate);
  if (iceSlots.gatheringState === 'complete') to.addEndOfCandidates();
}

/** Gives the peer's credentials and candidates to the agent, unless it has to restart first. */
function applyRemoteIce(
  connection: Connection,
  transport: PeerTransport,
  description: Description,
): void {
  const index = (description.data as DataSection).index;
  // Read again, because candidates have been added since.
  const data = readDataSection(description.session, index);
  const credentials = credentialsOf(data) as IceCredentials;
  const known = transport.shell.ice.remoteCredentials;
  if (known !== undefined && known.usernameFragment !== credentials.usernameFragment) return;
  const { remoteParameters, remoteCandidates } = transport.iceSlots;
  // Candidates of the generation before have gone with it.
  if (remoteParameters?.usernameFragment !== credentials.usernameFragment) {
    remoteCandidates.length = 0;
  }
  transport.iceSlots.remoteParameters = { ...credentials };
  const isComplete = data.hasEndOfCandidates || !supportsTrickle(description.session);
  transport.shell.command((ice, now) => {
    ice.setRemoteCredentials(credentials, now);
    for (const candidate of data.candidates) {
      if (!isProhibited(candidate, connection)) ice.addRemoteCandidate(candidate, now);
    }
    if (isComplete) ice.endOfRemoteCandidates(now);
  });
  transport.noteRemoteCandidates(data);
}

/** The answer has settled who is client and who is server, and whose certificates are right. */
function negotiateDtls(connection: Connection, transport: PeerTransport): Channel[] {
  const local = connection.localDescription?.data;
  const remote = connection.remoteDescription?.data;
  const { certificate } = connection;
  if (local === undefined || remote === undefined || certificate === undefined) return [];
  connection.dtlsRole ??= dtlsRole(local, remote);
  transport.shell.secure({
    role: connection.dtlsRole,
    certificate: RTCCertificate.unwrap(certificate),
    remoteFingerprints: remote.fingerprints,
    remoteSctpPort: remote.sctpPort ?? SCTP_PORT,
    localSctpPort: local.sctpPort ?? SCTP_PORT,
    remoteMaxMessageSize:
      remote.maxMessageSize === 0 ? Number.POSITIVE_INFINITY : (remote.maxMessageSize ?? 65536),
    localMaxMessageSize: connection.localMaxMessageSize,
    // What we have not said ourselves, the peer cannot rely on.
    remoteSctpInit: local.sctpInit === undefined ? undefined : remote.sctpInit,
  });
  return connection.channels.setRole(connection.dtlsRole);
}

/** Whoever answers chooses; an answer that says nothing is `active` (RFC 4145 §4.1). */
function dtlsRole(local: DataSection, remote: DataSection): 'client' | 'server' {
  if (local.setup === 'active') return 'client';
  if (local.setup === 'passive') return 'server';
  return remote.setup === 'passive' ? 'client' : 'server';
}

/** The answer rejects data: what ran over it has ended (RFC 8841 §10.3). */
function closeData(connection: Connection): void {
  connection.sctpTransport = null;
  connection.discardTransport();
  const error = new RTCError({ errorDetail: 'data-channel-failure' }, 'The peer rejects data.');
  connection.tasks.queue(() => connection.channels.disconnected(error));
}

/** Whether a description says that trickled candidates are understood (RFC 9429 §4.1.17). */
function supportsTrickle(session: SdpSession): boolean {
  const levels = [session.lines, ...session.media.map(({ lines }) => lines)];
  // libdatachannel puts a comma between options.
  return levels.some((lines) =>
    (attributeValue(lines, 'ice-options') ?? '').split(/[ ,]/).includes('trickle'),
  );
}
