// Tells a packet that comes late, or again, from one of a source that began anew with numbers that were here before (RFC 3550 §A.1, §5.1, https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1).
import { serialDistance32 } from '@kaon/wire';

/** What was sent before the newest packet is no newer, but for frames that are sent out of their order. */
const MAX_AHEAD_S = 1;
/** No path holds packets back for longer. */
const MAX_BEHIND_S = 60;

/**
 * Whether a packet with `timestamp` cannot have been sent before the newest, whatever its sequence number
 * says: it is ahead of `newest` by more than a second, or behind it by more than a minute.
 */
export function isUnrelatedTimestamp(
  timestamp: number,
  newest: number,
  clockRate: number,
): boolean {
  const ahead = serialDistance32(timestamp, newest);
  return ahead > MAX_AHEAD_S * clockRate || ahead < -MAX_BEHIND_S * clockRate;
}
