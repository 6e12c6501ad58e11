// `pnpm srtp`: Kaon's SRTP against libsrtp, byte for byte, and against ffmpeg's, with real media.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SRTP_PROFILES, type SrtpProfileName } from '@kaon/srtp';
import { FORMATS } from '../media/formats.ts';
import { encode, receiveFromFfmpeg } from '../media/from-ffmpeg.ts';
import { encoders, isThere } from '../media/programs.ts';
import { sendToFfmpeg } from '../media/to-ffmpeg.ts';
import { kaonProtection } from './kaon-protection.ts';
import { Libsrtp, type LibsrtpSession, whyNoLibsrtp } from './libsrtp.ts';
import { exchangeWithLibsrtp } from './with-libsrtp.ts';

/** What ffmpeg's SRTP has, by its names. */
const FFMPEG_SUITES: readonly (readonly [string, SrtpProfileName])[] = [
  ['AES_CM_128_HMAC_SHA1_80', 'SRTP_AES128_CM_HMAC_SHA1_80'],
  // Under the name AES_CM_128_HMAC_SHA1_32 it has a short tag in SRTCP too, against RFC 4568 §6.2.2.
  ['SRTP_AES128_CM_HMAC_SHA1_32', 'SRTP_AES128_CM_HMAC_SHA1_32'],
];
const FFMPEG_FORMATS = ['VP8', 'Opus'];
/** libsrtp over NSS, as Debian builds it, has no AES-192. */
const NOT_IN_LIBSRTP: readonly string[] = ['AES_192_CM_HMAC_SHA1_80', 'AES_192_CM_HMAC_SHA1_32'];

const VARIANTS = [
  { title: '', mki: undefined, ids: [] },
  { title: ', MKI', mki: Uint8Array.of(1, 2, 3, 4), ids: [] },
  { title: ', encrypted header extensions', mki: undefined, ids: [1, 2] },
] as const;

const totals = { passed: 0, failed: 0, skipped: 0 };

const missing = await whyNoLibsrtp();
if (missing === undefined) await checkLibsrtp();
else skip('libsrtp', missing);
if (isThere('ffmpeg')) await checkFfmpeg();
else skip('ffmpeg', "needs Debian's ffmpeg (apt-get install ffmpeg)");

const skipped = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
console.log(`srtp: ${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed === 0 ? 0 : 1;

async function checkLibsrtp(): Promise<void> {
  const libsrtp = await Libsrtp.start();
  console.log(libsrtp.version);
  try {
    for (const profile of Object.values(SRTP_PROFILES)) {
      if (NOT_IN_LIBSRTP.includes(profile.name)) {
        skip(`libsrtp: ${profile.name}`, 'this build has no AES-192');
        continue;
      }
      for (const { title, mki, ids } of VARIANTS) {
        if (mki !== undefined && profile.rtpTagLength !== profile.rtcpTagLength) {
          skip(
            `libsrtp: ${profile.name}${title}`,
            'it looks for the MKI of SRTCP by the tag of SRTP',
          );
          continue;
        }
        const key = Uint8Array.from({ length: profile.keyLength }, (_, i) => 3 * i + 1);
        const salt = Uint8Array.from({ length: profile.saltLength }, (_, i) => 5 * i + 2);
        const session: LibsrtpSession = {
          profile: profile.name,
          ssrc: 0xc0ffee42,
          keys: mki === undefined ? { key, salt } : { key, salt, mki },
          encryptedHeaderExtensions: ids,
        };
        await check(`libsrtp: ${profile.name}${title}`, () =>
          exchangeWithLibsrtp(libsrtp, session),
        );
      }
    }
  } finally {
    libsrtp.stop();
  }
}

async function checkFfmpeg(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'kaon-srtp-'));
  const known = encoders();
  try {
    for (const format of FORMATS.filter(({ name }) => FFMPEG_FORMATS.includes(name))) {
      if (!known.has(format.encoder)) {
        skip(format.name, `this ffmpeg has no encoder ${format.encoder}`);
        continue;
      }
      const base = join(directory, format.name);
      const file = `${base}.${format.container}`;
      for (const [suite, profile] of FFMPEG_SUITES) {
        const title = `${format.name} with ${suite}`;
        await check(`${title}: from ffmpeg to Kaon`, () =>
          receiveFromFfmpeg(format, file, kaonProtection(suite, profile)),
        );
        await check(`${title}: from Kaon to ffmpeg`, async () => {
          await encode(format, file);
          return sendToFfmpeg(format, file, `${base}.sdp`, kaonProtection(suite, profile));
        });
      }
    }
  } finally {
    await rm(directory, { recursive: true });
  }
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
