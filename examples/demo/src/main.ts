// The main job, end to end: two Node processes exchange a file over a data channel, then browsers join.
// See README.md beside this folder.

import { type ChildProcess, fork } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { defineCommand, runMain } from 'citty';
import cliProgress from 'cli-progress';
import type { FileHeader, FileReceipt } from './file-channel.ts';
import type { GuestReport } from './guest.ts';
import { type Host, type HostEvents, startHost } from './host.ts';
import { formatBytes, formatTable } from './summary.ts';
import { startWebServer } from './web-server.ts';

const TRANSFER_TIMEOUT_MS = 10 * 60 * 1000;

/** What came of the transfer between the two processes. */
interface Transfer {
  readonly guest: Extract<GuestReport, { type: 'sent' }>;
  readonly setupMs: number;
  readonly seconds: number;
  readonly file: FileHeader & FileReceipt;
}

const command = defineCommand({
  meta: {
    name: 'demo',
    description:
      'Two Node processes connect, send a file and verify it; then a browser can join at a local page.',
  },
  args: {
    file: { type: 'positional', required: false, description: 'the file to send' },
    size: {
      type: 'string',
      default: '64',
      description: 'MiB of random bytes, if no file is given',
    },
    port: { type: 'string', default: '8080', description: 'the web server; 0 takes any free port' },
    once: { type: 'boolean', default: false, description: 'end after the transfer' },
  },
  async run({ args }) {
    try {
      await demo({
        ...(args.file === undefined ? {} : { file: args.file }),
        sizeMib: wholeNumber('size', args.size, 1, 1 << 20),
        port: args.once ? 0 : wholeNumber('port', args.port, 0, 65535),
        once: args.once,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(`${styleText('red', '✗')} ${reason}`);
      process.exitCode = 1;
    }
  },
});

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} takes a whole number from ${least} to ${most}, not "${text}".`);
}

interface DemoOptions {
  readonly file?: string;
  readonly sizeMib: number;
  readonly port: number;
  readonly once: boolean;
}

async function demo(options: DemoOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kaon-demo-'));
  const server = await startWebServer(options.port);
  const terminal = new Terminal();
  let host: Host | undefined;
  try {
    const path =
      options.file === undefined
        ? makeFile(join(folder, 'random.bin'), options.sizeMib)
        : resolve(options.file);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      throw new Error(`There is no file "${path}".`);
    }
    console.log(styleText('bold', 'Kaon: WebRTC in pure TypeScript\n'));
    host = await startHost(server.url.replace('http:', 'ws:'), terminal);
    console.log(formatTransfer(await runTransfer(server.url, path, terminal)));
    if (options.once) return;
    terminal.isQuiet = false;
    console.log(`\n${styleText('bold', 'Now open')} ${styleText('cyan', server.url)} in a browser`);
    console.log(styleText('dim', 'chat, watch the latency, drop a file; Ctrl+C ends\n'));
    await new Promise((stop) => process.once('SIGINT', stop).once('SIGTERM', stop));
  } finally {
    terminal.stop();
    host?.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes random bytes: nothing on the way can compress them, and their hash is a real test. */
function makeFile(path: string, sizeMib: number): string {
  const file = openSync(path, 'w');
  const chunk = new Uint8Array(1024 * 1024);
  for (let i = 0; i < sizeMib; i++) writeSync(file, randomFillSync(chunk));
  closeSync(file);
  return path;
}

/** Starts the second process and waits until the file is through. */
async function runTransfer(url: string, path: string, terminal: Terminal): Promise<Transfer> {
  const guestFile = fileURLToPath(new URL('guest.ts', import.meta.url));
  const child: ChildProcess = fork(guestFile, [url.replace('http:', 'ws:'), path]);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Transfer>((done, fail) => {
      let setupMs = 0;
      timer = setTimeout(() => {
        fail(new Error(`The transfer took longer than ${TRANSFER_TIMEOUT_MS / 60_000} minutes.`));
      }, TRANSFER_TIMEOUT_MS);
      child.on('message', (report: GuestReport) => {
        if (report.type === 'connected') setupMs = report.setupMs;
        if (report.type === 'failed')
          fail(new Error(`The second process failed: ${report.reason}`));
        if (report.type !== 'sent') return;
        const file = terminal.lastFile;
        if (file === undefined || !report.receipt.ok) {
          fail(new Error('The file came through changed: the hashes differ.'));
        } else {
          done({ guest: report, setupMs, seconds: terminal.lastSeconds, file });
        }
      });
      child.on('exit', (code) => fail(new Error(`The second process ended early (code ${code}).`)));
      child.on('error', fail);
    });
  } finally {
    clearTimeout(timer);
    if (child.connected) child.kill();
  }
}

function formatTransfer({ guest, setupMs, seconds, file }: Transfer): string {
  const { summary } = guest;
  const roundTrip = summary.roundTripTimeMs;
  return formatTable(`\n${styleText('green', '✓')} ${file.name} arrived whole\n`, [
    ['SHA-256', file.sha256],
    ['size', formatBytes(file.size)],
    ['goodput', `${formatBytes(file.size / seconds)}/s in ${seconds.toFixed(2)} s`],
    ['connection setup', `${setupMs.toFixed(1)} ms, from createDataChannel to open`],
    ['round-trip time', roundTrip === undefined ? 'not measured' : `${roundTrip.toFixed(2)} ms`],
    ['candidate pair', summary.candidatePair],
    ['security', `${summary.dtls}`],
    ['crypto', summary.crypto],
    ['on the wire', `${formatBytes(summary.bytesSent)} sent, ${summary.packetsSent} packets`],
    ['retransmissions', String(summary.retransmissions ?? 'not counted')],
  ]);
}

/** Shows what happens at the host: a progress bar during the transfer, then a line an event. */
class Terminal implements HostEvents {
  /** Whether only the progress bar is shown. */
  isQuiet = true;
  lastFile: (FileHeader & FileReceipt) | undefined;
  lastSeconds = 0;
  #bar: cliProgress.SingleBar | undefined;
  #startedAt = 0;

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  onGuest(name: string): void {
    this.#say(`${name} is connected`);
  }

  onGuestGone(name: string, reason: string): void {
    this.#say(`${name} ${reason}`);
  }

  onChat(name: string, text: string): void {
    this.#say(`${name}: ${text}`);
  }

  onFileStart(name: string, header: FileHeader): void {
    this.#startedAt = performance.now();
    console.log(`${name} sends ${header.name} (${formatBytes(header.size)})`);
    this.#bar = new cliProgress.SingleBar({
      format: '  {bar} {percentage}% | {speed}/s | {eta} s left',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
    });
    this.#bar.start(header.size, 0, { speed: formatBytes(0) });
  }

  onFileProgress(_name: string, received: number): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.#bar?.update(received, { speed: formatBytes(received / Math.max(seconds, 0.001)) });
  }

  onFileEnd(name: string, file: FileHeader & FileReceipt): void {
    this.lastSeconds = (performance.now() - this.#startedAt) / 1000;
    this.lastFile = file;
    this.stop();
    this.#say(
      `${name}: ${file.name} ${file.ok ? 'verified' : 'is damaged'}, SHA-256 ${file.sha256}`,
    );
  }

  onFileFailed(name: string, reason: string): void {
    this.stop();
    this.#say(`${name}: the file failed: ${reason}`);
  }

  #say(text: string): void {
    if (!this.isQuiet) console.log(text);
  }
}

await runMain(command);
