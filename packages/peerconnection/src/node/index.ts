// What is for Node.js alone: data channels as its streams.

export type { ChannelDuplexOptions } from './channel-duplex.ts';
export { channelToDuplex } from './channel-duplex.ts';
