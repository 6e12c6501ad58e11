// Kaon as a peer program.
import { RTCPeerConnection, warmUp } from '@kaon/peerconnection';
import { installedVersion } from './installed-version.ts';
import { serve } from './stdio.ts';

serve({
  name: 'kaon',
  version: installedVersion('@kaon/peerconnection', import.meta.url),
  warmUp: () => warmUp(),
  createConnection: ({ initInDescription = false, ...sctp } = {}) => {
    const options = { sctp, sctpInitInDescription: initInDescription };
    const connection = new RTCPeerConnection({ iceServers: [] }, options);
    return connection as unknown as globalThis.RTCPeerConnection;
  },
});
