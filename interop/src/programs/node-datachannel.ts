// node-datachannel (libdatachannel) as a peer program, through its W3C polyfill.
import { RTCPeerConnection } from 'node-datachannel/polyfill';
import { ONE_MEBIBYTE } from '../control/sizes.ts';
import { installedVersion } from './installed-version.ts';
import { serve } from './stdio.ts';

serve({
  name: 'node-datachannel',
  version: installedVersion('node-datachannel', import.meta.url),
  createConnection: () => {
    // The polyfill hands its configuration on to libdatachannel, which knows this option.
    const configuration = { iceServers: [], maxMessageSize: ONE_MEBIBYTE };
    return new RTCPeerConnection(configuration) as unknown as globalThis.RTCPeerConnection;
  },
  endsCandidatesByState: true,
});
