// The whole run: every peer, in both roles, through every scenario, one line for each.
import { whyUnableTogether } from '../peers/limits.ts';
import { type PeerName, peerKind, type StartOptions } from '../peers/registry.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { PeerPair } from './peer-pair.ts';
import type { Cell, ResultTable, Role } from './result-table.ts';
import { runScenario } from './scenario-run.ts';

export interface MatrixOptions {
  readonly subject: PeerName;
  readonly peers: readonly PeerName[];
  readonly roles: readonly Role[];
  readonly scenarios: readonly Scenario[];
  readonly start: StartOptions;
}

export async function runMatrix(
  options: MatrixOptions,
  table: ResultTable,
  say: (line: string) => void,
): Promise<void> {
  const subjectMissing = await peerKind(options.subject).prepare(say);
  for (const name of options.peers) {
    const missing =
      subjectMissing ??
      whyUnableTogether(options.subject, name) ??
      (await peerKind(name).prepare(say));
    if (missing === undefined) await runPeer(options, name, table, say);
    else skipPeer(options, name, missing, table, say);
  }
}

async function runPeer(
  options: MatrixOptions,
  name: PeerName,
  table: ResultTable,
  say: (line: string) => void,
): Promise<void> {
  const pair = new PeerPair(peerKind(options.subject), peerKind(name), options.start);
  try {
    await sayVersions(pair, say);
    for (const role of options.roles) {
      for (const scenario of options.scenarios) {
        const cell = await runCell(pair, role, scenario);
        table.set(scenario.name, name, role, cell);
        say(line(options.subject, name, role, scenario, cell));
        // A failure may have left anything behind in either process.
        if (cell.outcome === 'failed') await pair.stop();
      }
    }
  } finally {
    await pair.stop();
  }
}

async function runCell(pair: PeerPair, role: Role, scenario: Scenario): Promise<Cell> {
  try {
    const { subject, other } = await pair.get();
    const result =
      role === 'offerer'
        ? await runScenario(scenario, other, subject, 'answerer')
        : await runScenario(scenario, subject, other, 'offerer');
    const { tookMs, notes, reason } = result;
    return { outcome: result.isPassed ? 'passed' : 'failed', tookMs, notes, reason };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { outcome: 'failed', tookMs: 0, notes: [], reason };
  }
}

function skipPeer(
  options: MatrixOptions,
  name: PeerName,
  reason: string,
  table: ResultTable,
  say: (line: string) => void,
): void {
  say(`skip  ${name}: ${reason}`);
  for (const role of options.roles) {
    for (const scenario of options.scenarios) {
      table.set(scenario.name, name, role, { outcome: 'skipped', tookMs: 0, notes: [], reason });
    }
  }
}

async function sayVersions(pair: PeerPair, say: (line: string) => void): Promise<void> {
  try {
    const { subject, other } = await pair.get();
    const described = await Promise.all([subject, other].map((peer) => peer.call('describe', {})));
    const names = described.map(({ name, version, runtime }) => `${name} ${version} (${runtime})`);
    say(`\n${names.join(' with ')}`);
  } catch {
    // The first scenario meets the same fault and reports it.
  }
}

function line(
  subject: PeerName,
  name: PeerName,
  role: Role,
  scenario: Scenario,
  { outcome, tookMs, notes, reason }: Cell,
): string {
  const [from, to] = role === 'offerer' ? [name, subject] : [subject, name];
  const words = outcome === 'passed' ? 'ok  ' : 'FAIL';
  const time = `${Math.round(tookMs)} ms`.padStart(9);
  const head = `${words}  ${`${from} → ${to}`.padEnd(36)} ${scenario.name.padEnd(28)} ${time}`;
  const tail = [...(reason === undefined ? [] : [reason]), ...notes];
  return tail.length === 0 ? head : `${head}  ${tail.join('; ')}`;
}
