// The public face of the peers, for the interop run, the benchmarks and the demo's tests.
export type * from '../control/protocol.ts';
export { PairedSession } from '../session/paired-session.ts';
export { type PeerLimits, peerLimits } from './limits.ts';
export { type Peer, PeerError } from './peer.ts';
export { buildPionProgram } from './pion-build.ts';
export {
  isPeerName,
  PEER_NAMES,
  type PeerKind,
  type PeerName,
  peerKind,
  type StartOptions,
} from './registry.ts';
