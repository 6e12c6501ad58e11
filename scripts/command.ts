// Running other programs.
import { spawnSync } from 'node:child_process';

export interface Finished {
  readonly status: number;
  /** What the command printed, standard output first, then standard error. */
  readonly output: string;
}

/** Runs a command to its end and keeps its output; a command killed or not found has status 1. */
export function run(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly timeoutSeconds?: number;
  },
): Finished {
  const result = spawnSync(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: (options.timeoutSeconds ?? 600) * 1000,
    maxBuffer: 64 * 1024 * 1024,
  });
  const trouble = result.error === undefined ? '' : `\n${result.error.message}`;
  return { status: result.status ?? 1, output: `${result.stdout}${result.stderr}${trouble}` };
}

/** The environment of a person's shell: without what package managers add for their scripts. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|node_path$)/i.test(name)),
  );
  const path = (process.env.PATH ?? '').split(':');
  return {
    ...environment,
    PATH: path
      .filter((folder) => !/node_modules|node-gyp-bin|[/\\]_npx[/\\]/.test(folder))
      .join(':'),
  };
}
