// A file through `channel.writable` and `channel.readable`, with progress.

import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import type { Pair } from './pair.ts';
import type { Progress } from './progress.ts';

/** Alice pipes the file `source` to Bob, who pipes it to the file `target`. */
export async function sendByWebStreams(
  pair: Pair,
  source: string,
  target: string,
  progress: Progress,
): Promise<void> {
  const [channel, received] = await pair.open('web streams', (remote) => ({
    done: remote.readable.pipeTo(Writable.toWeb(createWriteStream(target))),
  }));
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      progress.add(chunk.length);
      controller.enqueue(chunk);
    },
  });
  // Chunks of this size are messages that every peer takes. Nothing is read ahead of what can be sent: the file
  // waits for the channel, the channel for the network and for Bob, and Bob for his disk.
  const file = Readable.toWeb(createReadStream(source, { highWaterMark: 65_536 }));
  await file.pipeThrough(counted).pipeTo(channel.writable);
  // The writable is closed when Bob has all of it; his disk may need a moment more.
  await received.done;
}
