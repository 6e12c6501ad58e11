// RTCError and RTCErrorEvent.
// https://www.w3.org/TR/webrtc/#rtcerror-interface

import type { EventOptions } from './event-target.ts';

/** What kind of WebRTC error it is. */
export type RTCErrorDetailType =
  | 'data-channel-failure'
  | 'dtls-failure'
  | 'fingerprint-failure'
  | 'sctp-failure'
  | 'sdp-syntax-error'
  | 'hardware-encoder-not-available'
  | 'hardware-encoder-error';

export interface RTCErrorInit {
  errorDetail: RTCErrorDetailType;
  sdpLineNumber?: number;
  sctpCauseCode?: number;
  receivedAlert?: number;
  sentAlert?: number;
}

/** A `DOMException` called `OperationError` with the details of WebRTC. */
export class RTCError extends DOMException {
  readonly errorDetail: RTCErrorDetailType;
  /** Counted from 1, with `sdp-syntax-error`. */
  readonly sdpLineNumber: number | null;
  /** The cause code of the ABORT, with `sctp-failure`. */
  readonly sctpCauseCode: number | null;
  /** With `dtls-failure`, if a fatal alert came. */
  readonly receivedAlert: number | null;
  /** With `dtls-failure`, if a fatal alert was sent. */
  readonly sentAlert: number | null;

  constructor(init: RTCErrorInit, message = '') {
    super(message, 'OperationError');
    this.errorDetail = init.errorDetail;
    this.sdpLineNumber = init.sdpLineNumber ?? null;
    this.sctpCauseCode = init.sctpCauseCode ?? null;
    this.receivedAlert = init.receivedAlert ?? null;
    this.sentAlert = init.sentAlert ?? null;
  }
}

export interface RTCErrorEventInit extends EventOptions {
  error: RTCError;
}

/** The event that tells of an {@link RTCError}. */
export class RTCErrorEvent extends Event {
  readonly error: RTCError;

  constructor(type: string, eventInitDict: RTCErrorEventInit) {
    super(type, eventInitDict);
    this.error = eventInitDict.error;
  }
}
