// The states of an association, each with what it owns (RFC 9260 §4, https://www.rfc-editor.org/rfc/rfc9260#section-4).
import type { Timer } from '@kaon/wire';
import type { SctpError } from './errors.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/** What our own INIT and INIT ACK say, needed until the association is there. */
export interface LocalInit {
  readonly tag: number;
  readonly initialTsn: number;
}

/** The COOKIE ECHO, until it is acknowledged. */
export interface CookieEcho {
  readonly cookie: Uint8Array;
  isDue: boolean;
  /** The first may have user data behind it (RFC 9260 §5.1 C); later ones go alone. */
  mayCarryData: boolean;
}

/**
 * In the order of the protocol. `new` is the RFC's CLOSED before an association, in which a peer's INIT is
 * answered; `closed` and `failed` come after one and are final.
 */
export type AssociationState =
  | { readonly name: 'new'; readonly init: LocalInit }
  | {
      readonly name: 'cookie-wait';
      readonly init: LocalInit;
      isInitDue: boolean;
      readonly t1: Timer;
    }
  | {
      readonly name: 'cookie-echoed';
      readonly init: LocalInit;
      readonly echo: CookieEcho;
      readonly t1: Timer;
      readonly tcb: TransmissionControlBlock;
    }
  | { readonly name: 'established'; readonly tcb: TransmissionControlBlock }
  | { readonly name: 'shutdown-pending'; readonly tcb: TransmissionControlBlock }
  | { readonly name: 'shutdown-sent'; readonly tcb: TransmissionControlBlock; readonly t2: Timer }
  | { readonly name: 'shutdown-received'; readonly tcb: TransmissionControlBlock }
  | {
      readonly name: 'shutdown-ack-sent';
      readonly tcb: TransmissionControlBlock;
      readonly t2: Timer;
    }
  | { readonly name: 'closed' }
  | { readonly name: 'failed'; readonly error: SctpError };

/** The names of the states. */
export type AssociationStateName = AssociationState['name'];
