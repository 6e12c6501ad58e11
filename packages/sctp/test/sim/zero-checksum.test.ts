import { readUint32 } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { hasValidChecksum } from '../../src/packet.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';
import { forgeHeartbeat } from '../packet-forge.ts';

const ON = { zeroChecksum: true } as const;
const checksumOf = (packet: Uint8Array): number => readUint32(packet, 8);

/** Whether an INIT or INIT ACK says that packets without a checksum are taken. */
function offers(packet: Uint8Array): boolean {
  return Buffer.from(packet).includes(Buffer.from([0x80, 0x01, 0, 8, 0, 0, 0, 1]));
}

describe('packets without a checksum (RFC 9653)', () => {
  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('go where both sides take them: %s and %s', (a, b) => {
    const pair = new AssociationPair({ a: { zeroChecksum: a }, b: { zeroChecksum: b } }).connect();
    pair.send(testBytes(50_000));
    pair.runUntil(() => pair.endB.messages.length === 1);
    const isOn = a && b;
    for (const packet of [...pair.endA.received, ...pair.endB.received]) {
      const [first] = chunkTypes(packet);
      const isSetup =
        first === CHUNK_TYPE.init ||
        first === CHUNK_TYPE.initAck ||
        first === CHUNK_TYPE.cookieEcho;
      if (isSetup || !isOn) expect(hasValidChecksum(packet)).toBe(true);
      else expect(checksumOf(packet)).toBe(0);
    }
    expect(pair.b.stats.zeroChecksum).toBe(isOn);
    expect(pair.b.counters.packetsWithoutChecksum > 0).toBe(isOn);
  });

  test('are dropped by who never said to take them', () => {
    const pair = new AssociationPair().connect();
    const packet = forgeHeartbeat(readUint32(pair.endB.received[1]!, 4));
    packet.fill(0, 8, 12);
    pair.b.handleDatagram(packet, pair.now);
    expect(pair.b.counters.droppedChecksum).toBe(1);
  });

  test('a peer that drops an INIT with what it does not know gets one without', () => {
    const pair = new AssociationPair({ a: ON });
    pair.endB.filter = (packet) => !offers(packet);
    pair.connect();
    expect(pair.now).toBeLessThan(600);
    expect(pair.a.stats.zeroChecksum).toBe(false);
  });

  test('an INIT ACK says so only to a peer that did', () => {
    const pair = new AssociationPair({ b: ON }).connect();
    expect(pair.endA.received.some(offers)).toBe(false);
  });

  test('a peer that drops such an INIT, and sends its own, is not waited for', () => {
    const pair = new AssociationPair({ a: ON });
    pair.endB.filter = (packet) => !offers(packet);
    pair.a.connect(0);
    pair.b.connect(0);
    pair.runUntil(() => pair.a.state === 'established' && pair.b.state === 'established');
    expect(pair.now).toBe(40);
  });
});
