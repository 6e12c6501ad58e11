// How a link treats the packets of one direction: delay, loss, rate and the rest, with what is allowed.

/**
 * Loss in bursts: a link that is now good, now bad (the Gilbert–Elliott model). Each packet first moves
 * the link from one state to the other with the probability given, then is lost with that state's.
 */
export interface GilbertElliott {
  /** Probability that a good link turns bad before a packet. */
  readonly toBad: number;
  /** Probability that a bad link turns good before a packet. */
  readonly toGood: number;
  /** Loss while good; 0 by default. */
  readonly lossWhenGood?: number;
  /** Loss while bad; 1 by default. */
  readonly lossWhenBad?: number;
}

/** A stretch of virtual time: from `fromMs` on, until just before `toMs`. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What happens to the packets of one direction of a link. Without any of these, nothing does. */
export interface LinkConditions {
  /** Time on the wire, in milliseconds. */
  readonly latencyMs?: number;
  /** Up to so many milliseconds more, drawn uniformly for each packet. */
  readonly jitterMs?: number;
  /** Whether jitter may let packets overtake each other; false by default. */
  readonly jitterReorders?: boolean;
  /** Probability that a packet is lost, or the model of loss in bursts. */
  readonly loss?: number | GilbertElliott;
  /** Probability that a packet arrives twice. */
  readonly duplication?: number;
  /** Probability that a packet is held back, so that later ones overtake it. */
  readonly reordering?: number;
  /** How long a reordered packet is held back, in milliseconds; 10 by default. */
  readonly reorderingDelayMs?: number;
  /** Probability that one bit of the payload is flipped, unnoticed by UDP's checksum. */
  readonly corruption?: number;
  /** Bits a second that the link can send; Infinity by default. Whole IP packets count. */
  readonly rateBps?: number;
  /**
   * Bytes that may wait or be in sending when the rate is limited; 65536 by default. A packet counts
   * whole until its last bit has left; one that does not fit is dropped.
   */
  readonly queueBytes?: number;
  /** As many packets may wait or be in sending; Infinity by default. */
  readonly queuePackets?: number;
  /** Largest IP packet, with its headers, in bytes; larger ones are dropped. Infinity by default. */
  readonly mtu?: number;
  /** When the link is down: what enters it then is lost. */
  readonly outages?: readonly Outage[];
}

/** The conditions of a whole link: for both directions, with exceptions for either. */
export interface LinkOptions extends LinkConditions {
  /** From the attached host or router towards the subnet: upload. */
  readonly outbound?: LinkConditions;
  /** From the subnet to the attached host or router: download. */
  readonly inbound?: LinkConditions;
}

/** Conditions with nothing left open. */
export type ResolvedConditions = Required<LinkConditions>;

/** A link that changes nothing. */
export const PERFECT: ResolvedConditions = {
  latencyMs: 0,
  jitterMs: 0,
  jitterReorders: false,
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderingDelayMs: 10,
  corruption: 0,
  rateBps: Number.POSITIVE_INFINITY,
  queueBytes: 65536,
  queuePackets: Number.POSITIVE_INFINITY,
  mtu: Number.POSITIVE_INFINITY,
  outages: [],
};

/**
 * Loss in bursts by what one sees of it: the share of packets lost, and how many in a row on average.
 *
 * @throws RangeError if there can be no such loss: a burst is at least 1 packet, and losing nearly
 * everything in short bursts would take a link that turns bad more than always.
 */
export function burstyLoss(rate: number, meanBurstPackets: number): GilbertElliott {
  const toGood = 1 / meanBurstPackets;
  const toBad = (rate * toGood) / (1 - rate);
  if (!(rate >= 0 && rate < 1 && meanBurstPackets >= 1 && toBad <= 1)) {
    throw new RangeError(`No bursts of ${meanBurstPackets} packets can make a loss of ${rate}.`);
  }
  return { toBad, toGood };
}

/**
 * `changes` put over `base`.
 *
 * @throws RangeError if a probability is not from 0 to 1, or an amount is negative.
 */
export function resolveConditions(
  base: ResolvedConditions,
  changes: LinkConditions,
): ResolvedConditions {
  const conditions = { ...base, ...changes };
  const { loss } = conditions;
  const lossProbabilities =
    typeof loss === 'number'
      ? { loss }
      : {
          toBad: loss.toBad,
          toGood: loss.toGood,
          lossWhenGood: loss.lossWhenGood ?? 0,
          lossWhenBad: loss.lossWhenBad ?? 1,
        };
  const { duplication, reordering, corruption } = conditions;
  for (const [name, value] of Object.entries({
    ...lossProbabilities,
    duplication,
    reordering,
    corruption,
  })) {
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(`${name} is a probability from 0 to 1, not ${value}.`);
    }
  }
  const { latencyMs, jitterMs, reorderingDelayMs, rateBps, queueBytes, queuePackets, mtu } =
    conditions;
  for (const [name, value] of Object.entries({
    latencyMs,
    jitterMs,
    reorderingDelayMs,
    queueBytes,
    queuePackets,
    mtu,
  })) {
    if (!(value >= 0)) throw new RangeError(`${name} is 0 or more, not ${value}.`);
  }
  if (!(rateBps > 0)) {
    throw new RangeError(`rateBps is more than 0, not ${rateBps}; outages stop a link.`);
  }
  return conditions;
}
