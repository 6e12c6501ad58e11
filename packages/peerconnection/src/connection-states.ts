// The aggregated states of a connection, from the states of its transports.
// https://www.w3.org/TR/webrtc/#state-definitions

import type { RTCDtlsTransportState } from './transports/dtls-transport.ts';
import type { RTCIceGathererState, RTCIceTransportState } from './transports/ice-transport.ts';

export type RTCIceGatheringState = 'new' | 'gathering' | 'complete';
export type RTCIceConnectionState = RTCIceTransportState;
export type RTCPeerConnectionState =
  | 'closed'
  | 'failed'
  | 'disconnected'
  | 'new'
  | 'connecting'
  | 'connected';

/** The states of the transports in use; there is at most one, because everything is bundled. */
export interface TransportStates {
  readonly gathering: RTCIceGathererState;
  readonly ice: RTCIceTransportState;
  readonly dtls: RTCDtlsTransportState;
}

/** webrtc-pc §4.3.2. */
export function deriveIceGatheringState(
  transport: TransportStates | undefined,
): RTCIceGatheringState {
  return transport?.gathering ?? 'new';
}

/** webrtc-pc §4.3.4. */
export function deriveIceConnectionState(
  isClosed: boolean,
  transport: TransportStates | undefined,
): RTCIceConnectionState {
  if (isClosed) return 'closed';
  if (transport === undefined || transport.ice === 'closed') return 'new';
  return transport.ice;
}

/** webrtc-pc §4.3.3. */
export function deriveConnectionState(
  isClosed: boolean,
  transport: TransportStates | undefined,
): RTCPeerConnectionState {
  const ice = deriveIceConnectionState(isClosed, transport);
  if (ice === 'closed') return 'closed';
  const dtls = transport?.dtls;
  if (ice === 'failed' || dtls === 'failed') return 'failed';
  if (ice === 'disconnected') return 'disconnected';
  if (dtls === undefined) return 'new';
  if (ice === 'new' && (dtls === 'new' || dtls === 'closed')) return 'new';
  // The enumeration says "connected" only; "completed" is a kind of it, and browsers agree.
  const isConnected = ice === 'connected' || ice === 'completed';
  return isConnected && (dtls === 'connected' || dtls === 'closed') ? 'connected' : 'connecting';
}
