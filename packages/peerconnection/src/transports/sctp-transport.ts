// RTCSctpTransport.
// https://www.w3.org/TR/webrtc/#rtcsctptransport-interface

import {
  type EventHandler,
  eventHandler,
  type ReadEventHandler,
  setEventHandler,
  TypedEventTarget,
} from '../event-target.ts';
import type { RTCKaonSctpStats } from '../stats/report.ts';
import { defineInterface } from '../web-idl.ts';
import type { RTCDtlsTransport } from './dtls-transport.ts';

export type RTCSctpTransportState = 'connecting' | 'connected' | 'closed';

export interface RTCSctpTransportEventMap {
  statechange: Event;
}

/** The internal slots, which the connection changes. */
export interface SctpTransportSlots {
  state: RTCSctpTransportState;
  maxMessageSize: number;
  maxChannels: number | null;
  /** What is measured now; undefined before there is an association. */
  readonly statistics: () => RTCKaonSctpStats | undefined;
}

/** The SCTP association that carries the data channels. */
export class RTCSctpTransport extends TypedEventTarget<RTCSctpTransportEventMap> {
  readonly #slots: SctpTransportSlots;
  readonly #transport: RTCDtlsTransport;

  /** Not for applications. */
  constructor(slots: SctpTransportSlots, transport: RTCDtlsTransport) {
    super();
    if (slots === undefined) throw new TypeError('Illegal constructor.');
    this.#slots = slots;
    this.#transport = transport;
  }

  get transport(): RTCDtlsTransport {
    return this.#transport;
  }

  get state(): RTCSctpTransportState {
    return this.#slots.state;
  }

  /**
   * The largest message that `send` takes, in bytes.
   *
   * Deviation: 65536, the default of RFC 8841, before an answer has been applied, where the draft of the
   * W3C now says null, because TypeScript's `lib.dom` and all browsers have a number.
   */
  get maxMessageSize(): number {
    return this.#slots.maxMessageSize;
  }

  /** How many channels there can be; null until connected. */
  get maxChannels(): number | null {
    return this.#slots.maxChannels;
  }

  /**
   * Kaon's own: what SCTP measures now, the same as in `getStats()` but at once; undefined before there is
   * an association.
   */
  get statistics(): RTCKaonSctpStats | undefined {
    return this.#slots.statistics();
  }

  get onstatechange(): ReadEventHandler {
    return eventHandler(this, 'statechange');
  }

  set onstatechange(handler: EventHandler<Event>) {
    setEventHandler(this, 'statechange', handler);
  }
}

defineInterface(RTCSctpTransport, 'RTCSctpTransport');
