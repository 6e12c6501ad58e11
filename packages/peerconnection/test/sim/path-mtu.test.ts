import { describe, expect, it } from 'vitest';
import type { RTCDataChannel } from '../../src/index.ts';
import { probedPacketBytes } from '../../src/io/packet-sizes.ts';
import { PeerPair, type PeerPairOptions } from '../peer-pair.ts';

const UDP_OVERHEAD = 28;

interface Transfer {
  readonly received: number;
  /** The largest IP packet that arrived at Bob. */
  readonly largest: number;
}

/** Sends a megabyte from Alice to Bob over links of these MTUs. */
async function transfer(
  mtus: { readonly alice?: number; readonly bob?: number },
  options: PeerPairOptions = {},
): Promise<Transfer> {
  const link = (mtu: number | undefined): { latencyMs: number; mtu?: number } =>
    mtu === undefined ? { latencyMs: 5 } : { latencyMs: 5, mtu };
  const pair = new PeerPair({
    ...options,
    build: (simulation) => [
      simulation.host('alice', { link: link(mtus.alice) }),
      simulation.host('bob', { link: link(mtus.bob) }),
    ],
  });
  const [alice, bob] = await pair.open();
  let largest = 0;
  const stop = pair.simulation.trace.listen(({ type, place, data }) => {
    if (type === 'deliver' && place === 'bob') {
      largest = Math.max(largest, data.length + UDP_OVERHEAD);
    }
  });
  const received = await pair.complete(sendAndCount(alice, bob));
  stop();
  pair.close();
  return { received, largest };
}

function sendAndCount(from: RTCDataChannel, to: RTCDataChannel): Promise<number> {
  const messages = 16;
  return new Promise((resolve) => {
    let bytes = 0;
    let count = 0;
    to.onmessage = ({ data }) => {
      bytes += (data as ArrayBuffer).byteLength;
      if (++count === messages) resolve(bytes);
    };
    for (let i = 0; i < messages; i++) from.send(new Uint8Array(65_536));
  });
}

describe('packets as large as the path takes (RFC 8899)', () => {
  it.each([
    { alice: 1500, bob: 1500, expected: 1500 },
    { alice: 9000, bob: 9000, expected: 9000 },
    { alice: 65_536, bob: 65_536, expected: 9000 },
    { alice: 1280, bob: 1500, expected: 1280 },
  ])('grow to $expected over links of $alice and $bob', async ({ expected, ...mtus }) => {
    const { received, largest } = await transfer(mtus);
    expect(received).toBe(1_048_576);
    // Packets are filled to multiples of four.
    expect(largest).toBeGreaterThan(expected - 8);
    expect(largest).toBeLessThanOrEqual(expected);
  });

  it('stay at 1200 bytes of payload where a later link takes no more', async () => {
    const { received, largest } = await transfer({ alice: 9000, bob: 1280 });
    expect(received).toBe(1_048_576);
    expect(largest).toBeLessThanOrEqual(1280);
  });

  it('stay at 1200 bytes of payload where the link is not known', async () => {
    const { largest } = await transfer({});
    expect(largest).toBeLessThanOrEqual(1200 + UDP_OVERHEAD);
  });

  it.each([{ pathMtuDiscovery: false }, { mtu: 1200 }])(
    'stay as they are told: %j',
    async (alice) => {
      const { largest } = await transfer({ alice: 9000, bob: 9000 }, { alice });
      expect(largest).toBeLessThanOrEqual(1200 + UDP_OVERHEAD);
    },
  );
});

describe('probedPacketBytes', () => {
  it('leaves room for the headers of IP and UDP, and for DTLS', () => {
    const v4 = probedPacketBytes({ address: '192.0.2.1', port: 1 }, 1500, 37, undefined);
    const v6 = probedPacketBytes({ address: '2001:db8::1', port: 1 }, 1500, 37, undefined);
    expect(v4[0]).toBe(1432);
    expect(v6[0]).toBe(1412);
  });

  it.each([0, 68, 576, 1279])('has nothing to try on a link of %i bytes', (mtu) => {
    expect(probedPacketBytes({ address: '192.0.2.1', port: 1 }, mtu, 37, undefined)).toEqual([]);
  });

  it('tries more than Ethernet carries only with a peer that says what records it takes (RFC 8449)', () => {
    const largest = (limit: number | undefined): number | undefined =>
      probedPacketBytes({ address: '127.0.0.1', port: 1 }, 65_536, 37, limit)[0];
    expect(largest(undefined)).toBe(1432);
    expect(largest(16_384)).toBe(8932);
    expect(largest(4096)).toBe(1980);
    expect(largest(64)).toBeUndefined();
  });
});
