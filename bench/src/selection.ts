// What the command line names: peers, measurements, profiles, numbers.
import { isPeerName, type PeerName } from '@kaon/interop/peers';

const PEERS: readonly PeerName[] = ['kaon', 'werift', 'node-datachannel', 'roamhq-wrtc', 'pion'];

interface TextArgument {
  readonly type: 'string';
  readonly description: string;
}

export const PEER_ARGUMENT: TextArgument = {
  type: 'string',
  description: `Only these of ${PEERS.join(', ')}, by commas`,
};

export const MARKDOWN_ARGUMENT: TextArgument = {
  type: 'string',
  description: 'Also write the result to this file as Markdown',
};

/** The names in an argument that holds some, separated by commas. */
export function namesIn(argument: string | undefined): readonly string[] | undefined {
  return argument?.split(',').map((name) => name.trim());
}

export function selectedPeers(argument: string | undefined): readonly PeerName[] {
  return namesIn(argument)?.map(peerName) ?? PEERS;
}

/** @throws RangeError for anything but a whole number above 0. */
export function positiveNumber(name: string, argument: string): number {
  const value = Number(argument);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} wants a positive number, not ${argument}`);
}

function peerName(name: string): PeerName {
  if (isPeerName(name) && PEERS.includes(name)) return name;
  throw new RangeError(`no peer named ${name}; there are ${PEERS.join(', ')}`);
}
