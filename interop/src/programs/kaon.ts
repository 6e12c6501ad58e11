// Kaon as a peer program.
import { RTCPeerConnection } from '@kaon/peerconnection';
import { installedVersion } from './installed-version.ts';
import { serve } from './stdio.ts';

serve({
  name: 'kaon',
  version: installedVersion('@kaon/peerconnection', import.meta.url),
  createConnection: (sctp = {}) => {
    const connection = new RTCPeerConnection({ iceServers: [] }, { sctp });
    return connection as unknown as globalThis.RTCPeerConnection;
  },
});
