// Alerts. https://www.rfc-editor.org/rfc/rfc5246#section-7.2
//
//   struct { AlertLevel level; AlertDescription description; } Alert;

/** How much an alert matters. */
export const AlertLevel = { warning: 1, fatal: 2 } as const;

/** What an alert says; all that DTLS 1.2 peers send, and we may receive. */
export const AlertDescription = {
  closeNotify: 0,
  unexpectedMessage: 10,
  badRecordMac: 20,
  recordOverflow: 22,
  handshakeFailure: 40,
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateRevoked: 44,
  certificateExpired: 45,
  certificateUnknown: 46,
  illegalParameter: 47,
  unknownCa: 48,
  accessDenied: 49,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  insufficientSecurity: 71,
  internalError: 80,
  userCanceled: 90,
  noRenegotiation: 100,
  unsupportedExtension: 110,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(AlertDescription).map(([name, value]) => [
    value,
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ]),
);

/** One alert. */
export interface Alert {
  readonly level: number;
  readonly description: number;
}

/** The alert in a record's content; undefined if it is none. */
export function decodeAlert(content: Uint8Array): Alert | undefined {
  if (content.length !== 2) return undefined;
  const level = content[0] as number;
  if (level !== AlertLevel.warning && level !== AlertLevel.fatal) return undefined;
  return { level, description: content[1] as number };
}

/** The two bytes of `alert`. */
export function encodeAlert(alert: Alert): Uint8Array {
  return Uint8Array.of(alert.level, alert.description);
}

/** The RFC's name of an alert, such as `bad_certificate`, or `alert 123` for one not known. */
export function alertName(description: number): string {
  return NAMES.get(description) ?? `alert ${description}`;
}
