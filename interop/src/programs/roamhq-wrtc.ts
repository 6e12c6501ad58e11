// @roamhq/wrtc (libwebrtc) as a peer program.
import wrtc from '@roamhq/wrtc';
import { installedVersion } from './installed-version.ts';
import { serve } from './stdio.ts';

serve({
  name: 'roamhq-wrtc',
  version: installedVersion('@roamhq/wrtc', import.meta.url),
  createConnection: () => new wrtc.RTCPeerConnection({ iceServers: [] }),
  unsetLimit: 0xffff,
  lacksBufferedAmountLow: true,
});
