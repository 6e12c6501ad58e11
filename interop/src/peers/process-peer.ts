// A peer in a child process that speaks the control protocol on stdin and stdout.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { formatJsonLine, readJsonLines } from '../control/json-lines.ts';
import type {
  CommandArgs,
  CommandLine,
  CommandName,
  CommandResult,
  PeerEvent,
  ReplyLine,
} from '../control/protocol.ts';
import { EventRouter } from './event-router.ts';
import { type Peer, PeerError } from './peer.ts';

/** How much of what a peer wrote to stderr is kept for the report of a failure. */
const STDERR_LIMIT = 4_000;
/** How long a peer may take to end by itself after its stdin was closed. */
const GRACE_MS = 5_000;

interface PendingCall {
  readonly command: string;
  resolve(result: unknown): void;
  reject(error: PeerError): void;
}

export class ProcessPeer implements Peer {
  readonly name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #router = new EventRouter();
  readonly #calls = new Map<number, PendingCall>();
  #nextId = 1;
  #stderr = '';
  #hasEnded = false;

  /** `commandLine` starts the program; it must not be empty. */
  constructor(name: string, commandLine: readonly string[]) {
    this.name = name;
    const [command = '', ...args] = commandLine;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    readJsonLines(
      this.#child.stdout,
      (line) => this.#handleLine(line as ReplyLine | PeerEvent),
      (line) => this.#keepOutput(`${line}\n`),
    );
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#keepOutput(text));
    // Writing to a child that has just died is reported by its exit.
    this.#child.stdin.on('error', () => this.#end('its stdin is closed'));
    this.#child.once('error', (error) => this.#end(error.message));
    this.#child.once('exit', (code, signal) => this.#end(`exit ${signal ?? code}`));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What the peer printed beside the protocol: warnings and stack traces of its stack. */
  get output(): string {
    return this.#stderr;
  }

  call<N extends CommandName>(command: N, args: CommandArgs<N>): Promise<CommandResult<N>> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) return reject(this.#ended(command, 'it has ended before'));
      const id = this.#nextId++;
      this.#calls.set(id, {
        command,
        resolve: (result) => resolve(result as CommandResult<N>),
        reject,
      });
      const line: CommandLine = { id, command, args };
      this.#child.stdin.write(formatJsonLine(line));
    });
  }

  listen(connection: string, listener: (event: PeerEvent) => void): void {
    this.#router.listen(connection, listener);
  }

  unlisten(connection: string): void {
    this.#router.unlisten(connection);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (this.#child.pid === undefined) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    await exited;
    clearTimeout(timer);
  }

  #handleLine(line: ReplyLine | PeerEvent): void {
    if ('event' in line) {
      this.#router.route(line);
      return;
    }
    const call = this.#calls.get(line.id);
    if (call === undefined) return;
    this.#calls.delete(line.id);
    if (line.error === undefined) call.resolve(line.result);
    else call.reject(this.#failed(call.command, line.error));
  }

  #keepOutput(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-STDERR_LIMIT);
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const call of this.#calls.values()) call.reject(this.#ended(call.command, reason));
    this.#calls.clear();
  }

  #failed(command: string, reason: string): PeerError {
    return new PeerError('PEER_COMMAND_FAILED', `${this.name}: ${command} failed: ${reason}`);
  }

  #ended(command: string, reason: string): PeerError {
    const lines = this.#stderr.trim().split('\n');
    // The line of an error in Node's or Go's report, or else the last one.
    const lastWords = lines.find((line) => /^(\w*Error|panic|fatal)\b/.test(line)) ?? lines.at(-1);
    const text = `${this.name}: no answer to ${command}: ${reason}`;
    return new PeerError('PEER_ENDED', !lastWords ? text : `${text} (${lastWords})`);
  }
}
