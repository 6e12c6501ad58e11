import { nodeCrypto } from '@kaon/crypto';
import { SeededRandom } from '@kaon/simnet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidatePriority, canPair, FoundationTable, orderByPreference } from './candidate.ts';
import { pairPriority } from './candidate-pair.ts';
import { generateCredentials, keyCredentials } from './credentials.ts';

describe('candidatePriority (RFC 8445 §5.1.2.1)', () => {
  it('gives the priorities of the examples in RFC 8839 §5.1 and RFC 8445 §15', () => {
    expect(candidatePriority('host', 65535)).toBe(2130706431);
    expect(candidatePriority('srflx', 65535)).toBe(1694498815);
    expect(candidatePriority('prflx', 65535)).toBe(1862270975);
    expect(candidatePriority('relay', 0, 256)).toBe(0);
  });
});

describe('pairPriority (RFC 8445 §6.1.2.3)', () => {
  it('is 2^32 MIN(G,D) + 2 MAX(G,D) + (G>D ? 1 : 0), exactly', () => {
    expect(pairPriority(1, 2)).toBe(0x1_0000_0004n);
    expect(pairPriority(2, 1)).toBe(0x1_0000_0005n);
    expect(pairPriority(2130706431, 2130706431)).toBe(9151314442783293438n);
  });

  it('orders pairs alike on both sides', () => {
    const priority = fc.integer({ min: 1, max: 0xffff_ffff });
    fc.assert(
      fc.property(priority, priority, priority, priority, (g1, d1, g2, d2) => {
        const difference = pairPriority(g1, d1) - pairPriority(g2, d2);
        expect(difference === 0n).toBe(g1 === g2 && d1 === d2);
      }),
    );
  });
});

describe('orderByPreference (RFC 8421 §4)', () => {
  it('takes turns between the families, wide scopes first', () => {
    const addresses = ['127.0.0.1', '10.0.0.1', '10.0.0.2', 'fe80::1', '10.0.0.3', '2a00::1'];
    const ordered = orderByPreference(
      addresses.map((address) => ({ address: { address, port: 1 } })),
    );
    expect(ordered.map(({ address }) => address.address)).toEqual([
      '2a00::1',
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.3',
      'fe80::1',
      '127.0.0.1',
    ]);
  });
});

describe('canPair (RFC 8445 §6.1.2.2)', () => {
  it.each([
    ['10.0.0.1', '192.0.2.1', true],
    ['10.0.0.1', '2a00::1', false],
    ['fe80::1', 'fe80::2', true],
    ['fe80::1', '2a00::1', false],
    ['2a00::1', 'fe80::2', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['10.0.0.1', '127.0.0.1', false],
    ['127.0.0.1', '10.0.0.1', false],
  ])('%s to %s: %s', (base, remote, expected) => {
    expect(canPair(base, remote)).toBe(expected);
  });
});

describe('FoundationTable (RFC 8445 §5.1.1.3)', () => {
  it('gives one foundation for each type, base and server, without disclosing them', () => {
    const table = new FoundationTable();
    const host = table.get('host', '10.0.0.1');
    expect(table.get('host', '10.0.0.1')).toBe(host);
    expect(table.get('srflx', '10.0.0.1', 'a')).not.toBe(table.get('srflx', '10.0.0.1', 'b'));
    expect(table.get('host', '10.0.0.2')).toMatch(/^\d+$/);
  });
});

describe('credentials (RFC 8445 §5.3)', () => {
  it('are ice-chars of 48 and 144 random bits', () => {
    const credentials = generateCredentials(new SeededRandom(1), nodeCrypto);
    expect(credentials.usernameFragment).toMatch(/^[A-Za-z0-9+/]{8}$/);
    expect(credentials.password).toMatch(/^[A-Za-z0-9+/]{24}$/);
  });

  it('of a peer that break the grammar are refused', () => {
    const code = 'ICE_INVALID_CREDENTIALS';
    const password = 'p'.repeat(22);
    expect(() => keyCredentials({ usernameFragment: 'abc', password }, nodeCrypto)).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() =>
      keyCredentials({ usernameFragment: 'abcd', password: 'short' }, nodeCrypto),
    ).toThrow(expect.objectContaining({ code }));
  });
});
