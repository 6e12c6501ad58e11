// A file through data channels as streams, three ways. See README.md beside this folder.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { sendByNodeStreams } from './node-streams.ts';
import { Pair } from './pair.ts';
import { Progress } from './progress.ts';
import { askForDigest } from './question.ts';
import { sendByWebStreams } from './web-streams.ts';

const MEBIBYTE = 1024 * 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: '32' } },
});
const sizeMib = Number(values.size);
if (!(Number.isInteger(sizeMib) && sizeMib > 0)) {
  throw new RangeError(`--size takes a whole number of MiB, not "${values.size}".`);
}

const folder = mkdtempSync(join(tmpdir(), 'kaon-streams-'));
const pair = new Pair();
let passed = 0;
let failed = 0;
try {
  const source = resolve(positionals[0] ?? join(folder, 'log.txt'));
  if (positionals[0] === undefined) await writeLog(source, sizeMib * MEBIBYTE);
  const digest = await digestOf(source);
  console.log(`${source}: ${(statSync(source).size / MEBIBYTE).toFixed(1)} MiB, SHA-256 ${digest}`);

  const byWeb = join(folder, 'by-web-streams');
  await check('channel.writable and channel.readable', async (progress) => {
    await sendByWebStreams(pair, source, byWeb, progress);
    return digestOf(byWeb);
  });

  const byNode = join(folder, 'by-node-streams');
  await check('pipeline through gzip', async (progress) => {
    await sendByNodeStreams(pair, source, byNode, progress);
    return digestOf(byNode);
  });

  await check('a question, and its answer after its end', async (progress) => {
    const answer = await askForDigest(pair, source);
    progress.add(statSync(source).size);
    return answer;
  });

  /** Runs a transfer, which gives the SHA-256 of what arrived. */
  async function check(title: string, transfer: (p: Progress) => Promise<string>): Promise<void> {
    const progress = new Progress(title);
    const isRight = (await transfer(progress)) === digest;
    progress.finish(isRight ? 'verified' : 'NOT WHAT WAS SENT');
    if (isRight) passed++;
    else failed++;
  }
} finally {
  pair.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Writes lines that compress about as well as a log does. */
async function writeLog(file: string, bytes: number): Promise<void> {
  const lines = function* (): Generator<string> {
    let state = 1;
    for (let written = 0; written < bytes; ) {
      let block = '';
      while (block.length < 65_536) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        const path = `/articles/${state % 5000}`;
        block += `${state.toString(16)} GET ${path} ${state % 7 === 0 ? 404 : 200} ${state >>> 20} ms\n`;
      }
      written += block.length;
      yield block;
    }
  };
  await pipeline(lines, createWriteStream(file));
}
