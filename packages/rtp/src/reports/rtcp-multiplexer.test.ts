import { encodeUtf8 } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import {
  type CompoundPacket,
  decodeCompoundPacket,
  type RtcpPacket,
} from '../rtcp/compound-packet.ts';
import { RtcpMultiplexer } from './rtcp-multiplexer.ts';

const report: RtcpPacket = { type: 'receiver-report', ssrc: 1, reportBlocks: [] };
const name: RtcpPacket = {
  type: 'source-description',
  chunks: [{ ssrc: 1, items: [{ type: 1, value: encodeUtf8('me') }] }],
};
const pli = (mediaSsrc: number): RtcpPacket => ({
  type: 'picture-loss-indication',
  senderSsrc: 1,
  mediaSsrc,
});
const nack = (mediaSsrc: number, count: number): RtcpPacket => ({
  type: 'generic-nack',
  senderSsrc: 1,
  mediaSsrc,
  sequenceNumbers: Array.from({ length: count }, (_, i) => 20 * i),
});

function drain(multiplexer: RtcpMultiplexer, memory = 4000): RtcpPacket[][] {
  const out = new Uint8Array(memory);
  const datagrams: RtcpPacket[][] = [];
  for (;;) {
    const end = multiplexer.poll(out, 10, 0);
    if (end === 10) return datagrams;
    const compound = decodeCompoundPacket(out, 10, end) as CompoundPacket;
    expect(compound.malformed).toBe(0);
    datagrams.push(structuredClone(compound.packets) as RtcpPacket[]);
  }
}

const types = (datagrams: RtcpPacket[][]): string[][] =>
  datagrams.map((packets) => packets.map(({ type }) => type));

describe('RTCP of many sources in few datagrams', () => {
  test('of reduced size: feedback alone (RFC 5506 §3.4.2)', () => {
    const multiplexer = new RtcpMultiplexer();
    multiplexer.push(pli(5));
    multiplexer.push(nack(6, 2));
    expect(drain(multiplexer)).toEqual([[pli(5), nack(6, 2)]]);
    expect(drain(multiplexer)).toEqual([]);
  });

  test('compound: a report and a name stand in front of feedback (RFC 3550 §6.1)', () => {
    const multiplexer = new RtcpMultiplexer({ lead: () => [report, name] });
    multiplexer.push(pli(5));
    expect(types(drain(multiplexer))).toEqual([
      ['receiver-report', 'source-description', 'picture-loss-indication'],
    ]);
  });

  test('a report that is due is the lead itself; BYE stands last', () => {
    const multiplexer = new RtcpMultiplexer({
      lead: () => {
        throw new Error('there was a report');
      },
    });
    multiplexer.push({ type: 'goodbye', ssrcs: [1] });
    multiplexer.push(pli(5));
    multiplexer.push(report);
    multiplexer.push(name);
    expect(types(drain(multiplexer))).toEqual([
      ['receiver-report', 'source-description', 'picture-loss-indication', 'goodbye'],
    ]);
  });

  test('500 sources: every datagram but the last is full', () => {
    const multiplexer = new RtcpMultiplexer({ maxDatagramBytes: 1200 });
    for (let ssrc = 0; ssrc < 500; ssrc++) multiplexer.push(pli(ssrc));
    const datagrams = drain(multiplexer);
    expect(datagrams.map((packets) => packets.length)).toEqual([100, 100, 100, 100, 100]);
    expect(datagrams.flat()).toEqual(Array.from({ length: 500 }, (_, ssrc) => pli(ssrc)));
  });

  test('what fits goes before what does not', () => {
    const multiplexer = new RtcpMultiplexer({ maxDatagramBytes: 100 });
    multiplexer.push(nack(1, 15)); // 72 bytes
    multiplexer.push(nack(2, 15));
    multiplexer.push(pli(3)); // 12 bytes
    expect(types(drain(multiplexer))).toEqual([
      ['generic-nack', 'picture-loss-indication'],
      ['generic-nack'],
    ]);
  });

  test('a packet larger than a datagram goes alone, or nowhere if there is no memory for it', () => {
    const multiplexer = new RtcpMultiplexer({ maxDatagramBytes: 100, lead: () => [report, name] });
    multiplexer.push(nack(1, 100));
    multiplexer.push(pli(3));
    expect(types(drain(multiplexer))).toEqual([
      ['receiver-report', 'source-description', 'picture-loss-indication'],
      ['receiver-report', 'source-description', 'generic-nack'],
    ]);
    multiplexer.push(nack(1, 100));
    multiplexer.push(pli(3));
    expect(types(drain(multiplexer, 150)).flat()).toContain('picture-loss-indication');
    expect(multiplexer.counters.packetsDropped).toBe(1);
    expect(multiplexer.length).toBe(0);
  });

  test('holds no more than it may', () => {
    const multiplexer = new RtcpMultiplexer({ maxPackets: 10 });
    for (let ssrc = 0; ssrc < 1000; ssrc++) multiplexer.push(pli(ssrc));
    expect(multiplexer.length).toBe(10);
    expect(multiplexer.counters.packetsDropped).toBe(990);
    expect(drain(multiplexer).flat()).toHaveLength(10);
  });

  test("names the caller's fault", () => {
    expect(() => new RtcpMultiplexer({ maxDatagramBytes: 20 })).toThrow(/maxDatagramBytes is 20/);
    expect(() => new RtcpMultiplexer({ maxPackets: 0 })).toThrow(/maxPackets is 0/);
  });
});
