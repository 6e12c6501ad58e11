// Kaon sends, Kaon receives: for formats that ffmpeg does not carry, with its decoder as the judge.
import { readFile, writeFile } from 'node:fs/promises';
import type { MediaFormat } from './formats.ts';
import { frameDigests } from './programs.ts';
import { readRtp } from './rtp-header.ts';
import { expectEqualFrames, framesOf, packetsOf } from './stream.ts';

/** Sends the frames of `file` through both ends into `copy`, and compares bytes and decoded frames. */
export async function throughOwnEnds(
  format: MediaFormat,
  file: string,
  copy: string,
): Promise<string> {
  const frames = format.split(await readFile(file));
  const { packets } = packetsOf(format, frames);
  const received = framesOf(
    format.depacketizer(),
    packets.map((packet) => readRtp(packet)!),
  );
  const data = received.map((frame) => frame.data);
  expectEqualFrames(data, frames);
  await writeFile(copy, Buffer.concat(data));
  const [actual, expected] = [await frameDigests('-i', copy), await frameDigests('-i', file)];
  if (actual.join() !== expected.join()) throw new Error('decoded frames differ');
  return `${packets.length} packets, ${frames.length} frames`;
}
