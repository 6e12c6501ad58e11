// Protection of a stream that ffmpeg and we exchange (RFC 4568), where there is any.

/** Our end of the protection; RTP and RTCP are told apart inside. */
export interface Protection {
  /** The crypto suite by its name in `a=crypto` (RFC 4568 §6.2). */
  readonly suite: string;
  /** Master key and salt in base64, as `inline:` has them. */
  readonly inlineKey: string;
  /** `packet` protected, in memory of its own. */
  readonly protect: (packet: Uint8Array) => Uint8Array;
  /** `packet` unprotected, in memory of its own. @throws if it is dropped. */
  readonly unprotect: (packet: Uint8Array) => Uint8Array;
}
