// Every peer by name: what it needs on the machine and how it is started.
import { fileURLToPath } from 'node:url';
import { CHROMIUM_PATH, ChromiumPeer } from './chromium-peer.ts';
import { type DebianNeed, ensureInstalled } from './debian.ts';
import type { Peer } from './peer.ts';
import { buildPion, pionNeeds } from './pion-build.ts';
import { ProcessPeer } from './process-peer.ts';

export const PEER_NAMES = [
  'kaon',
  'chromium',
  'pion',
  'werift',
  'node-datachannel',
  'roamhq-wrtc',
] as const;
export type PeerName = (typeof PEER_NAMES)[number];

export interface StartOptions {
  /** Node's own arguments for peers that run in Node, such as `--conditions=kaon-source`. */
  readonly nodeArguments?: readonly string[];
  /** The beginning of the command line that starts the peer's program, such as `nsenter` with its arguments. */
  readonly launcher?: readonly string[];
}

export interface PeerKind {
  readonly name: PeerName;
  /** Installs what is missing; a sentence says what could not be had. */
  prepare(say: (line: string) => void): Promise<string | undefined>;
  start(options: StartOptions): Promise<Peer>;
}

function nodePeer(name: PeerName): PeerKind {
  const program = fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url));
  return {
    name,
    // npm dependencies: a stack without a binary for this machine says so when it starts.
    prepare: async () => undefined,
    start: async ({ nodeArguments = [], launcher = [] }) =>
      new ProcessPeer(name, [...launcher, process.execPath, ...nodeArguments, program]),
  };
}

function debianPeer(
  name: PeerName,
  needs: readonly DebianNeed[],
  start: PeerKind['start'],
): PeerKind {
  return {
    name,
    prepare: async (say) => {
      for (const need of needs) {
        const missing = await ensureInstalled(need, say);
        if (missing !== undefined) return missing;
      }
      return undefined;
    },
    start,
  };
}

const kinds: Readonly<Record<PeerName, PeerKind>> = {
  kaon: nodePeer('kaon'),
  chromium: debianPeer('chromium', [{ file: CHROMIUM_PATH, packages: ['chromium'] }], () =>
    ChromiumPeer.start(),
  ),
  pion: debianPeer(
    'pion',
    pionNeeds,
    async ({ launcher = [] }) => new ProcessPeer('pion', [...launcher, await buildPion()]),
  ),
  werift: nodePeer('werift'),
  'node-datachannel': nodePeer('node-datachannel'),
  'roamhq-wrtc': nodePeer('roamhq-wrtc'),
};

export function peerKind(name: PeerName): PeerKind {
  return kinds[name];
}

export function isPeerName(name: string): name is PeerName {
  return (PEER_NAMES as readonly string[]).includes(name);
}
