// The demo's page in real Chromium: state, latency, chat between pages, a file there and back, reload, end.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM_PATH = '/usr/bin/chromium';
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PATIENCE_MS = 30_000;
const FILE_BYTES = 5 * 1024 * 1024;

/** The demo as a user starts it, and what it printed so far. */
class Demo {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #output = '';
  #onOutput: () => void = () => undefined;

  constructor(...args: readonly string[]) {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    this.#child = spawn(process.execPath, ['--conditions=kaon-source', main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = new Promise((resolve) => this.#child.once('exit', resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#onOutput();
      });
    }
  }

  /** Waits until the demo has printed something that matches; what it printed is the reason otherwise. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`The demo did not print ${pattern}, but:\n${this.#output}`));
      }, PATIENCE_MS);
      this.#onOutput = () => {
        const match = pattern.exec(this.#output);
        if (match === null) return;
        clearTimeout(timer);
        resolve(match);
      };
      this.#onOutput();
    });
  }

  /** Interrupts it as Ctrl+C does; the exit code. */
  interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.#exit;
  }

  kill(): void {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
  }
}

let passed = 0;
let failed = 0;

/** One line for each thing that a user would see. */
async function check(title: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    passed++;
    console.log(`ok    ${title}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${title}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function textOf(page: Page, id: string, pattern: RegExp): Promise<string> {
  const expected = { id, source: pattern.source };
  await page.waitForFunction(
    ({ id, source }) => new RegExp(source).test(document.getElementById(id)?.textContent ?? ''),
    expected,
    { timeout: PATIENCE_MS },
  );
  return (await page.textContent(`#${id}`)) ?? '';
}

async function say(page: Page, text: string): Promise<void> {
  await page.fill('#text', text);
  await page.press('#text', 'Enter');
}

async function testPage(demo: Demo, browser: Browser): Promise<void> {
  const [, url = ''] = await demo.printed(/Now open (\S+) in a browser/);
  const faults: string[] = [];
  const open = async (): Promise<Page> => {
    const page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(url);
    await textOf(page, 'state', /^connected$/);
    return page;
  };
  const first = await open();
  const second = await open();
  const file = randomBytes(FILE_BYTES);
  const sha256 = createHash('sha256').update(file).digest('hex');

  await check('two pages connect to the Node process, behind mDNS names', async () => {
    await textOf(second, 'state', /^connected$/);
  });
  await check('the latency is measured and plotted', async () => {
    await textOf(first, 'latency', /[\d.]+ ms, median [\d.]+ ms/);
    const isDrawn = await first.$eval('#plot canvas', (canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const pixels = (canvas as HTMLCanvasElement)
        .getContext('2d')
        ?.getImageData(0, 0, width, height);
      return pixels?.data.some((value) => value !== 0) === true;
    });
    if (!isDrawn) throw new Error('The plot is empty.');
  });
  await check('what one page says reaches the terminal and the other page', async () => {
    await say(first, 'hello from the page');
    await demo.printed(/browser: hello from the page/);
    await textOf(second, 'messages', /hello from the page/);
  });
  await check('a file that was chosen goes to Node and comes back verified', async () => {
    await first.setInputFiles('#file', { name: 'chosen.bin', mimeType: '', buffer: file });
    const text = await textOf(first, 'file-state', /^(verified|DAMAGED|Error)/);
    if (!text.includes(sha256)) throw new Error(`The page says: ${text}`);
    await demo.printed(new RegExp(`chosen\\.bin verified, SHA-256 ${sha256}`));
  });
  await check('a file that was dropped does too', async () => {
    await first.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File(['dropped'], 'dropped.txt'));
      document.getElementById('drop')?.dispatchEvent(new DragEvent('drop', { dataTransfer: data }));
    });
    await textOf(first, 'file-state', /^verified: dropped\.txt, 7 bytes/);
  });
  await check('a page that is reloaded connects again, and its old self is gone', async () => {
    await second.reload();
    await demo.printed(/browser left the room/);
    await textOf(second, 'state', /^connected$/);
  });
  await check('no page reported an error', () => {
    return faults.length > 0 ? Promise.reject(new Error(faults.join('; '))) : Promise.resolve();
  });
}

async function main(): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) {
    console.log(`There is no ${CHROMIUM_PATH} (Debian's package "chromium"): left out.`);
    console.log('0 passed, 0 failed, 1 skipped');
    return;
  }
  const demo = new Demo('--port', '0', '--size', '4');
  const browser = await chromium.launch({
    executablePath: CHROMIUM_PATH,
    args: CHROMIUM_ARGUMENTS,
  });
  try {
    await check('the page can be tested', () => testPage(demo, browser));
    await check('Ctrl+C ends the demo with exit code 0', async () => {
      const code = await demo.interrupt();
      if (code !== 0) throw new Error(`The exit code is ${code}.`);
    });
  } finally {
    await browser.close();
    demo.kill();
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

await main();
