// CCFB: arrival times and ECN marks of each stream's packets (RFC 8888 §3.1, https://www.rfc-editor.org/rfc/rfc8888#section-3.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P| FMT=11  |   PT = 205    |          length               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                 SSRC of RTCP packet sender                    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   SSRC of 1st RTP Stream                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          begin_seq            |          num_reports          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |R|ECN|  Arrival time offset    | ...                           .
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// .                  ... more streams ...                         .
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                 Report Timestamp (32 bits)                    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { RTCP_PACKET_TYPE, TRANSPORT_FEEDBACK_FORMAT, writeRtcpHeader } from './rtcp-header.ts';

const FIXED_LENGTH = 12; // Header, SSRC and report timestamp.
const STREAM_HEADER_LENGTH = 8;
/** §3.1: a report covers at most a quarter of the sequence number space. */
const MAX_REPORTS = 16384;

/** A packet that arrived. */
export interface CongestionControlMetric {
  /** The two ECN bits it arrived with (RFC 3168 §5). */
  readonly ecn: number;
  /** How long before the report timestamp, in 1/1024 s; 8190 is longer ago, 8191 is not known. */
  readonly arrivalTimeOffset: number;
}

/** What arrived of one stream. */
export interface CongestionControlStream {
  readonly ssrc: number;
  readonly beginSequenceNumber: number;
  /** One for each sequence number from the first on; undefined if the packet did not arrive. */
  readonly metrics: readonly (CongestionControlMetric | undefined)[];
}

/** Congestion control feedback. */
export interface CongestionControlFeedback {
  readonly type: 'congestion-control-feedback';
  readonly senderSsrc: number;
  readonly streams: readonly CongestionControlStream[];
  /** Compact NTP time at which the report was made. */
  readonly reportTimestamp: number;
}

/** Decodes the CCFB in `bytes[start..end)`. */
export function decodeCongestionControlFeedback(
  bytes: Uint8Array,
  start: number,
  end: number,
): CongestionControlFeedback | undefined {
  if (end - start < FIXED_LENGTH) return undefined;
  const streams: CongestionControlStream[] = [];
  const streamsEnd = end - 4;
  for (let at = start + 8; at < streamsEnd; ) {
    if (streamsEnd - at < STREAM_HEADER_LENGTH) return undefined;
    const count = readUint16(bytes, at + 6);
    const next = at + STREAM_HEADER_LENGTH + ((2 * count + 3) & ~3);
    if (count > MAX_REPORTS || next > streamsEnd) return undefined;
    const metrics: (CongestionControlMetric | undefined)[] = [];
    for (let i = 0, from = at + STREAM_HEADER_LENGTH; i < count; i++, from += 2) {
      const word = readUint16(bytes, from);
      metrics.push(
        (word & 0x8000) === 0
          ? undefined
          : { ecn: (word >> 13) & 3, arrivalTimeOffset: word & 0x1fff },
      );
    }
    streams.push({
      ssrc: readUint32(bytes, at),
      beginSequenceNumber: readUint16(bytes, at + 4),
      metrics,
    });
    at = next;
  }
  return {
    type: 'congestion-control-feedback',
    senderSsrc: readUint32(bytes, start + 4),
    streams,
    reportTimestamp: readUint32(bytes, streamsEnd),
  };
}

/** Bytes that {@link encodeCongestionControlFeedback} writes. */
export function congestionControlFeedbackLength(feedback: CongestionControlFeedback): number {
  let length = FIXED_LENGTH;
  for (const { metrics } of feedback.streams) {
    length += STREAM_HEADER_LENGTH + ((2 * metrics.length + 3) & ~3);
  }
  return length;
}

/**
 * Writes `feedback` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if a stream has more than 16384 metrics.
 */
export function encodeCongestionControlFeedback(
  feedback: CongestionControlFeedback,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeRtcpHeader(
    out,
    offset,
    TRANSPORT_FEEDBACK_FORMAT.congestionControl,
    RTCP_PACKET_TYPE.transportFeedback,
    congestionControlFeedbackLength(feedback),
  );
  at = writeUint32(out, at, feedback.senderSsrc);
  for (const { ssrc, beginSequenceNumber, metrics } of feedback.streams) {
    if (metrics.length > MAX_REPORTS) {
      throw new RangeError(`metrics: at most ${MAX_REPORTS}, not ${metrics.length}.`);
    }
    at = writeUint32(out, at, ssrc);
    at = writeUint16(out, at, beginSequenceNumber);
    at = writeUint16(out, at, metrics.length);
    for (const metric of metrics) {
      const word =
        metric === undefined
          ? 0
          : 0x8000 | ((metric.ecn & 3) << 13) | (metric.arrivalTimeOffset & 0x1fff);
      at = writeUint16(out, at, word);
    }
    if (metrics.length % 2 === 1) at = writeUint16(out, at, 0);
  }
  return writeUint32(out, at, feedback.reportTimestamp);
}
