// RTCDtlsTransport.
// https://www.w3.org/TR/webrtc/#rtcdtlstransport-interface

import {
  type EventHandler,
  eventHandler,
  type ReadEventHandler,
  setEventHandler,
  TypedEventTarget,
} from '../event-target.ts';
import type { RTCErrorEvent } from '../rtc-error.ts';
import { defineInterface } from '../web-idl.ts';
import type { RTCIceTransport } from './ice-transport.ts';

export type RTCDtlsTransportState = 'new' | 'connecting' | 'connected' | 'closed' | 'failed';

export interface RTCDtlsTransportEventMap {
  statechange: Event;
  error: RTCErrorEvent;
}

/** The internal slots, which the connection changes. */
export interface DtlsTransportSlots {
  state: RTCDtlsTransportState;
  /** DER. */
  remoteCertificates: readonly Uint8Array[];
}

/** The encryption over an `RTCIceTransport`. */
export class RTCDtlsTransport extends TypedEventTarget<RTCDtlsTransportEventMap> {
  readonly #slots: DtlsTransportSlots;
  readonly #iceTransport: RTCIceTransport;

  /** Not for applications. */
  constructor(slots: DtlsTransportSlots, iceTransport: RTCIceTransport) {
    super();
    if (slots === undefined) throw new TypeError('Illegal constructor.');
    this.#slots = slots;
    this.#iceTransport = iceTransport;
  }

  get iceTransport(): RTCIceTransport {
    return this.#iceTransport;
  }

  get state(): RTCDtlsTransportState {
    return this.#slots.state;
  }

  /** The peer's certificates in DER, its own first; none before the handshake is done. */
  getRemoteCertificates(): ArrayBuffer[] {
    return this.#slots.remoteCertificates.map((der) => Uint8Array.from(der).buffer);
  }

  get onstatechange(): ReadEventHandler {
    return eventHandler(this, 'statechange');
  }

  set onstatechange(handler: EventHandler<Event>) {
    setEventHandler(this, 'statechange', handler);
  }

  get onerror(): ReadEventHandler {
    return eventHandler(this, 'error');
  }

  set onerror(handler: EventHandler<RTCErrorEvent>) {
    setEventHandler(this, 'error', handler);
  }
}

defineInterface(RTCDtlsTransport, 'RTCDtlsTransport');
