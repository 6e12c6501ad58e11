// Groups packets that were sent together, and measures how far apart the groups were sent and arrived (draft-ietf-rmcat-gcc-02 §5.2 and §5.3, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.2).

/** §5.2: packets sent within it are one group. */
const BURST_TIME_MS = 5;
// Deviation: the draft puts every packet that arrives within burst_time of the one before into its group;
// as libwebrtc, a group goes on for 100 ms at the most, or a sender that never pauses would be one group.
const MAX_BURST_MS = 100;
/** So many groups in a row that arrived before their predecessors mean that the clock was set back. */
const MAX_REORDERED_GROUPS = 3;
/** The receiver's clock may run away from ours by as much between two groups. */
const MAX_CLOCK_JUMP_MS = 3000;

interface PacketGroup {
  isEmpty: boolean;
  firstSendTime: number;
  lastSendTime: number;
  firstArrival: number;
  lastArrival: number;
  /** When feedback told of the last of it, on our clock. */
  lastFeedback: number;
}

function emptyGroup(): PacketGroup {
  return {
    isEmpty: true,
    firstSendTime: 0,
    lastSendTime: 0,
    firstArrival: 0,
    lastArrival: 0,
    lastFeedback: 0,
  };
}

/** Turns packets into differences between groups. */
export class InterArrival {
  /** Of the last two complete groups: how much later the second was sent, and arrived. Valid after {@link add} said so. */
  sendDeltaMs = 0;
  arrivalDeltaMs = 0;
  #current: PacketGroup = emptyGroup();
  #previous: PacketGroup = emptyGroup();
  #reorderedGroups = 0;

  /**
   * Adds a packet.
   *
   * @returns whether it completed a group: the deltas are new.
   */
  add(sendTime: number, arrivalTime: number, feedbackTime: number): boolean {
    const group = this.#current;
    if (group.isEmpty) {
      this.#begin(group, sendTime, arrivalTime);
    } else if (sendTime < group.firstSendTime) {
      return false; // Reordered: its group is complete already.
    } else if (this.#isNewGroup(group, sendTime, arrivalTime)) {
      return this.#complete(sendTime, arrivalTime, feedbackTime);
    } else {
      group.lastSendTime = Math.max(group.lastSendTime, sendTime);
    }
    group.lastArrival = arrivalTime;
    group.lastFeedback = feedbackTime;
    return false;
  }

  /** Forgets all packets. */
  reset(): void {
    this.#current.isEmpty = true;
    this.#previous.isEmpty = true;
    this.#reorderedGroups = 0;
  }

  #begin(group: PacketGroup, sendTime: number, arrivalTime: number): void {
    group.isEmpty = false;
    group.firstSendTime = sendTime;
    group.lastSendTime = sendTime;
    group.firstArrival = arrivalTime;
  }

  #isNewGroup(group: PacketGroup, sendTime: number, arrivalTime: number): boolean {
    if (isBurst(group, sendTime, arrivalTime)) return false;
    return sendTime - group.firstSendTime > BURST_TIME_MS;
  }

  #complete(sendTime: number, arrivalTime: number, feedbackTime: number): boolean {
    const current = this.#current;
    const previous = this.#previous;
    let isMeasured = false;
    if (!previous.isEmpty) {
      this.sendDeltaMs = current.lastSendTime - previous.lastSendTime;
      this.arrivalDeltaMs = current.lastArrival - previous.lastArrival;
      const elapsedHere = current.lastFeedback - previous.lastFeedback;
      if (this.arrivalDeltaMs - elapsedHere >= MAX_CLOCK_JUMP_MS) {
        this.reset();
        return false;
      }
      if (this.arrivalDeltaMs < 0) {
        this.#reorderedGroups++;
        if (this.#reorderedGroups >= MAX_REORDERED_GROUPS) this.reset();
        return false;
      }
      this.#reorderedGroups = 0;
      isMeasured = true;
    }
    this.#previous = current;
    this.#current = previous;
    this.#begin(previous, sendTime, arrivalTime);
    previous.lastArrival = arrivalTime;
    previous.lastFeedback = feedbackTime;
    return isMeasured;
  }
}

// §5.2: packets that were held up somewhere and then came all at once say nothing about a queue.
function isBurst(group: PacketGroup, sendTime: number, arrivalTime: number): boolean {
  const sendDelta = sendTime - group.lastSendTime;
  if (sendDelta === 0) return true;
  const arrivalDelta = arrivalTime - group.lastArrival;
  return (
    arrivalDelta - sendDelta < 0 &&
    arrivalDelta <= BURST_TIME_MS &&
    arrivalTime - group.firstArrival < MAX_BURST_MS
  );
}
