// XR blocks that sum up: statistics and VoIP metrics (RFC 3611 §4.6, §4.7, https://www.rfc-editor.org/rfc/rfc3611#section-4.6).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     BT=6      |L|D|J|ToH|rsvd.|       block length = 9        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        SSRC of source                         |
// |          begin_seq            |             end_seq           |
// |                        lost_packets                           |
// |                        dup_packets                            |
// |                         min_jitter                            |
// |                         max_jitter                            |
// |                         mean_jitter                           |
// |                         dev_jitter                            |
// | min_ttl_or_hl | max_ttl_or_hl |mean_ttl_or_hl | dev_ttl_or_hl |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     BT=7      |   reserved    |       block length = 8        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        SSRC of source                         |
// |   loss rate   | discard rate  | burst density |  gap density  |
// |       burst duration          |         gap duration          |
// |     round trip delay          |       end system delay        |
// | signal level  |  noise level  |     RERL      |     Gmin      |
// |   R factor    | ext. R factor |    MOS-LQ     |    MOS-CQ     |
// |   RX config   |   reserved    |          JB nominal           |
// |          JB maximum           |          JB abs max           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { ByteReader, readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';

/** Bytes of a Statistics Summary block's contents. */
export const STATISTICS_SUMMARY_LENGTH = 36;
/** Bytes of a VoIP Metrics block's contents. */
export const VOIP_METRICS_LENGTH = 32;

/** Statistics of a range of packets; numbers whose flag is false mean nothing. */
export interface StatisticsSummaryBlock {
  readonly type: 'statistics-summary';
  /** L */
  readonly hasLoss: boolean;
  /** D */
  readonly hasDuplicates: boolean;
  /** J */
  readonly hasJitter: boolean;
  /** ToH: 0 none, 1 IPv4 TTL, 2 IPv6 hop limit. */
  readonly ttlOrHopLimit: number;
  readonly ssrc: number;
  readonly beginSequenceNumber: number;
  readonly endSequenceNumber: number;
  readonly lostPackets: number;
  readonly duplicatePackets: number;
  /** Jitter in units of the stream's timestamps. */
  readonly minJitter: number;
  readonly maxJitter: number;
  readonly meanJitter: number;
  readonly devJitter: number;
  readonly minTtl: number;
  readonly maxTtl: number;
  readonly meanTtl: number;
  readonly devTtl: number;
}

/** Metrics of a voice call, as the numbers of the wire (§4.7.1 to §4.7.7); 127 means not known in most. */
export interface VoipMetricsBlock {
  readonly type: 'voip-metrics';
  readonly ssrc: number;
  /** In 1/256, as are the next three. */
  readonly lossRate: number;
  readonly discardRate: number;
  readonly burstDensity: number;
  readonly gapDensity: number;
  readonly burstDurationMs: number;
  readonly gapDurationMs: number;
  readonly roundTripDelayMs: number;
  readonly endSystemDelayMs: number;
  /** dBm, signed. */
  readonly signalLevel: number;
  /** dBm, signed. */
  readonly noiseLevel: number;
  /** dB. */
  readonly residualEchoReturnLoss: number;
  readonly gmin: number;
  readonly rFactor: number;
  readonly externalRFactor: number;
  /** Times ten. */
  readonly mosLq: number;
  /** Times ten. */
  readonly mosCq: number;
  readonly rxConfig: number;
  readonly jitterBufferNominalMs: number;
  readonly jitterBufferMaximumMs: number;
  readonly jitterBufferAbsoluteMaximumMs: number;
}

/** Decodes a Statistics Summary block with contents in `bytes[start..end)`. */
export function decodeStatisticsSummaryBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  typeSpecific: number,
): StatisticsSummaryBlock | undefined {
  if (end - start !== STATISTICS_SUMMARY_LENGTH) return undefined;
  return {
    type: 'statistics-summary',
    hasLoss: (typeSpecific & 0x80) !== 0,
    hasDuplicates: (typeSpecific & 0x40) !== 0,
    hasJitter: (typeSpecific & 0x20) !== 0,
    ttlOrHopLimit: (typeSpecific >> 3) & 3,
    ssrc: readUint32(bytes, start),
    beginSequenceNumber: readUint16(bytes, start + 4),
    endSequenceNumber: readUint16(bytes, start + 6),
    lostPackets: readUint32(bytes, start + 8),
    duplicatePackets: readUint32(bytes, start + 12),
    minJitter: readUint32(bytes, start + 16),
    maxJitter: readUint32(bytes, start + 20),
    meanJitter: readUint32(bytes, start + 24),
    devJitter: readUint32(bytes, start + 28),
    minTtl: bytes[start + 32] as number,
    maxTtl: bytes[start + 33] as number,
    meanTtl: bytes[start + 34] as number,
    devTtl: bytes[start + 35] as number,
  };
}

/** Writes the contents at `offset`; returns the offset behind them. */
export function writeStatisticsSummaryBlock(
  block: StatisticsSummaryBlock,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeUint32(out, offset, block.ssrc);
  at = writeUint16(out, at, block.beginSequenceNumber);
  at = writeUint16(out, at, block.endSequenceNumber);
  at = writeUint32(out, at, block.lostPackets);
  at = writeUint32(out, at, block.duplicatePackets);
  at = writeUint32(out, at, block.minJitter);
  at = writeUint32(out, at, block.maxJitter);
  at = writeUint32(out, at, block.meanJitter);
  at = writeUint32(out, at, block.devJitter);
  return writeBytes(out, at, block.minTtl, block.maxTtl, block.meanTtl, block.devTtl);
}

/** Decodes a VoIP Metrics block with contents in `bytes[start..end)`. */
export function decodeVoipMetricsBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
): VoipMetricsBlock | undefined {
  if (end - start !== VOIP_METRICS_LENGTH) return undefined;
  const reader = new ByteReader(bytes, start, end);
  // Evaluated from top to bottom: in the order of the wire.
  const block = {
    type: 'voip-metrics' as const,
    ssrc: reader.uint32(),
    lossRate: reader.uint8(),
    discardRate: reader.uint8(),
    burstDensity: reader.uint8(),
    gapDensity: reader.uint8(),
    burstDurationMs: reader.uint16(),
    gapDurationMs: reader.uint16(),
    roundTripDelayMs: reader.uint16(),
    endSystemDelayMs: reader.uint16(),
    signalLevel: (reader.uint8() << 24) >> 24,
    noiseLevel: (reader.uint8() << 24) >> 24,
    residualEchoReturnLoss: reader.uint8(),
    gmin: reader.uint8(),
    rFactor: reader.uint8(),
    externalRFactor: reader.uint8(),
    mosLq: reader.uint8(),
    mosCq: reader.uint8(),
    rxConfig: reader.uint8(),
  };
  reader.skip(1);
  return {
    ...block,
    jitterBufferNominalMs: reader.uint16(),
    jitterBufferMaximumMs: reader.uint16(),
    jitterBufferAbsoluteMaximumMs: reader.uint16(),
  };
}

/** Writes the contents at `offset`; returns the offset behind them. */
export function writeVoipMetricsBlock(
  block: VoipMetricsBlock,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeUint32(out, offset, block.ssrc);
  at = writeBytes(out, at, block.lossRate, block.discardRate, block.burstDensity, block.gapDensity);
  at = writeUint16(out, at, block.burstDurationMs);
  at = writeUint16(out, at, block.gapDurationMs);
  at = writeUint16(out, at, block.roundTripDelayMs);
  at = writeUint16(out, at, block.endSystemDelayMs);
  at = writeBytes(
    out,
    at,
    block.signalLevel,
    block.noiseLevel,
    block.residualEchoReturnLoss,
    block.gmin,
  );
  at = writeBytes(out, at, block.rFactor, block.externalRFactor, block.mosLq, block.mosCq);
  out[at++] = block.rxConfig;
  out[at++] = 0;
  at = writeUint16(out, at, block.jitterBufferNominalMs);
  at = writeUint16(out, at, block.jitterBufferMaximumMs);
  return writeUint16(out, at, block.jitterBufferAbsoluteMaximumMs);
}

function writeBytes(
  out: Uint8Array,
  offset: number,
  a: number,
  b: number,
  c: number,
  d: number,
): number {
  out[offset] = a;
  out[offset + 1] = b;
  out[offset + 2] = c;
  out[offset + 3] = d;
  return offset + 4;
}
