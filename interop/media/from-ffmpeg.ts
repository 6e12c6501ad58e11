// ffmpeg sends, Kaon receives: the frames that come out are those that its encoder gave out.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { MediaFormat } from './formats.ts';
import { ffmpeg } from './programs.ts';
import type { Protection } from './protection.ts';
import { isBye, type RtpPacket, readRtp } from './rtp-header.ts';
import { expectEqualFrames, framesOf } from './stream.ts';

const SOURCES = {
  video: ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=2', '-pix_fmt', 'yuv420p'],
  audio: ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2:sample_rate=48000'],
};

/** Encodes two seconds into `file`. */
export async function encode(format: MediaFormat, file: string): Promise<void> {
  await ffmpeg(...encoding(format), '-f', format.container, file).output;
}

/** Encodes once, to `file` and to RTP, and compares. Returns what was compared, in words. */
export async function receiveFromFfmpeg(
  format: MediaFormat,
  file: string,
  protection?: Protection,
): Promise<string> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const packets: RtpPacket[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      socket.on('message', (datagram) => {
        try {
          const plain = protection?.unprotect(datagram) ?? datagram;
          const packet = readRtp(plain);
          if (packet !== undefined) packets.push(packet);
          else if (isBye(plain)) resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    // A fault before ffmpeg has ended is reported behind its end.
    ended.catch(() => undefined);
    // One socket for RTP and RTCP, so that the BYE comes after the last packet.
    const { port } = socket.address();
    const scheme = protection === undefined ? 'rtp' : 'srtp';
    const url = `${scheme}://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1000`;
    await ffmpeg(
      ...encoding(format),
      '-f',
      'tee',
      '-map',
      '0',
      `[f=${format.container}]${file}|[f=rtp:payload_type=${format.payloadType}:${muxerOptions(format)}${protectionOptions(protection)}]${url}`,
    ).output;
    await ended;
    return await compare(format, file, packets);
  } finally {
    socket.close();
  }
}

async function compare(
  format: MediaFormat,
  file: string,
  packets: readonly RtpPacket[],
): Promise<string> {
  const expected = format.split(await readFile(file));
  const received = framesOf(format.depacketizer(), packets);
  const keys = received.filter(({ key }) => key).length;
  if (keys === 0) throw new Error('no key frame among them');
  const data = received.map((frame) => frame.data);
  if (format.kind === 'audio' && format.container !== 'ogg') {
    // ffmpeg cuts a stream of octets where it likes.
    expectEqualFrames([Buffer.concat(data)], [Buffer.concat(expected)]);
    return `${packets.length} packets, ${Buffer.concat(data).length} bytes`;
  }
  expectEqualFrames(data, expected);
  return `${packets.length} packets, ${received.length} frames${format.kind === 'video' ? `, ${keys} key` : ''}`;
}

function encoding(format: MediaFormat): string[] {
  return [...SOURCES[format.kind], '-c', format.encoder, ...format.encoderArguments];
}

function muxerOptions({ muxer }: MediaFormat): string {
  if (muxer === undefined || muxer === '') return 'rtpflags=send_bye';
  return muxer.startsWith('rtpflags=') ? `${muxer}+send_bye` : `${muxer}:rtpflags=send_bye`;
}

function protectionOptions(protection: Protection | undefined): string {
  if (protection === undefined) return '';
  return `:srtp_out_suite=${protection.suite}:srtp_out_params=${protection.inlineKey}`;
}
