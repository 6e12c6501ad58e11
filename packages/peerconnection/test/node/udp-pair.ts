// Two peer connections in one process on the loopback interface, without simulation.

import { type RTCDataChannel, RTCPeerConnection } from '../../src/index.ts';

/** Connects them; the answerer echoes all messages. */
export async function connectOverUdp(): Promise<{
  readonly alice: RTCPeerConnection;
  readonly bob: RTCPeerConnection;
  readonly channel: RTCDataChannel;
}> {
  const options = {
    includeLoopback: true,
    interfaceFilter: ({ address }: { readonly address: string }) => address === '127.0.0.1',
  };
  const [alice, bob] = [new RTCPeerConnection({}, options), new RTCPeerConnection({}, options)];
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    from.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate !== null) void to.addIceCandidate(candidate);
    });
  }
  bob.ondatachannel = ({ channel }) => {
    channel.onmessage = ({ data }) => channel.send(data);
  };
  const channel = alice.createDataChannel('echo');
  const open = new Promise((resolve) => {
    channel.onopen = resolve;
  });
  await alice.setLocalDescription();
  await bob.setRemoteDescription(alice.localDescription ?? { type: 'offer' });
  await bob.setLocalDescription();
  await alice.setRemoteDescription(bob.localDescription ?? { type: 'answer' });
  await open;
  return { alice, bob, channel };
}
