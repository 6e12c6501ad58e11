// What passes between an agent and its surroundings: datagrams, states, events.

import type { TransportAddress } from '@kaon/wire';
import type { LocalIceCandidate } from './candidate.ts';
import type { IceCandidatePair } from './candidate-pair.ts';
import type { IceGatheringState } from './gathering.ts';
import type { IceRole } from './role.ts';

/** Bytes with the path they take; `local` is the bound socket. */
export interface IceDatagram {
  readonly data: Uint8Array;
  readonly local: TransportAddress;
  readonly remote: TransportAddress;
}

/** As RTCIceTransportState. */
export type IceState =
  | 'new'
  | 'checking'
  | 'connected'
  | 'completed'
  | 'disconnected'
  | 'failed'
  | 'closed';

/** What an agent tells the layer above. */
export type IceEvent =
  /** A local candidate to be signalled. */
  | { readonly type: 'candidate'; readonly candidate: LocalIceCandidate }
  /** No base has an answer from this server; told once, before gathering is complete. */
  | { readonly type: 'server-unreachable'; readonly url: string }
  | { readonly type: 'gathering-state'; readonly state: IceGatheringState }
  | { readonly type: 'state'; readonly state: IceState }
  /** Data is to be sent this way from now on; undefined if there is no way any more. */
  | { readonly type: 'selected-pair'; readonly pair: IceCandidatePair | undefined }
  | { readonly type: 'role-changed'; readonly role: IceRole }
  /** Resolve this name and call `handleLookup`, with no addresses if there are none. */
  | { readonly type: 'lookup'; readonly hostname: string };
