// What an association tells the layer above.
import type { SctpError } from './errors.ts';
import type { AssociationStateName } from './state.ts';

/** Events in the order in which they happened; `closed` or `failed` is the last. */
export type SctpEvent =
  | {
      readonly type: 'connected';
      /** Streams that may be sent on: our wish or the peer's limit, whichever is less. */
      readonly outboundStreams: number;
      /** Streams the peer may send on. */
      readonly inboundStreams: number;
    }
  /** A message has arrived. `data` is memory of its own and fills its ArrayBuffer. */
  | {
      readonly type: 'message';
      readonly streamId: number;
      readonly ppid: number;
      readonly data: Uint8Array<ArrayBuffer>;
    }
  /** `bufferedAmount(streamId)` fell since the last event of this kind. */
  | { readonly type: 'buffered-amount'; readonly streamId: number }
  /** The peer has reset streams that it sends on (RFC 6525 §5.2.2). */
  | { readonly type: 'streams-reset'; readonly streamIds: readonly number[] }
  /** Streams reset by us; the peer has agreed. They start anew. */
  | { readonly type: 'streams-reset-done'; readonly streamIds: readonly number[] }
  /** The peer refused to have our streams reset. */
  | { readonly type: 'streams-reset-failed'; readonly streamIds: readonly number[] }
  /** The peer refused to reset streams that it sends on. */
  | { readonly type: 'incoming-reset-failed'; readonly streamIds: readonly number[] }
  /** All streams and TSNs of both directions started anew, at the wish of either side; nothing is lost by it. */
  | { readonly type: 'association-reset' }
  /** The peer refused that. */
  | { readonly type: 'association-reset-failed' }
  /** There are more streams now, at the wish of either side; the totals as in `connected`. */
  | {
      readonly type: 'streams-added';
      readonly outboundStreams: number;
      readonly inboundStreams: number;
    }
  /** The peer refused to have so many streams added. */
  | { readonly type: 'streams-refused'; readonly outgoing: number; readonly incoming: number }
  /** The peer started anew (RFC 9260 §5.2.4 A): what was not delivered is lost, all streams start anew. */
  | { readonly type: 'restarted' }
  /** The end, as one of both sides wished. */
  | { readonly type: 'closed' }
  /** The end, and why. */
  | { readonly type: 'failed'; readonly error: SctpError };

/** What `onTrace` is called with. Packets are views that are valid during the call only. */
export type SctpTraceEvent =
  | { readonly type: 'packet-received'; readonly now: number; readonly packet: Uint8Array }
  | { readonly type: 'packet-sent'; readonly now: number; readonly packet: Uint8Array }
  | { readonly type: 'state'; readonly now: number; readonly state: AssociationStateName };
