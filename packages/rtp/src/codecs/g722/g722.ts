// G.722: two samples at 16,000 Hz in an octet, with an RTP clock of 8,000 Hz (RFC 3551 §4.5.2, https://www.rfc-editor.org/rfc/rfc3551#section-4.5.2).
import { OctetAudioDepacketizer, OctetAudioPacketizer } from '../octet-audio.ts';

/**
 * RTP clock rate in Hz. It was assigned by mistake in RFC 1890 and is kept for compatibility, so that a
 * timestamp unit is an octet and two samples.
 */
export const G722_CLOCK_RATE = 8000;

/** Sampling rate in Hz. */
export const G722_SAMPLE_RATE = 16000;

/** Cuts G.722 at 64 kbit/s into packets. */
export class G722Packetizer extends OctetAudioPacketizer {}

/** G.722 payloads in; frames with their duration, in units of the 8,000 Hz clock, out. */
export class G722Depacketizer extends OctetAudioDepacketizer {}
