// libsrtp in a process of its own: a small C program of ours over Debian's library.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SrtpMasterKey, SrtpProfileName } from '@kaon/srtp';
import { formatHex, parseHex } from '@kaon/wire';
import { type DebianNeed, ensureInstalled } from '../src/peers/debian.ts';

const run = promisify(execFile);

const SOURCE = fileURLToPath(new URL('./libsrtp-peer.c', import.meta.url));
const CACHE = fileURLToPath(new URL('../node_modules/.cache/kaon/', import.meta.url));

const NEEDS: readonly DebianNeed[] = [
  { file: '/usr/bin/gcc', packages: ['gcc', 'libc6-dev'] },
  { file: '/usr/include/srtp2/srtp.h', packages: ['libsrtp2-dev'] },
];

/** Why there is no libsrtp here; undefined if there is. */
export async function whyNoLibsrtp(): Promise<string | undefined> {
  for (const need of NEEDS) {
    const missing = await ensureInstalled(need, console.log);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** What a session of libsrtp is set up with. */
export interface LibsrtpSession {
  readonly profile: SrtpProfileName;
  readonly ssrc: number;
  readonly keys: SrtpMasterKey;
  readonly encryptedHeaderExtensions: readonly number[];
}

/** One process with a sender and a receiver. */
export class Libsrtp {
  readonly version: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  /** Made by {@link Libsrtp.start}. */
  constructor(
    child: ChildProcessWithoutNullStreams,
    lines: AsyncIterator<string>,
    version: string,
  ) {
    this.#child = child;
    this.#lines = lines;
    this.version = version;
  }

  /** Builds the program if it has changed, and starts it. */
  static async start(): Promise<Libsrtp> {
    const hash = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16);
    const program = join(CACHE, `libsrtp-peer-${hash}`);
    if (!existsSync(program)) {
      mkdirSync(CACHE, { recursive: true });
      const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-std=gnu11', '-o', program];
      await run('gcc', [...flags, SOURCE, '-lsrtp2']);
    }
    const child = spawn(program);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { done, value } = await lines.next();
    if (done) throw new Error('libsrtp ended');
    return new Libsrtp(child, lines, value);
  }

  /** Fresh sessions both ways with one master key. Returns libsrtp's status if it will not. */
  open({ profile, ssrc, keys, encryptedHeaderExtensions }: LibsrtpSession): Promise<string> {
    const key = formatHex(keys.key) + formatHex(keys.salt);
    const mki = keys.mki === undefined ? '-' : formatHex(keys.mki);
    const ids = formatHex(Uint8Array.from(encryptedHeaderExtensions)) || '-';
    return this.#ask(`open ${profile} ${ssrc.toString(16)} ${key} ${mki} ${ids}`);
  }

  /** @throws if libsrtp refuses it. */
  protect(kind: 'rtp' | 'rtcp', packet: Uint8Array): Promise<Uint8Array> {
    return this.#apply('protect', kind, packet);
  }

  /** @throws if libsrtp refuses it. */
  unprotect(kind: 'rtp' | 'rtcp', packet: Uint8Array): Promise<Uint8Array> {
    return this.#apply('unprotect', kind, packet);
  }

  /** It ends with its input. */
  stop(): void {
    this.#child.stdin.end();
  }

  async #apply(direction: string, kind: string, packet: Uint8Array): Promise<Uint8Array> {
    const answer = await this.#ask(`${direction} ${kind} ${formatHex(packet)}`);
    const bytes = answer.startsWith('error') ? undefined : parseHex(answer);
    if (bytes === undefined) throw new Error(`libsrtp will not ${direction} ${kind}: ${answer}`);
    return bytes;
  }

  async #ask(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`);
    const { done, value } = await this.#lines.next();
    if (done) throw new Error('libsrtp ended');
    return value;
  }
}
