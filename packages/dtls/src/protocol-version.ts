// Protocol versions on the wire: the ones' complement of the version, so newer ones are smaller.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.1

/** The version fields of records and hello messages. */
export const ProtocolVersion = {
  dtls10: 0xfeff,
  dtls12: 0xfefd,
  dtls13: 0xfefc,
} as const;
