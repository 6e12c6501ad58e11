// tshark reads what Kaon sends, and finds no fault with it.
import { writeFile } from 'node:fs/promises';
import { RedPacketizer, TelephoneEventPacketizer } from '@kaon/rtp';
import { concatBytes, writeUint16, writeUint32 } from '@kaon/wire';
import { start } from './programs.ts';
import { RTP_HEADER_LENGTH, writeRtpHeader } from './rtp-header.ts';

const PORT = 5004;

/** Writes `packets` to `file` and has tshark dissect them as `dissector`. */
export async function dissect(
  packets: readonly Uint8Array[],
  payloadType: number,
  dissector: string,
  file: string,
): Promise<string> {
  await writeFile(file, pcap(packets));
  const { output } = start('tshark', [
    ...['-r', file, '-d', `udp.port==${PORT},rtp`, '-d', `rtp.pt==${payloadType},${dissector}`],
    ...(dissector === 'rtpevent' ? ['-o', `rtpevent.event_payload_type_value:${payloadType}`] : []),
    ...['-T', 'fields', '-e', 'frame.protocols', '-e', '_ws.malformed', '-e', 'rtp.follow'],
  ]);
  const lines = (await output).split('\n').filter((line) => line !== '');
  if (lines.length !== packets.length) throw new Error(`${lines.length} packets dissected`);
  for (const [i, line] of lines.entries()) {
    const [protocols, malformed, redHeaders] = line.split('\t');
    // tshark 4.0 trips over the slices of small H.265 pictures and says itself that it does.
    if (malformed !== '' && !malformed!.startsWith('[Dissector bug')) {
      throw new Error(`packet ${i} is malformed: ${line}`);
    }
    // Redundant audio is dissected within RTP and shows by its fields only.
    if (
      dissector === 'rtp_rfc2198' ? redHeaders === '' : !protocols!.split(':').includes(dissector)
    ) {
      throw new Error(`packet ${i} was not taken for ${dissector}: ${line}`);
    }
  }
  return `${packets.length} packets`;
}

/** A telephone event of a second, as RTP packets. */
export function telephoneEventPackets(payloadType: number): Uint8Array[] {
  const packetizer = new TelephoneEventPacketizer();
  packetizer.start({ event: 5, durationTicks: 8000 });
  const packets: Uint8Array[] = [];
  for (;;) {
    const packet = new Uint8Array(RTP_HEADER_LENGTH + 4);
    if (packetizer.writePayload(packet, RTP_HEADER_LENGTH) === RTP_HEADER_LENGTH) return packets;
    writeRtpHeader(packet, {
      payloadType,
      marker: packetizer.marker,
      sequenceNumber: packets.length,
      timestamp: packetizer.timestampOffset,
    });
    packets.push(packet);
  }
}

/** `frames` with two levels of redundancy, as RTP packets. */
export function redPackets(
  frames: readonly Uint8Array[],
  payloadType: number,
  framePayloadType: number,
  frameTicks: number,
): Uint8Array[] {
  const packetizer = new RedPacketizer({ payloadType: framePayloadType, redundancy: 2 });
  return frames.map((data, i) => {
    const packet = new Uint8Array(RTP_HEADER_LENGTH + packetizer.maxPayloadBytes);
    const timestamp = frameTicks * i;
    packetizer.start({ data, timestamp });
    const end = packetizer.writePayload(packet, RTP_HEADER_LENGTH);
    writeRtpHeader(packet, { payloadType, marker: i === 0, sequenceNumber: i, timestamp });
    return packet.subarray(0, end);
  });
}

/** LINKTYPE_RAW: packets begin with the IP header (https://www.tcpdump.org/linktypes.html). */
const LINKTYPE_RAW = 101;

/** A capture file with an IPv4 and a UDP header around each packet. */
function pcap(packets: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(24);
  writeUint32(header, 0, 0xa1_b2_c3_d4);
  writeUint16(header, 4, 2);
  writeUint16(header, 6, 4);
  writeUint32(header, 16, 0xffff);
  writeUint32(header, 20, LINKTYPE_RAW);
  return concatBytes(header, ...packets.flatMap((packet, i) => [packetHeaders(packet, i), packet]));
}

function packetHeaders(packet: Uint8Array, index: number): Uint8Array {
  const out = new Uint8Array(16 + 20 + 8);
  const length = 28 + packet.length;
  writeUint32(out, 0, Math.floor(index / 1000));
  writeUint32(out, 4, (index % 1000) * 1000);
  writeUint32(out, 8, length);
  writeUint32(out, 12, length);
  out[16] = 0x45;
  writeUint16(out, 18, length);
  out[24] = 64;
  out[25] = 17;
  writeUint32(out, 28, 0x7f_00_00_01);
  writeUint32(out, 32, 0x7f_00_00_01);
  writeUint16(out, 36, PORT);
  writeUint16(out, 38, PORT);
  writeUint16(out, 40, 8 + packet.length);
  return out;
}
