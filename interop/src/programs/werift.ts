// werift as a peer program.
import { RTCDtlsTransport, RTCPeerConnection } from 'werift';
import { ONE_MEBIBYTE } from '../control/sizes.ts';
import { installedVersion } from './installed-version.ts';
import { serve } from './stdio.ts';

serve({
  name: 'werift',
  version: installedVersion('werift', import.meta.url),
  createConnection: () => {
    // It keeps one certificate for the whole process; every other stack makes one a connection.
    const none = { localCertificate: undefined, localCertificatePromise: undefined };
    Object.assign(RTCDtlsTransport, none);
    const connection = new RTCPeerConnection({ iceServers: [], maxMessageSize: ONE_MEBIBYTE });
    return connection as unknown as globalThis.RTCPeerConnection;
  },
  beforeLocalDescription: (connection) => {
    // Without a STUN server of its own werift asks a public one.
    for (const transport of (connection as unknown as RTCPeerConnection).iceTransports) {
      (transport.connection as { stunServer?: unknown }).stunServer = undefined;
    }
  },
  // It sends strings and Buffers only.
  sendable: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});
