// Kaon and libsrtp protect the same packets to the same bytes, and each unprotects the other's.
import { SrtpReceiver, SrtpSender } from '@kaon/srtp';
import { formatHex, writeUint16, writeUint32 } from '@kaon/wire';
import type { Libsrtp, LibsrtpSession } from './libsrtp.ts';

const PACKETS = 300;
/** Near the end of the circle, so that the rollover counter changes on the way. */
const FIRST_SEQUENCE_NUMBER = 65_400;

/** Exchanges RTP and RTCP packets of many shapes. Returns what was compared, in words. */
export async function exchangeWithLibsrtp(
  libsrtp: Libsrtp,
  session: LibsrtpSession,
): Promise<string> {
  const status = await libsrtp.open(session);
  if (status !== 'ok') throw new Error(`libsrtp has no such session: ${status}`);
  const sender = new SrtpSender(session);
  const receiver = new SrtpReceiver(session);
  // libsrtp's first SRTCP index is 1.
  sender.setNextSrtcpIndex(session.ssrc, 1);
  for (let i = 0; i < PACKETS; i++) {
    const rtp = rtpPacket(session.ssrc, i);
    const ours = new Uint8Array(rtp.length + sender.rtpOverhead);
    ours.set(rtp);
    const end = sender.protectRtp(ours, 0, rtp.length);
    const theirs = await libsrtp.protect('rtp', rtp);
    expectEqual(`RTP packet ${i}, protected`, ours.subarray(0, end), theirs);
    expectEqual(`RTP packet ${i}, by libsrtp`, await libsrtp.unprotect('rtp', theirs), rtp);
    const textEnd = receiver.unprotectRtp(theirs, 0, theirs.length);
    expectEqual(`RTP packet ${i}, by Kaon`, theirs.subarray(0, Math.max(textEnd, 0)), rtp);
    if (i % 3 === 0) await exchangeRtcp(libsrtp, sender, receiver, rtcpPacket(session.ssrc, i));
  }
  return `${PACKETS} RTP and ${PACKETS / 3} RTCP packets, both ways`;
}

async function exchangeRtcp(
  libsrtp: Libsrtp,
  sender: SrtpSender,
  receiver: SrtpReceiver,
  rtcp: Uint8Array,
): Promise<void> {
  const ours = new Uint8Array(rtcp.length + sender.rtcpOverhead);
  ours.set(rtcp);
  const end = sender.protectRtcp(ours, 0, rtcp.length);
  const theirs = await libsrtp.protect('rtcp', rtcp);
  expectEqual(`RTCP packet of ${rtcp.length} bytes, protected`, ours.subarray(0, end), theirs);
  expectEqual(
    `RTCP packet of ${rtcp.length} bytes, by libsrtp`,
    await libsrtp.unprotect('rtcp', theirs),
    rtcp,
  );
  const textEnd = receiver.unprotectRtcp(theirs, 0, theirs.length);
  expectEqual(
    `RTCP packet of ${rtcp.length} bytes, by Kaon`,
    theirs.subarray(0, Math.max(textEnd, 0)),
    rtcp,
  );
}

/** A packet with CSRCs, extensions of either form, and a payload of any length, by `i`. */
function rtpPacket(ssrc: number, i: number): Uint8Array {
  const csrcs = i % 4;
  const extension = extensionOf(i);
  const out = new Uint8Array(12 + 4 * csrcs + extension.length + ((i * 37) % 1300)).fill(i);
  out[0] = 0x80 | (extension.length > 0 ? 0x10 : 0) | csrcs;
  out[1] = 96;
  // Now and then a packet is missing.
  const index = FIRST_SEQUENCE_NUMBER + i + Math.floor(i / 10);
  writeUint16(out, 2, index & 0xffff);
  writeUint32(out, 4, i * 3000);
  writeUint32(out, 8, ssrc);
  out.set(extension, 12 + 4 * csrcs);
  return out;
}

function extensionOf(i: number): Uint8Array {
  // Identifiers 1 (two bytes) and 2 (one byte), with padding behind.
  if (i % 3 === 1) return Uint8Array.of(0xbe, 0xde, 0, 2, 0x11, i, i + 1, 0x20, 7, 0, 0, 0);
  if (i % 3 === 2) return Uint8Array.of(0x10, 0, 0, 2, 1, 2, i, 9, 2, 0, 0, 0);
  return new Uint8Array(0);
}

function rtcpPacket(ssrc: number, i: number): Uint8Array {
  const out = new Uint8Array(8 + 4 * (i % 20)).fill(i);
  out[0] = 0x81;
  out[1] = 200;
  writeUint16(out, 2, out.length / 4 - 1);
  writeUint32(out, 4, ssrc);
  return out;
}

function expectEqual(what: string, actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const shorten = (bytes: Uint8Array) => formatHex(bytes.subarray(0, 80));
  throw new Error(`${what}: ${shorten(actual)} instead of ${shorten(expected)}`);
}
