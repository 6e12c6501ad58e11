// `pnpm media`: Kaon's payload formats against ffmpeg's, with real encoders, and under tshark's eyes.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dissect, redPackets, telephoneEventPackets } from './dissection.ts';
import { FORMATS, type MediaFormat } from './formats.ts';
import { encode, receiveFromFfmpeg } from './from-ffmpeg.ts';
import { throughOwnEnds } from './own-ends.ts';
import { encoders, isThere } from './programs.ts';
import { packetsOf } from './stream.ts';
import { sendToFfmpeg } from './to-ffmpeg.ts';

const RED_PAYLOAD_TYPE = 63;
const EVENT_PAYLOAD_TYPE = 101;

const wanted = process.argv[2]?.toLowerCase();
const directory = await mkdtemp(join(tmpdir(), 'kaon-media-'));
const totals = { passed: 0, failed: 0, skipped: 0 };

try {
  if (isThere('ffmpeg')) await checkAll();
  else skip('everything', "needs Debian's ffmpeg (apt-get install ffmpeg)");
} finally {
  await rm(directory, { recursive: true });
}
const skipped = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
console.log(`media: ${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed === 0 ? 0 : 1;

async function checkAll(): Promise<void> {
  const chosen = FORMATS.filter(({ name }) => name.toLowerCase().includes(wanted ?? ''));
  if (chosen.length === 0) {
    console.log(`no format has "${wanted}" in its name; there are:`);
    for (const { name } of FORMATS) console.log(`  ${name}`);
    totals.failed++;
  }
  const known = encoders();
  for (const [i, format] of chosen.entries()) {
    if (known.has(format.encoder)) await checkFormat(format, join(directory, String(i)));
    else skip(format.name, `this ffmpeg has no encoder ${format.encoder}`);
  }
  if (wanted === undefined) await checkDissectionOfAudio();
}

async function checkFormat(format: MediaFormat, base: string): Promise<void> {
  const file = `${base}.${format.container}`;
  if (format.muxer === undefined) {
    await check(`${format.name}: through both ends of Kaon`, async () => {
      await encode(format, file);
      return throughOwnEnds(format, file, `${base}-copy.${format.container}`);
    });
    return;
  }
  await check(`${format.name}: from ffmpeg to Kaon`, () => receiveFromFfmpeg(format, file));
  await check(`${format.name}: from Kaon to ffmpeg`, () =>
    sendToFfmpeg(format, file, `${base}.sdp`),
  );
  const { dissector } = format;
  if (dissector === undefined) return;
  await checkDissection(format.name, async () => {
    const { packets } = packetsOf(format, format.split(await readFile(file)));
    return dissect(packets, format.payloadType, dissector, `${base}.pcap`);
  });
}

async function checkDissectionOfAudio(): Promise<void> {
  await checkDissection('telephone events', () =>
    dissect(
      telephoneEventPackets(EVENT_PAYLOAD_TYPE),
      EVENT_PAYLOAD_TYPE,
      'rtpevent',
      join(directory, 'event.pcap'),
    ),
  );
  await checkDissection('redundant audio', () => {
    const frames = Array.from({ length: 20 }, (_, i) => new Uint8Array(160).fill(i));
    const packets = redPackets(frames, RED_PAYLOAD_TYPE, 0, 160);
    return dissect(packets, RED_PAYLOAD_TYPE, 'rtp_rfc2198', join(directory, 'red.pcap'));
  });
}

async function checkDissection(name: string, run: () => Promise<string>): Promise<void> {
  const title = `${name}: dissected by tshark`;
  if (isThere('tshark')) await check(title, run);
  else skip(title, "needs Debian's tshark (apt-get install tshark)");
}

async function check(title: string, run: () => Promise<string>): Promise<void> {
  try {
    console.log(`ok    ${title} (${await run()})`);
    totals.passed++;
  } catch (error) {
    console.log(`FAIL  ${title}: ${error instanceof Error ? error.message : String(error)}`);
    totals.failed++;
  }
}

function skip(title: string, reason: string): void {
  console.log(`skip  ${title}: ${reason}`);
  totals.skipped++;
}
