// Chromium as a peer: a page that carries out the control protocol, driven by playwright-core.
//
// The page's script is our TypeScript, served to the browser with its types stripped; no request
// leaves the machine. Host candidates stay hidden behind mDNS names, as in every user's browser.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'amaro';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { CommandArgs, CommandName, CommandResult, PeerEvent } from '../control/protocol.ts';
import { EventRouter } from './event-router.ts';
import { type Peer, PeerError } from './peer.ts';

export const CHROMIUM_PATH: string = '/usr/bin/chromium';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A name that is never looked up: each request to it is answered here. */
const ORIGIN = 'https://peer.test';
const SOURCES = new URL('../', import.meta.url);

export class ChromiumPeer implements Peer {
  readonly name: string = 'chromium';
  readonly pid: undefined;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #router: EventRouter;

  constructor(browser: Browser, page: Page, router: EventRouter) {
    this.#browser = browser;
    this.#page = page;
    this.#router = router;
  }

  static async start(): Promise<ChromiumPeer> {
    const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ARGUMENTS });
    try {
      const page = await browser.newPage();
      const router = new EventRouter();
      await page.exposeFunction('reportEvent', (event: string) => {
        router.route(JSON.parse(event) as PeerEvent);
      });
      await page.route('**/*', async (route) => {
        const { origin, pathname } = new URL(route.request().url());
        if (origin !== ORIGIN) return route.abort();
        return route.fulfill(await resource(pathname));
      });
      // The user agent string hides all but the major version.
      await page.goto(`${ORIGIN}/#${browser.version()}`);
      await page.waitForFunction(() => globalThis.handleCommand !== undefined);
      return new ChromiumPeer(browser, page, router);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  get hasEnded(): boolean {
    return !this.#browser.isConnected() || this.#page.isClosed();
  }

  async call<N extends CommandName>(command: N, args: CommandArgs<N>): Promise<CommandResult<N>> {
    if (this.hasEnded) throw new PeerError('PEER_ENDED', 'chromium: the browser has ended');
    try {
      const result = await this.#page.evaluate(
        ([name, values]) => globalThis.handleCommand(name, values),
        [command, args] as [string, unknown],
      );
      return result as CommandResult<N>;
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      throw new PeerError('PEER_COMMAND_FAILED', `chromium: ${command} failed: ${reason}`);
    }
  }

  listen(connection: string, listener: (event: PeerEvent) => void): void {
    this.#router.listen(connection, listener);
  }

  unlisten(connection: string): void {
    this.#router.unlisten(connection);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
  }
}

async function resource(pathname: string): Promise<{ contentType: string; body: string }> {
  if (pathname === '/') {
    const body = '<!doctype html><script type="module" src="/programs/chromium.ts"></script>';
    return { contentType: 'text/html', body };
  }
  const path = fileURLToPath(new URL(`.${pathname}`, SOURCES));
  const body = transformSync(await readFile(path, 'utf8'), { mode: 'strip-only' }).code;
  return { contentType: 'text/javascript', body };
}
