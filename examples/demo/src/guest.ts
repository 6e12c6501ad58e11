// The second process: joins the room, connects to the host, sends one file and tells its parent how it went.

import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RTCPeerConnection } from '@kaon/peerconnection';
import { FILE_LABEL, type FileReceipt, sendFile } from './file-channel.ts';
import { HOST_ID, Signalling } from './signalling.ts';
import { type ConnectionSummary, summarise } from './summary.ts';

/** What the child process tells its parent. */
export type GuestReport =
  | { readonly type: 'connected'; readonly setupMs: number }
  | { readonly type: 'sent'; readonly receipt: FileReceipt; readonly summary: ConnectionSummary }
  | { readonly type: 'failed'; readonly reason: string };

const report = (message: GuestReport): void => void process.send?.(message);

async function main(url: string, path: string): Promise<void> {
  const signalling = await Signalling.join(url, 'node');
  const startedAt = performance.now();
  const connection = new RTCPeerConnection();
  connection.onicecandidate = ({ candidate }) => {
    signalling.send(HOST_ID, { candidate: candidate === null ? null : candidate.toJSON() });
  };
  signalling.onmessage = async (message) => {
    if (message.type !== 'signal') return;
    const { signal } = message;
    if ('description' in signal) await connection.setRemoteDescription(signal.description);
    else await connection.addIceCandidate(signal.candidate);
  };
  const channel = connection.createDataChannel(FILE_LABEL);
  const opened = new Promise<void>((resolve, reject) => {
    channel.onopen = () => resolve();
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'failed') reject(new Error('The connection failed.'));
    };
  });
  await connection.setLocalDescription();
  const description = connection.localDescription;
  if (description === null) throw new Error('There is no local description.');
  signalling.send(HOST_ID, { description: description.toJSON() });
  await opened;
  report({ type: 'connected', setupMs: performance.now() - startedAt });
  const header = { name: basename(path), size: statSync(path).size };
  const chunks = createReadStream(path, { highWaterMark: 256 * 1024 });
  const receipt = await sendFile(channel, header, chunks);
  report({ type: 'sent', receipt, summary: await summarise(connection) });
  connection.close();
  signalling.close();
  process.disconnect?.();
}

const [url, path] = process.argv.slice(2);
if (url === undefined || path === undefined) throw new Error('Usage: guest.ts <ws-url> <file>');
main(url, path).catch((error: unknown) => {
  report({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect?.();
});
