// What an association counts: packets, chunks and every reason to drop one.

/** Totals since the association was made. */
export interface SctpCounters {
  packetsReceived: number;
  packetsSent: number;
  bytesReceived: number;
  bytesSent: number;
  messagesReceived: number;
  messagesSent: number;
  /** User data delivered to the layer above, in bytes. */
  messageBytesReceived: number;
  /** User data accepted for sending, in bytes. */
  messageBytesSent: number;
  dataChunksReceived: number;
  dataChunksSent: number;
  /** DATA chunks sent again, for whatever reason. */
  dataChunksRetransmitted: number;
  /** Bytes of user data in them. */
  bytesRetransmitted: number;
  /** How often fast retransmission began (RFC 9260 §7.2.4). */
  fastRetransmits: number;
  /** How often T3-rtx expired (RFC 9260 §6.3.3). */
  retransmissionTimeouts: number;
  /** Chunks sent again that the peer had already (RFC 9260 §3.3.4, duplicate TSNs). */
  spuriousRetransmissions: number;
  /** Recoveries in which nothing was lost, so that the window was given back (RFC 4015). */
  spuriousRecoveries: number;
  /** DATA chunks found lost by what was acknowledged after them (RFC 8985 §6), and not by a timeout. */
  dataChunksLost: number;
  /** Probes for loss at the end of a flight (RFC 8985 §7). */
  tailLossProbes: number;
  sacksReceived: number;
  sacksSent: number;
  /** Messages given up under partial reliability (RFC 3758). */
  messagesAbandoned: number;
  heartbeatsSent: number;
  /** Packets sent to find out whether the path takes their size (RFC 8899 §4.1). */
  pathMtuProbesSent: number;
  /** Times the peer came back as a new association (RFC 9260 §5.2.4 A). */
  restarts: number;

  /** Packets shorter than the common header, or with other ports. */
  droppedMalformedPackets: number;
  /** Packets without a checksum, as agreed on (RFC 9653). */
  packetsWithoutChecksum: number;
  /** Packets with a wrong checksum (RFC 9260 §6.8). */
  droppedChecksum: number;
  /** Packets with a wrong verification tag (RFC 9260 §8.5). */
  droppedVerificationTag: number;
  /** Packets for which there is no association (RFC 9260 §8.4). */
  droppedOutOfTheBlue: number;
  /** Chunks that are malformed, truncated, or bundled with what they must not be. */
  droppedMalformedChunks: number;
  /** Chunks that do not belong into the state they came in. */
  droppedUnexpectedChunks: number;
  /** Chunks of unknown type. */
  unknownChunks: number;
  /** State Cookies that are not ours, altered or expired (RFC 9260 §5.2.4). */
  droppedCookies: number;
  /** DATA chunks that came before. */
  droppedDuplicateData: number;
  /** DATA chunks for which there was no room, or too far ahead. */
  droppedBeyondWindow: number;
  /** DATA chunks on streams that do not exist. */
  droppedInvalidStream: number;
  /** Messages whose stream sequence number has been passed already. */
  droppedStaleMessages: number;
  /** SACKs older than one seen before. */
  droppedStaleSacks: number;
  /** SACKs that acknowledge what was never sent, or contradict themselves. */
  droppedInvalidSacks: number;
  /** FORWARD TSNs and RE-CONFIGs that are impossible. */
  droppedInvalidControl: number;
  /** Answers not sent because too many wait already. */
  droppedAnswers: number;
}

/** Counters at zero, in one shape. */
export function createCounters(): SctpCounters {
  return {
    packetsReceived: 0,
    packetsSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    messagesReceived: 0,
    messagesSent: 0,
    messageBytesReceived: 0,
    messageBytesSent: 0,
    dataChunksReceived: 0,
    dataChunksSent: 0,
    dataChunksRetransmitted: 0,
    bytesRetransmitted: 0,
    fastRetransmits: 0,
    retransmissionTimeouts: 0,
    spuriousRetransmissions: 0,
    spuriousRecoveries: 0,
    dataChunksLost: 0,
    tailLossProbes: 0,
    sacksReceived: 0,
    sacksSent: 0,
    messagesAbandoned: 0,
    heartbeatsSent: 0,
    pathMtuProbesSent: 0,
    restarts: 0,
    droppedMalformedPackets: 0,
    packetsWithoutChecksum: 0,
    droppedChecksum: 0,
    droppedVerificationTag: 0,
    droppedOutOfTheBlue: 0,
    droppedMalformedChunks: 0,
    droppedUnexpectedChunks: 0,
    unknownChunks: 0,
    droppedCookies: 0,
    droppedDuplicateData: 0,
    droppedBeyondWindow: 0,
    droppedInvalidStream: 0,
    droppedStaleMessages: 0,
    droppedStaleSacks: 0,
    droppedInvalidSacks: 0,
    droppedInvalidControl: 0,
    droppedAnswers: 0,
  };
}
