// Chromium as a peer: the script of the page that `chromium-peer.ts` opens.
import type { PeerEvent } from '../control/protocol.ts';
import { W3cPeer } from './w3c-peer.ts';

declare global {
  /** Set by the harness: takes an event as JSON. */
  function reportEvent(event: string): Promise<void>;
  /** Called by the harness: a command with its arguments. */
  var handleCommand: (command: string, args: unknown) => Promise<unknown>;
}

const peer = new W3cPeer(
  {
    name: 'chromium',
    version: location.hash.slice(1),
    runtime: 'headless',
    createConnection: () => new RTCPeerConnection({ iceServers: [] }),
  },
  (event: PeerEvent) => void reportEvent(JSON.stringify(event)),
);

globalThis.handleCommand = (command, args) => peer.handle(command, args);
