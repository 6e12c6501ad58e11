// What is measured, one column of a table each: a stack, and how it is started.
import { type Peer, type PeerKind, type PeerName, peerKind } from '@kaon/interop/peers';

export interface Subject {
  /** The head of its column. */
  readonly label: string;
  readonly peer: PeerName;
  /** Name, version and runtime, for the report. */
  readonly version: string;
}

/** How one of a subject's processes is started. */
export interface Placement {
  readonly nodeArguments?: readonly string[];
  /** Puts the process into a network namespace. */
  readonly launcher?: readonly string[];
}

export function startPeer(subject: Subject, placement: Placement): Promise<Peer> {
  return peerKind(subject.peer).start(placement);
}

/** Leaves out what cannot be had or started, and says why; that also fails the run. */
export async function availableSubjects(
  names: readonly PeerName[],
  say: (line: string) => void,
): Promise<readonly Subject[]> {
  const found: Subject[] = [];
  for (const name of names) {
    const kind = peerKind(name);
    try {
      const missing = await kind.prepare(say);
      if (missing === undefined) {
        found.push({ label: name, peer: name, version: await versionOf(kind) });
      } else say(`without ${name}: ${missing}`);
    } catch (error) {
      say(`without ${name}: ${reasonOf(name, error)}`);
      process.exitCode = 1;
    }
  }
  if (found.length === 0) throw new RangeError('none of the peers is available');
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
