// `pnpm interop`: Kaon against real peers, each as offerer and as answerer.
import { defineCommand, runMain } from 'citty';
import { isPeerName, PEER_NAMES, type PeerName } from './peers/registry.ts';
import { runMatrix } from './run/matrix.ts';
import { ResultTable, ROLES, type Role } from './run/result-table.ts';
import { scenarios } from './scenarios/catalogue.ts';
import type { Scenario } from './scenarios/scenario.ts';

const say = (line: string) => console.log(line);

const command = defineCommand({
  meta: {
    name: 'interop',
    description: 'Runs Kaon against real peers, each as offerer and as answerer.',
  },
  args: {
    peer: { type: 'string', description: 'Only these peers, separated by commas' },
    scenario: { type: 'string', description: 'Only these scenarios, separated by commas' },
    role: { type: 'string', description: 'Only this role of the peer: offerer or answerer' },
    'kaon-replacement': {
      type: 'string',
      description: 'Another peer in the place of Kaon, to test this harness',
    },
    list: { type: 'boolean', description: 'List peers and scenarios and end' },
  },
  run: async ({ args }) => {
    if (args.list) return list();
    const subject = peerName(args['kaon-replacement'] ?? 'kaon');
    const others = PEER_NAMES.filter((name) => name !== 'kaon');
    const table = new ResultTable();
    const start = performance.now();
    await runMatrix(
      {
        subject,
        peers: chosen(args.peer)?.map(peerName) ?? others,
        roles: chosen(args.role)?.map(role) ?? ROLES,
        scenarios: chosen(args.scenario)?.map(scenario) ?? scenarios,
        start: { nodeArguments: ['--conditions=kaon-source'] },
      },
      table,
      say,
    );
    say(`\n${table.format()}`);
    say(`\n${((performance.now() - start) / 1000).toFixed(0)} s in all`);
    say(table.summary());
    process.exitCode = table.count('failed') === 0 ? 0 : 1;
  },
});

function list(): void {
  say('peers:');
  for (const name of PEER_NAMES) say(`  ${name}`);
  say('scenarios:');
  for (const { name, about } of scenarios) say(`  ${name.padEnd(28)} ${about}`);
}

function chosen(names: string | undefined): readonly string[] | undefined {
  return names?.split(',').map((name) => name.trim());
}

function peerName(name: string): PeerName {
  if (isPeerName(name)) return name;
  throw new RangeError(`no peer named ${name}; there are ${PEER_NAMES.join(', ')}`);
}

function role(name: string): Role {
  const found = ROLES.find((known) => known === name);
  if (found === undefined) throw new RangeError(`no role named ${name}; there are ${ROLES}`);
  return found;
}

function scenario(name: string): Scenario {
  const found = scenarios.find((known) => known.name === name);
  if (found === undefined) throw new RangeError(`no scenario named ${name}; see --list`);
  return found;
}

await runMain(command);
