// Which of the wanted peers this machine can run, and in what version.
import { type PeerKind, type PeerName, peerKind } from '@kaon/interop/peers';

export interface AvailablePeer {
  readonly name: PeerName;
  /** Name, version and runtime, for the report. */
  readonly version: string;
}

/** Leaves out what cannot be had or started, and says why; that also fails the run. */
export async function availablePeers(
  names: readonly PeerName[],
  say: (line: string) => void,
): Promise<readonly AvailablePeer[]> {
  const found: AvailablePeer[] = [];
  for (const name of names) {
    const kind = peerKind(name);
    try {
      const missing = await kind.prepare(say);
      if (missing === undefined) found.push({ name, version: await versionOf(kind) });
      else say(`without ${name}: ${missing}`);
    } catch (error) {
      say(`without ${name}: ${reasonOf(name, error)}`);
      process.exitCode = 1;
    }
  }
  return found;
}

async function versionOf(kind: PeerKind): Promise<string> {
  const peer = await kind.start({});
  try {
    const { name, version, runtime } = await peer.call('describe', {});
    return `${name} ${version} (${runtime})`;
  } finally {
    await peer.stop();
  }
}

function reasonOf(name: PeerName, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const isUnbuilt = name === 'kaon' && text.includes('ERR_MODULE_NOT_FOUND');
  return isUnbuilt ? 'it is measured from its build; run `pnpm build` first' : text;
}
