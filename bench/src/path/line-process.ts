// A child process that answers in JSON, one value a line, and ends with its stdin.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const STDERR_LIMIT = 4_000;

export class LineProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  constructor(commandLine: readonly string[]) {
    const [command = '', ...args] = commandLine;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LIMIT);
    });
    // Writing to a child that has just died, or one that never began, ends its lines.
    this.#child.stdin.on('error', () => this.#child.stdout.destroy());
    this.#child.on('error', (error) => {
      this.#stderr += error.message;
      this.#child.stdout.destroy();
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line. Throws with what the process wrote to stderr if it has ended. */
  async read<T>(): Promise<T> {
    const line = await this.#lines.next();
    if (line.done) throw new Error(this.#stderr.trim() || 'a program of the path ended early');
    return JSON.parse(line.value);
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Ends stdin; what the process says after that can still be read. */
  finish(): void {
    this.#child.stdin.end();
  }

  /** Ends stdin and waits until the process is gone. */
  async end(): Promise<void> {
    const { exitCode, signalCode, pid } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.finish();
    await exited;
  }
}
