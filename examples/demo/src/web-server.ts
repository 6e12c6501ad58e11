// The local web server: the page, and the room whose members signal to each other over WebSockets.

import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FromServer, HOST_ID, type ToServer } from './signalling.ts';

const MAX_MEMBERS = 64;
const MAX_SIGNAL_BYTES = 256 * 1024;

/** A running server. */
export interface WebServer {
  /** `http://localhost:port` */
  readonly url: string;
  close(): void;
}

/** Starts the server on loopback; port 0 takes any free one. */
export async function startWebServer(port: number): Promise<WebServer> {
  const room = new Room();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_SIGNAL_BYTES });
  const server = await new Promise<Server>((resolve, reject) => {
    const started = serve({ fetch: pages().fetch, port, hostname: '127.0.0.1' }, () => {
      resolve(started as Server);
    });
    started.once('error', reject);
  });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== '/room') {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (member) => {
      room.add(member, url.searchParams.get('name') ?? 'guest');
    });
  });
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://localhost:${actualPort}`,
    close(): void {
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

function pages(): Hono {
  const require = createRequire(import.meta.url);
  const page = (name: string): URL => new URL(`../page/${name}`, import.meta.url);
  const files: Record<string, [content: () => Promise<string>, type: string]> = {
    '/': [() => readFile(page('index.html'), 'utf8'), 'text/html'],
    '/style.css': [() => readFile(page('style.css'), 'utf8'), 'text/css'],
    '/app.js': [
      async () => stripTypeScriptTypes(await readFile(page('app.ts'), 'utf8')),
      'text/javascript',
    ],
    '/uplot.js': [
      () => readFile(require.resolve('uplot/dist/uPlot.esm.js'), 'utf8'),
      'text/javascript',
    ],
    '/uplot.css': [() => readFile(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'), 'text/css'],
  };
  const app = new Hono();
  for (const [path, [content, type]] of Object.entries(files)) {
    app.get(path, async (context) => {
      return context.body(await content(), 200, { 'content-type': `${type}; charset=utf-8` });
    });
  }
  app.get('/favicon.ico', (context) => context.body(null, 204));
  return app;
}

/** The members of the room. The first one to call itself the host is; the others connect to it. */
class Room {
  readonly #members = new Map<string, WebSocket>();
  #nextId = 1;

  add(socket: WebSocket, name: string): void {
    if (this.#members.size >= MAX_MEMBERS) {
      socket.close(1013, 'The room is full.');
      return;
    }
    const isHost = name === HOST_ID && !this.#members.has(HOST_ID);
    const id = isHost ? HOST_ID : `guest-${this.#nextId++}`;
    this.#members.set(id, socket);
    this.#send(id, { type: 'welcome', id });
    if (!isHost) this.#send(HOST_ID, { type: 'joined', from: id, name: name.slice(0, 80) });
    socket.on('message', (text) => this.#relay(id, String(text)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#members.delete(id);
      this.#send(HOST_ID, { type: 'left', from: id });
    });
  }

  #relay(from: string, text: string): void {
    let message: Partial<ToServer>;
    try {
      message = JSON.parse(text) as Partial<ToServer>;
    } catch {
      return; // Not from our page.
    }
    if (message.type !== 'signal' || message.to === undefined || message.signal === undefined)
      return;
    this.#send(message.to, { type: 'signal', from, signal: message.signal });
  }

  #send(to: string, message: FromServer): void {
    this.#members.get(to)?.send(JSON.stringify(message));
  }
}
