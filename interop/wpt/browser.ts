// What the tests expect of a page around Kaon's interfaces: as little as they get by with.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as kaon from '@kaon/peerconnection';

/** Gives this process the globals of a page that is at `path` of the checkout in `root`. */
export function installBrowser(root: string, path: string): void {
  for (const [name, value] of Object.entries(kaon)) {
    // Interface objects are not enumerable (Web IDL §3.7).
    if (name.startsWith('RTC')) hidden(name, value);
  }
  hidden('Window', class Window {});
  hidden('FileReader', FileReader);
  const nothing = () => ({ style: {}, appendChild: ignore, addEventListener: ignore });
  Object.assign(globalThis, {
    window: globalThis,
    isSecureContext: true,
    location: {
      search: '',
      protocol: 'https:',
      pathname: `/${path}`,
      href: `https://localhost/${path}`,
    },
    // What WPT's server puts before a `.window.js`.
    GLOBAL: { isWindow: () => true, isWorker: () => false, isShadowRealm: () => false },
    document: {
      body: nothing(),
      createElement: nothing,
      getElementById: nothing,
      getElementsByTagName: () => [],
      addEventListener: ignore,
    },
    fetch: fetchFrom(root),
  });
  // Node's navigator is a getter, and has no media devices.
  hidden('navigator', { userAgent: 'Node.js', mediaDevices: {} });
}

function hidden(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

function ignore(): void {
  // A page without a screen.
}

/** Fetches what is below `/` from the checkout. */
function fetchFrom(root: string): (url: string) => Promise<Response> {
  return async (url) => new Response(await readFile(join(root, url), 'utf8'));
}

/** As much of the File API's FileReader as reads a Blob (https://w3c.github.io/FileAPI/#APIASynch). */
class FileReader extends EventTarget {
  result: ArrayBuffer | string | null = null;
  error: unknown = null;
  onload: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  readAsArrayBuffer(blob: Blob): void {
    this.#read(blob.arrayBuffer());
  }

  readAsText(blob: Blob): void {
    this.#read(blob.text());
  }

  #read(reading: Promise<ArrayBuffer | string>): void {
    reading.then(
      (result) => {
        this.result = result;
        this.#fire('load', this.onload);
      },
      (error: unknown) => {
        this.error = error;
        this.#fire('error', this.onerror);
      },
    );
  }

  #fire(type: string, handler: ((event: Event) => void) | null): void {
    const event = new Event(type);
    handler?.call(this, event);
    this.dispatchEvent(event);
  }
}
