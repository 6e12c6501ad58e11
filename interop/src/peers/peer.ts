// A running peer, as the harness sees it: commands out, events in.
import type { CommandArgs, CommandName, CommandResult, PeerEvent } from '../control/protocol.ts';

export interface Peer {
  readonly name: string;
  /** The one process of the peer; undefined for a browser, which is many. */
  readonly pid: number | undefined;
  /** True once the peer has ended by itself or by `stop`; it takes no more commands then. */
  readonly hasEnded: boolean;
  call<N extends CommandName>(command: N, args: CommandArgs<N>): Promise<CommandResult<N>>;
  /** Every event of one connection goes to `listener` from now on. */
  listen(connection: string, listener: (event: PeerEvent) => void): void;
  unlisten(connection: string): void;
  /** Ends the peer's process and waits until it is gone. */
  stop(): Promise<void>;
}

/** The peer refused a command, or ended before it answered. */
export class PeerError extends Error {
  readonly code: 'PEER_COMMAND_FAILED' | 'PEER_ENDED';

  constructor(code: PeerError['code'], message: string) {
    super(message);
    this.name = 'PeerError';
    this.code = code;
  }
}
