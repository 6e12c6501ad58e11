// `pnpm soak`: mixed traffic for half an hour of virtual time and three real minutes, and a gibibyte through
// streams. Exit code 1 if anything was lost, left over, or grew.
import { defineCommand, runMain } from 'citty';
import { soakReal } from './real.ts';
import { soakSimulated } from './simulated.ts';
import { soakStreams } from './streams.ts';

const PARTS = ['simulated', 'real', 'streams'] as const;
/** What may be left of a process that has closed everything: its own output. */
const OWN_RESOURCES = ['TTYWrap', 'PipeWrap', 'TTYWRAP', 'PIPEWRAP', 'FSReqCallback'];

const command = defineCommand({
  meta: { name: 'soak', description: 'Runs mixed traffic for long, and looks for what piles up' },
  args: {
    only: { type: 'string', description: `Only these of ${PARTS.join(', ')}, by commas` },
    simulated: { type: 'string', description: 'Virtual minutes', default: '30' },
    real: { type: 'string', description: 'Real minutes', default: '3' },
    mebibytes: { type: 'string', description: 'Size of the file sent by streams', default: '1024' },
    seed: { type: 'string', description: 'Of the simulation', default: 'soak' },
  },
  async run({ args }) {
    const parts = args.only?.split(',') ?? PARTS;
    let passed = 0;
    let failed = 0;
    const count = (isWell: boolean): void => {
      if (isWell) passed++;
      else failed++;
    };
    if (parts.includes('simulated')) count(await soakSimulated(Number(args.simulated), args.seed));
    if (parts.includes('real')) count(await soakReal(Number(args.real)));
    if (parts.includes('streams')) count(await soakStreams(Number(args.mebibytes)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const left = process.getActiveResourcesInfo().filter((each) => !OWN_RESOURCES.includes(each));
    console.log(left.length === 0 ? 'no handle is left' : `FAILED: left are ${left.join(', ')}`);
    count(left.length === 0);
    console.log(`${passed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  },
});

await runMain(command);
