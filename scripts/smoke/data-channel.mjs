// Two peer connections in one process open a data channel over loopback, say hello both ways and
// close; then the process must end by itself.
import assert from 'node:assert/strict';
import { RTCPeerConnection } from '@kaon/peerconnection';

const offerer = new RTCPeerConnection();
const answerer = new RTCPeerConnection();
offerer.onicecandidate = ({ candidate }) => answerer.addIceCandidate(candidate);
answerer.onicecandidate = ({ candidate }) => offerer.addIceCandidate(candidate);
answerer.ondatachannel = ({ channel }) => {
  channel.onmessage = ({ data }) => channel.send(`${data}, too`);
};

const channel = offerer.createDataChannel('smoke');
const reply = new Promise((resolve, reject) => {
  channel.onopen = () => channel.send('hello');
  channel.onmessage = ({ data }) => resolve(data);
  channel.onerror = ({ error }) => reject(error);
});

await offerer.setLocalDescription();
await answerer.setRemoteDescription(offerer.localDescription);
await answerer.setLocalDescription();
await offerer.setRemoteDescription(answerer.localDescription);

assert.equal(await reply, 'hello, too');
offerer.close();
answerer.close();
