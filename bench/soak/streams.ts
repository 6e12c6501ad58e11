// A large file through the streams of a channel, to a reader that pauses: memory stays within a bound.
import { createHash } from 'node:crypto';
import { RTCPeerConnection } from '@kaon/peerconnection';
import { connect } from './watch.ts';

const MIB = 1024 * 1024;
const MESSAGE_BYTES = 65_536;
/** Beyond what the process held before: windows, socket buffers, and what the collector has yet to find. */
const MAX_GROWTH_BYTES = 160 * MIB;
const PAUSE_EVERY_BYTES = 64 * MIB;
const PAUSE_MS = 250;

/** Sends `mebibytes`; whether they arrived whole, within the bound. */
export async function soakStreams(mebibytes: number): Promise<boolean> {
  const [alice, bob] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const received = new Promise<string>((resolve) => {
    bob.ondatachannel = ({ channel }) => {
      if (channel.label === 'file') resolve(digestSlowly(channel.readable));
    };
  });
  await connect(alice, bob);
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  const start = performance.now();
  const writer = alice.createDataChannel('file').writable.getWriter();
  const hash = createHash('sha256');
  for (let sent = 0; sent < mebibytes * MIB; sent += MESSAGE_BYTES) {
    const message = new Uint8Array(MESSAGE_BYTES).fill(sent / MESSAGE_BYTES);
    hash.update(message);
    await writer.write(message);
  }
  await writer.close();
  const isSame = (await received) === hash.digest('hex');
  const seconds = (performance.now() - start) / 1000;
  clearInterval(watch);
  alice.close();
  bob.close();
  const growth = most - before;
  console.log(`\n${mebibytes} MiB through channel.writable and channel.readable`);
  console.table({
    seconds: seconds.toFixed(1),
    'MB/s, pauses included': ((mebibytes * MIB) / 1e6 / seconds).toFixed(1),
    'SHA-256': isSame ? 'the same' : 'DIFFERENT',
    'memory before, MiB': (before / MIB).toFixed(0),
    'memory growth at most, MiB': (growth / MIB).toFixed(0),
    'bound, MiB': (MAX_GROWTH_BYTES / MIB).toFixed(0),
  });
  if (growth > MAX_GROWTH_BYTES) console.log('FAILED: memory grew beyond the bound');
  return isSame && growth <= MAX_GROWTH_BYTES;
}

async function digestSlowly(
  readable: ReadableStream<string | Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  let pauseAt = PAUSE_EVERY_BYTES;
  for await (const message of readable) {
    hash.update(message);
    bytes += message.length;
    if (bytes < pauseAt) continue;
    pauseAt += PAUSE_EVERY_BYTES;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return hash.digest('hex');
}
