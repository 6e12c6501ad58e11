// Runs ffmpeg and tshark.
import { spawn, spawnSync } from 'node:child_process';

/** Whether `program` can be run. */
export function isThere(program: string): boolean {
  return spawnSync(program, ['-version'], { stdio: 'ignore' }).error === undefined;
}

/** The encoders of this ffmpeg. */
export function encoders(): ReadonlySet<string> {
  const { stdout } = spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' });
  return new Set(stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[1] ?? []));
}

/** A program under way: its output by lines, once it has ended well. */
export interface Running {
  readonly output: Promise<string>;
}

/** Starts `program`; its output fails if it does not end well within 60 s. */
export function start(program: string, args: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const output = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${program} ended with ${code ?? signal}: ${stderr.slice(-400)}`));
    });
  });
  return { output };
}

const QUIET = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];

/** Starts ffmpeg. */
export function ffmpeg(...args: string[]): Running {
  return start('ffmpeg', [...QUIET, ...args]);
}

/** The MD5 of each decoded frame of an input. */
export async function frameDigests(...input: string[]): Promise<string[]> {
  const output = await ffmpeg(...input, '-vsync', 'passthrough', '-f', 'framemd5', '-').output;
  return (
    output
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      // Stream, two timestamps, duration, size, and then the digest; side data may follow.
      .map((line) => line.split(',')[5]!.trim())
  );
}

/** The MD5 of all decoded samples of an input. */
export async function sampleDigest(...input: string[]): Promise<string> {
  return (await ffmpeg(...input, '-f', 'md5', '-').output).trim();
}
