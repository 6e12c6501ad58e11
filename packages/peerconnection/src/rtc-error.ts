// RTCError and RTCErrorEvent.
// https://www.w3.org/TR/webrtc/#rtcerror-interface

import type { EventOptions } from './event-target.ts';
import { defineInterface, toDictionary, toEnum, toInstance, toInt32 } from './web-idl.ts';

/** What kind of WebRTC error it is. */
export type RTCErrorDetailType =
  | 'data-channel-failure'
  | 'dtls-failure'
  | 'fingerprint-failure'
  | 'sctp-failure'
  | 'sdp-syntax-error'
  | 'hardware-encoder-not-available'
  | 'hardware-encoder-error';

const DETAILS: readonly RTCErrorDetailType[] = [
  'data-channel-failure',
  'dtls-failure',
  'fingerprint-failure',
  'sctp-failure',
  'sdp-syntax-error',
  'hardware-encoder-not-available',
  'hardware-encoder-error',
];

export interface RTCErrorInit {
  errorDetail: RTCErrorDetailType;
  sdpLineNumber?: number;
  sctpCauseCode?: number;
  receivedAlert?: number;
  sentAlert?: number;
}

/** A `DOMException` called `OperationError` with the details of WebRTC. */
export class RTCError extends DOMException {
  readonly #errorDetail: RTCErrorDetailType;
  readonly #sdpLineNumber: number | null;
  readonly #sctpCauseCode: number | null;
  readonly #receivedAlert: number | null;
  readonly #sentAlert: number | null;

  /** @throws TypeError if `errorDetail` is missing or unknown. */
  constructor(init: RTCErrorInit, message = '') {
    super(message, 'OperationError');
    const { errorDetail, receivedAlert, sctpCauseCode, sdpLineNumber, sentAlert } = toDictionary(
      init,
      'The details',
    );
    this.#errorDetail = toEnum(errorDetail, DETAILS, 'errorDetail');
    this.#sdpLineNumber = sdpLineNumber === undefined ? null : toInt32(sdpLineNumber);
    this.#sctpCauseCode = sctpCauseCode === undefined ? null : toInt32(sctpCauseCode);
    this.#receivedAlert = receivedAlert === undefined ? null : toInt32(receivedAlert) >>> 0;
    this.#sentAlert = sentAlert === undefined ? null : toInt32(sentAlert) >>> 0;
  }

  get errorDetail(): RTCErrorDetailType {
    return this.#errorDetail;
  }

  /** Counted from 1, with `sdp-syntax-error`. */
  get sdpLineNumber(): number | null {
    return this.#sdpLineNumber;
  }

  /** The cause code of the ABORT, with `sctp-failure`. */
  get sctpCauseCode(): number | null {
    return this.#sctpCauseCode;
  }

  /** With `dtls-failure`, if a fatal alert came. */
  get receivedAlert(): number | null {
    return this.#receivedAlert;
  }

  /** With `dtls-failure`, if a fatal alert was sent. */
  get sentAlert(): number | null {
    return this.#sentAlert;
  }
}

defineInterface(RTCError, 'RTCError');

export interface RTCErrorEventInit extends EventOptions {
  error: RTCError;
}

/** The event that tells of an {@link RTCError}. */
export class RTCErrorEvent extends Event {
  readonly #error: RTCError;

  /** @throws TypeError if `error` is missing or no {@link RTCError}. */
  constructor(type: string, eventInitDict: RTCErrorEventInit) {
    super(type, eventInitDict);
    this.#error = toInstance(toDictionary(eventInitDict, 'The event').error, RTCError, 'error');
  }

  get error(): RTCError {
    return this.#error;
  }
}

defineInterface(RTCErrorEvent, 'RTCErrorEvent');
