// Places in the kernel's memory for keystream made ahead: a packet's need not be copied there when it comes.

import { getKernel, KEYSTREAM_SLOT_LENGTH, KEYSTREAM_SLOTS, KernelAddress } from './kernel.ts';

/** What has a place, and can go on without it. */
export interface SlotOwner {
  /** Takes its keystream out of the place, which is another's from now on. */
  leaveSlot(): void;
}

/**
 * Who made keystream among the last so many may keep its place: where more take turns than there are
 * places, being driven out again and again would cost more than a place is worth.
 */
const RECENT = 16 * KEYSTREAM_SLOTS;

const owners: (SlotOwner | undefined)[] = new Array<undefined>(KEYSTREAM_SLOTS).fill(undefined);
/** When each owner made keystream last, counted by such occasions. */
const lastMade = new Float64Array(KEYSTREAM_SLOTS);
let now = 0;
const free: number[] = Array.from({ length: KEYSTREAM_SLOTS }, (_, i) => KEYSTREAM_SLOTS - 1 - i);
/** Where the search for a place goes on. */
let hand = 0;

/**
 * A place for the keystream that `owner` is about to make; -1 if all are taken by those who made some not
 * long ago.
 *
 * @param slot the place that it has already, or -1.
 */
export function takeSlot(owner: SlotOwner, slot: number): number {
  now++;
  const taken = slot >= 0 ? slot : (free.pop() ?? driveOut());
  if (taken < 0) return -1;
  owners[taken] = owner;
  lastMade[taken] = now;
  return taken;
}

/** Gives the place back, wiped already. */
export function giveSlotBack(slot: number): void {
  owners[slot] = undefined;
  free.push(slot);
}

/** The address of a place, of {@link KEYSTREAM_SLOT_LENGTH} bytes. */
export function slotAddress(slot: number): number {
  return KernelAddress.keystreamSlots + KEYSTREAM_SLOT_LENGTH * slot;
}

/** Looks at one place only: who asks often will find one in time. */
function driveOut(): number {
  const slot = hand;
  hand = (hand + 1) % KEYSTREAM_SLOTS;
  if (now - (lastMade[slot] as number) <= RECENT) return -1;
  owners[slot]?.leaveSlot();
  const address = slotAddress(slot);
  getKernel().memory.fill(0, address, address + KEYSTREAM_SLOT_LENGTH);
  return slot;
}
