// What a probe found: the rate at which its packets arrived (https://webrtc.googlesource.com/src/+/refs/heads/main/modules/congestion_controller/goog_cc/).
import type { ProbeCluster } from '../congestion-control.ts';
import type { PacketResult } from '../packet-result.ts';

/** So many of the packets, and bytes, must have arrived for a result. */
const MIN_RECEIVED_RATIO = 0.8;
const MAX_INTERVAL_MS = 1000;
/** Packets that arrive faster than they were sent were held up on the way; much faster says nothing. */
const MAX_RATIO = 2;
/** Below it the path was full, and its rate is what arrived; of which a little is left free. */
const MIN_UNSATURATED_RATIO = 0.9;
const TARGET_UTILIZATION = 0.95;
/** Clusters that are waited for. */
const MAX_CLUSTERS = 8;

interface ClusterArrivals {
  readonly cluster: ProbeCluster;
  packets: number;
  bytes: number;
  firstSend: number;
  lastSend: number;
  firstArrival: number;
  lastArrival: number;
  firstArrivalBytes: number;
  lastSendBytes: number;
}

/** Collects the packets of probes. */
export class ProbeBitrateEstimator {
  readonly #clusters: ClusterArrivals[] = [];

  /** Expects the packets of this cluster. */
  expect(cluster: ProbeCluster): void {
    if (this.#clusters.length === MAX_CLUSTERS) this.#clusters.shift();
    this.#clusters.push({
      cluster,
      packets: 0,
      bytes: 0,
      firstSend: Number.POSITIVE_INFINITY,
      lastSend: Number.NEGATIVE_INFINITY,
      firstArrival: Number.POSITIVE_INFINITY,
      lastArrival: Number.NEGATIVE_INFINITY,
      firstArrivalBytes: 0,
      lastSendBytes: 0,
    });
  }

  /** A packet of a probe arrived; returns the bitrate that the probe shows by now, if any. */
  add(packet: PacketResult): number | undefined {
    const { arrivalTime, probeClusterId, sendTime, sizeBytes } = packet;
    const arrivals = this.#clusters.find(({ cluster }) => cluster.id === probeClusterId);
    if (arrivals === undefined) return undefined;
    arrivals.packets++;
    arrivals.bytes += sizeBytes;
    arrivals.firstSend = Math.min(arrivals.firstSend, sendTime);
    if (sendTime >= arrivals.lastSend) {
      arrivals.lastSend = sendTime;
      arrivals.lastSendBytes = sizeBytes;
    }
    arrivals.lastArrival = Math.max(arrivals.lastArrival, arrivalTime);
    if (arrivalTime < arrivals.firstArrival) {
      arrivals.firstArrival = arrivalTime;
      arrivals.firstArrivalBytes = sizeBytes;
    }
    return bitrateOf(arrivals);
  }
}

// Of n packets there are n - 1 intervals: the last one sent, and the first to arrive, took none of the time.
function bitrateOf(arrivals: ClusterArrivals): number | undefined {
  const { cluster, packets, bytes } = arrivals;
  if (packets < MIN_RECEIVED_RATIO * cluster.minPackets) return undefined;
  if (bytes < MIN_RECEIVED_RATIO * cluster.minBytes) return undefined;
  const sendMs = arrivals.lastSend - arrivals.firstSend;
  const arrivalMs = arrivals.lastArrival - arrivals.firstArrival;
  if (!(sendMs > 0 && sendMs <= MAX_INTERVAL_MS)) return undefined;
  if (!(arrivalMs > 0 && arrivalMs <= MAX_INTERVAL_MS)) return undefined;
  const sentBps = (8000 * (bytes - arrivals.lastSendBytes)) / sendMs;
  const arrivedBps = (8000 * (bytes - arrivals.firstArrivalBytes)) / arrivalMs;
  if (arrivedBps > MAX_RATIO * sentBps) return undefined;
  return arrivedBps < MIN_UNSATURATED_RATIO * sentBps
    ? TARGET_UTILIZATION * arrivedBps
    : Math.min(sentBps, arrivedBps);
}
