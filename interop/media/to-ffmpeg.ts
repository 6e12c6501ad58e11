// Kaon sends, ffmpeg receives: what it decodes is what the file that was sent decodes to.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { MediaFormat } from './formats.ts';
import { frameDigests, sampleDigest } from './programs.ts';
import type { Protection } from './protection.ts';
import { byePacket } from './rtp-header.ts';
import { packetsOf } from './stream.ts';

const HOST = '127.0.0.1';

/** Sends the frames of `file`, whose SDP goes to `sdpFile`, and compares what is decoded. */
export async function sendToFfmpeg(
  format: MediaFormat,
  file: string,
  sdpFile: string,
  protection?: Protection,
): Promise<string> {
  const frames = format.split(await readFile(file));
  const { packets, perFrame } = packetsOf(format, frames);
  const port = await freePort();
  await writeFile(sdpFile, sdp(format, port, protection));
  const digests = judge(format);
  const demuxer = format.kind === 'audio' && format.container !== 'ogg' ? raw(format) : [];
  const expected = await digests(...demuxer, '-i', file);
  const receiving = digests('-protocol_whitelist', 'file,udp,rtp', '-i', sdpFile);
  const failed = receiving.then(
    () => undefined,
    (error: unknown) => error,
  );
  const socket = createSocket('udp4');
  try {
    await Promise.race([isBound(port), failed]);
    await sendPaced(socket, packets, perFrame, port, protection);
    const actual = await receiving;
    if (actual.join() !== expected.join()) {
      const first = actual.findIndex((digest, i) => digest !== expected[i]);
      throw new Error(
        `${actual.length} frames decoded, ${expected.length} expected; the first that differs is ${first}`,
      );
    }
    return `${packets.length} packets, ${expected.length} digests`;
  } finally {
    socket.close();
  }
}

async function sendPaced(
  socket: Socket,
  packets: readonly Uint8Array[],
  perFrame: readonly number[],
  port: number,
  protection: Protection | undefined,
): Promise<void> {
  const protect = protection?.protect ?? ((packet: Uint8Array) => packet);
  let next = 0;
  for (const count of perFrame) {
    for (const packet of packets.slice(next, next + count)) {
      socket.send(protect(packet), port, HOST);
    }
    next += count;
    // A socket of ffmpeg holds some ninety packets.
    await delay(4);
  }
  // The BYE comes by another socket and must not overtake.
  await delay(300);
  socket.send(protect(byePacket()), port + 1, HOST);
  await delay(100);
  socket.send(protect(byePacket()), port + 1, HOST);
}

/** What to compare: pictures, samples, or packets where a file tells to cut samples off its start. */
function judge(format: MediaFormat): (...input: string[]) => Promise<string[]> {
  if (format.kind === 'video') return (...input) => frameDigests(...input);
  if (format.container === 'ogg') return (...input) => frameDigests(...input, '-c', 'copy');
  return oneSampleDigest;
}

async function oneSampleDigest(...input: string[]): Promise<string[]> {
  return [await sampleDigest(...input)];
}

/** Raw audio does not say what it is. */
function raw({ container, rtpmap }: MediaFormat): string[] {
  return container === 'g722' ? ['-f', 'g722'] : ['-f', container, '-ar', rtpmap.split('/')[1]!];
}

function sdp(format: MediaFormat, port: number, protection: Protection | undefined): string {
  const fmtp = format.fmtp === undefined ? [] : [`a=fmtp:${format.payloadType} ${format.fmtp}`];
  return [
    'v=0',
    `o=- 0 0 IN IP4 ${HOST}`,
    's=-',
    `c=IN IP4 ${HOST}`,
    't=0 0',
    `m=${format.kind} ${port} RTP/${protection === undefined ? 'AVP' : 'SAVP'} ${format.payloadType}`,
    ...cryptoLines(protection),
    `a=rtpmap:${format.payloadType} ${format.rtpmap}`,
    ...fmtp,
    '',
  ].join('\r\n');
}

/** RFC 4568 §9.1. */
function cryptoLines(protection: Protection | undefined): string[] {
  if (protection === undefined) return [];
  return [`a=crypto:1 ${protection.suite} inline:${protection.inlineKey}`];
}

/** An even port that is free now, as the one above it is. */
async function freePort(): Promise<number> {
  for (;;) {
    const first = await bound(0);
    const { port } = first!.address();
    const second = port % 2 === 0 ? await bound(port + 1) : undefined;
    for (const socket of [first, second]) {
      if (socket === undefined) continue;
      socket.close();
      await once(socket, 'close');
    }
    if (second !== undefined) return port;
  }
}

/** A socket on `port`, or on any if that is 0; undefined if it is taken. */
async function bound(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, HOST);
    await once(socket, 'listening');
    return socket;
  } catch {
    socket.close();
    return undefined;
  }
}

/** Waits until some program listens on `port`, by the kernel's own list. */
async function isBound(port: number): Promise<void> {
  const entry = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  for (let tries = 0; tries < 1000; tries++) {
    const lists = await Promise.all(['udp', 'udp6'].map((name) => readList(`/proc/net/${name}`)));
    if (lists.some((list) => list.includes(entry))) return;
    await delay(10);
  }
  throw new Error(`nobody listens on port ${port}`);
}

function readList(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
