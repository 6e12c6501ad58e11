// The priorities of data channels: the W3C's words and DCEP's numbers.
// https://www.w3.org/TR/webrtc-priority/#rtc-priority-type https://www.rfc-editor.org/rfc/rfc8831#section-6.4

/** How much of what can be sent a channel gets, beside others: each step is twice the share. */
export type RTCPriorityType = 'very-low' | 'low' | 'medium' | 'high';

const DCEP_PRIORITIES: Readonly<Record<RTCPriorityType, number>> = {
  'very-low': 128,
  low: 256,
  medium: 512,
  high: 1024,
};

/** The words. */
export const PRIORITIES: readonly RTCPriorityType[] = ['very-low', 'low', 'medium', 'high'];

/** The number in DATA_CHANNEL_OPEN, which is also the weight of the stream. */
export function priorityNumber(priority: RTCPriorityType): number {
  return DCEP_PRIORITIES[priority];
}

/** The word for a number of the peer's: the next above (webrtc-priority §4). */
export function priorityWord(number: number): RTCPriorityType {
  if (number <= DCEP_PRIORITIES['very-low']) return 'very-low';
  if (number <= DCEP_PRIORITIES.low) return 'low';
  if (number <= DCEP_PRIORITIES.medium) return 'medium';
  return 'high';
}
