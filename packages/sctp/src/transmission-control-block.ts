// What an association knows once both sides are known: the TCB (RFC 9260 §14, https://www.rfc-editor.org/rfc/rfc9260#section-14).

import type { Heartbeat } from './heartbeat.ts';
import type { Capabilities } from './parameters/capabilities.ts';
import type { Receiver } from './rx/receiver.ts';
import type { StreamCounts } from './stream-counts.ts';
import type { StreamReconfiguration } from './stream-reconfiguration.ts';
import type { RtoEstimator } from './tx/rto-estimator.ts';
import type { Sender } from './tx/sender.ts';

/** The parts of an association that both INITs have made. */
export interface TransmissionControlBlock {
  readonly localTag: number;
  readonly peerTag: number;
  /** Tie-Tags of cookies made while this TCB lives: random, so that the tags stay secret (§5.2.2). */
  readonly localTieTag: number;
  readonly peerTieTag: number;
  readonly capabilities: Capabilities;
  readonly streams: StreamCounts;
  readonly rto: RtoEstimator;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly reconfiguration: StreamReconfiguration;
  readonly heartbeat: Heartbeat;
  /** Timeouts in a row that nothing was heard after (§8.1). */
  errorCount: number;
}
