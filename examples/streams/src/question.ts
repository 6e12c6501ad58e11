// A question as long as it likes, and its answer after its end: half-open channels.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import type { RTCDataChannel } from '@kaon/peerconnection';
import { channelToDuplex } from '@kaon/peerconnection/node';
import type { Pair } from './pair.ts';

/** Alice asks Bob for the SHA-256 of the file `source`. */
export async function askForDigest(pair: Pair, source: string): Promise<string> {
  const [channel, answered] = await pair.open('question', (remote) => ({
    done: answerWithDigest(remote),
  }));
  const duplex = channelToDuplex(channel);
  const [answer] = await Promise.all([
    text(duplex),
    pipeline(createReadStream(source), duplex),
    answered.done,
  ]);
  return answer;
}

/** Bob's part: he reads to the end and answers then, for which his side has to stay open. */
async function answerWithDigest(channel: RTCDataChannel): Promise<void> {
  const duplex = channelToDuplex(channel, { allowHalfOpen: true });
  const hash = createHash('sha256');
  for await (const chunk of duplex.iterator({ destroyOnReturn: false })) hash.update(chunk);
  duplex.end(hash.digest('hex'));
  await finished(duplex);
}
