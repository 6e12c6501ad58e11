// IP addresses as text and bytes, and their ranges (RFC 4291, RFC 5952, RFC 6890).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHex } from './bytes.ts';
import { addressFamily, addressScope, formatIpAddress, parseIpAddress } from './ip-address.ts';

function canonical(text: string): string | undefined {
  const bytes = parseIpAddress(text);
  return bytes && formatIpAddress(bytes);
}

describe('parseIpAddress', () => {
  it.each([
    ['0.0.0.0', '00000000'],
    ['192.0.2.1', 'c0000201'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '00'.repeat(16)],
    ['::1', `${'00'.repeat(15)}01`],
    ['1::', `0001${'00'.repeat(14)}`],
    ['2001:DB8::8:800:200C:417A', '20010db80000000000080800200c417a'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
    ['::13.1.68.3', '0000000000000000000000000d014403'],
    ['::ffff:129.144.52.38', '00000000000000000000ffff81903426'],
    ['1:2:3:4:5:6:1.2.3.4', '00010002000300040005000601020304'],
    ['fe80::1%eth0', `fe80${'00'.repeat(13)}01`],
  ])('reads %s', (text, bytes) => {
    expect(formatHex(parseIpAddress(text) as Uint8Array)).toBe(bytes);
  });

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.-4',
    '1.2.3.04',
    '1.2.3.0x4',
    '1.2.3. 4',
    '1.2.3.',
    '1.2.3.4 ',
    '１.2.3.4',
    'localhost',
    ':',
    ':::',
    '1:',
    ':1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.4:5',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:1.2.3.4',
    '[::1]',
    '::1/64',
  ])('refuses %j', (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });

  it('never throws on any text', () => {
    const likely = fc.string({
      unit: fc.constantFrom(':', '.', '0', '1', 'f', '%', '25'),
      maxLength: 24,
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), likely), (text) => {
        const bytes = parseIpAddress(text);
        if (bytes !== undefined) expect([4, 16]).toContain(bytes.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('formatIpAddress', () => {
  it.each([
    ['§4.1 no leading zeros', '2001:0db8::0001', '2001:db8::1'],
    ['§4.2.1 shorten as much as possible', '2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['§4.2.2 one group is not shortened', '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['§4.2.2 one group is not shortened', '2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['§4.2.3 the longest run', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['§4.2.3 the first of equal runs', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['§4.3 lower case', '2001:DB8::ABCD:EF', '2001:db8::abcd:ef'],
    ['§5 mapped IPv4 stays dotted', '0:0:0:0:0:ffff:c000:201', '::ffff:192.0.2.1'],
    ['all zeros', '0:0:0:0:0:0:0:0', '::'],
    ['a run at the end', '1:0:0:0:0:0:0:0', '1::'],
    ['a run at the start', '0:0:0:0:0:0:0:1', '::1'],
    ['IPv4', '192.0.2.1', '192.0.2.1'],
  ])('writes as RFC 5952 wants, %s', (_section, text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it('reads back, and is its own canonical form', () => {
    const group = fc.oneof(fc.constant([0, 0]), fc.tuple(fc.nat(255), fc.nat(255)));
    const ipv6 = fc
      .array(group, { minLength: 8, maxLength: 8 })
      .map((groups) => Uint8Array.from(groups.flat()));
    const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(ipv6, ipv4), (bytes) => {
        const text = formatIpAddress(bytes);
        expect(parseIpAddress(text)).toEqual(bytes);
        expect(canonical(text)).toBe(text);
        expect(addressFamily(text)).toBe(bytes.length === 4 ? 4 : 6);
        expect(text).not.toMatch(/[A-Z]|(^|:)0[0-9a-f]/);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses any other number of bytes', () => {
    for (const length of [0, 3, 5, 15, 17]) {
      expect(() => formatIpAddress(new Uint8Array(length))).toThrow(RangeError);
      expect(() => addressScope(new Uint8Array(length))).toThrow(RangeError);
    }
  });
});

describe('addressScope', () => {
  it.each([
    ['unspecified', '0.0.0.0 0.255.255.255 :: ::ffff:0.0.0.0'],
    ['loopback', '127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1 64:ff9b::127.0.0.1 2002:7f00:1::'],
    ['link-local', '169.254.0.1 169.254.169.254 fe80::1 febf::1 ::ffff:169.254.1.1'],
    ['private', '10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1 100.127.255.255'],
    [
      'private',
      'fc00::1 fdff::1 fec0::1 ::ffff:10.0.0.1 64:ff9b::a00:1 64:ff9b:1::1 2002:a00:1::1',
    ],
    ['multicast', '224.0.0.1 239.255.255.255 255.255.255.255 ff02::1 ff0e::1'],
    [
      'reserved',
      '192.0.0.1 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 240.0.0.1',
    ],
    ['reserved', '2001:db8::1 3fff::1 3fff:fff::1 100::1 ::2 ::7f00:1 ::192.0.2.1'],
    [
      'global',
      '1.1.1.1 8.8.8.8 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 100.63.255.255',
    ],
    ['global', '100.128.0.0 169.253.255.255 126.255.255.255 128.0.0.0 198.17.255.255 198.20.0.0'],
    [
      'global',
      '2606:4700::1 2001:db7::1 2001:db9::1 fe00::1 3fff:1000::1 ::ffff:8.8.8.8 64:ff9b::808:808',
    ],
  ])('%s: %s', (scope, addresses) => {
    for (const text of addresses.split(' ')) {
      expect([text, addressScope(parseIpAddress(text) as Uint8Array)]).toEqual([text, scope]);
    }
  });

  it('is known for any address', () => {
    const lengths = fc.constantFrom(4, 16);
    const address = lengths.chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
    fc.assert(
      fc.property(address, (bytes) => {
        expect(addressScope(bytes)).toMatch(/^[a-z-]+$/);
      }),
    );
  });
});
