// The public face of @kaon/stun/node: the client on Node's sockets.

export type { MappedAddress, MappedAddressOptions } from './client.ts';
export { requestMappedAddress } from './client.ts';
