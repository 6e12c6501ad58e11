// G.711, PCMU and PCMA: one octet a sample at 8,000 Hz (RFC 3551 §4.5.14, https://www.rfc-editor.org/rfc/rfc3551#section-4.5.14).
import { OctetAudioDepacketizer, OctetAudioPacketizer } from '../octet-audio.ts';

/** RTP clock rate and sampling rate in Hz. */
export const G711_CLOCK_RATE = 8000;

/** Cuts PCMU or PCMA into packets; mu-law and A-law differ in their payload type only. */
export class G711Packetizer extends OctetAudioPacketizer {}

/** PCMU or PCMA payloads in; frames with their duration, in samples, out. */
export class G711Depacketizer extends OctetAudioDepacketizer {}
