// A file through `pipeline`, compressed on the way.

import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { channelToDuplex } from '@kaon/peerconnection/node';
import type { Pair } from './pair.ts';
import type { Progress } from './progress.ts';

/** Alice pipes the file `source` through gzip to Bob, who pipes it to the file `target`. */
export async function sendByNodeStreams(
  pair: Pair,
  source: string,
  target: string,
  progress: Progress,
): Promise<void> {
  const [channel, received] = await pair.open('node streams', (remote) => ({
    done: pipeline(channelToDuplex(remote), createGunzip(), createWriteStream(target)),
  }));
  await pipeline(
    createReadStream(source),
    createGzip({ level: 1 }),
    async function* (compressed: AsyncIterable<Uint8Array>) {
      for await (const chunk of compressed) {
        progress.add(chunk.length);
        yield chunk;
      }
    },
    channelToDuplex(channel),
  );
  await received.done;
}
