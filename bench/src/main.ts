// `pnpm bench [datachannel | path | rtp | srtp]`: Kaon side by side with its peers.
//
// The peers run under plain `node`, without the workspace's source condition: Kaon is measured as
// its users run it, from its build. Run `pnpm build` first.
import { runDatachannelCommand } from './datachannel-command.ts';
import { runPathCommand } from './path/command.ts';
import { runRtpCommand } from './rtp/command.ts';
import { runSrtpCommand } from './srtp/command.ts';

const [name, ...rest] = process.argv.slice(2);

if (name === 'path') await runPathCommand(rest);
else if (name === 'rtp') await runRtpCommand(rest);
else if (name === 'srtp') await runSrtpCommand(rest);
else {
  const isOmitted = name === undefined || name.startsWith('-');
  if (!isOmitted && name !== 'datachannel') {
    throw new RangeError(`no bench named ${name}; there are datachannel, path, rtp and srtp`);
  }
  await runDatachannelCommand(isOmitted ? process.argv.slice(2) : rest);
}
