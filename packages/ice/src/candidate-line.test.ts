import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IceCandidate } from './candidate.ts';
import { formatCandidate, parseCandidate } from './candidate-line.ts';

describe('parseCandidate (RFC 8839 §5.1)', () => {
  it('reads the examples of RFC 8839 §5.1', () => {
    expect(parseCandidate('a=candidate:1 1 UDP 2130706431 203.0.113.141 8998 typ host')).toEqual({
      foundation: '1',
      component: 1,
      protocol: 'udp',
      priority: 2130706431,
      address: '203.0.113.141',
      port: 8998,
      type: 'host',
    });
    expect(
      parseCandidate(
        'candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998',
      ),
    ).toMatchObject({ type: 'srflx', relatedAddress: '203.0.113.141', relatedPort: 8998 });
  });

  it("reads a browser's line with extensions, in any letters of the address", () => {
    expect(
      parseCandidate(
        'candidate:842163049 1 udp 1677729535 2001:DB8:0:0::1 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag EsAw network-id 1 network-cost 10',
      ),
    ).toEqual({
      foundation: '842163049',
      component: 1,
      protocol: 'udp',
      priority: 1677729535,
      address: '2001:db8::1',
      port: 46154,
      type: 'srflx',
      relatedAddress: '0.0.0.0',
      relatedPort: 0,
      usernameFragment: 'EsAw',
    });
  });

  it('reads names, TCP and relay candidates', () => {
    expect(parseCandidate('candidate:1 1 udp 1 4e1a-9.local 9 typ host')?.address).toBe(
      '4e1a-9.local',
    );
    expect(parseCandidate('candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active')).toMatchObject(
      { protocol: 'tcp', tcpType: 'active' },
    );
    expect(
      parseCandidate('candidate:1 2 udp 1 192.0.2.1 9 typ relay raddr 192.0.2.2 rport 1'),
    ).toMatchObject({ type: 'relay', component: 2 });
  });

  it.each([
    ['nothing', ''],
    ['no colon', 'candidate 1 1 udp 1 192.0.2.1 9 typ host'],
    ['a foundation that is too long', `candidate:${'1'.repeat(33)} 1 udp 1 192.0.2.1 9 typ host`],
    ['a foundation of other characters', 'candidate:é 1 udp 1 192.0.2.1 9 typ host'],
    ['component 0', 'candidate:1 0 udp 1 192.0.2.1 9 typ host'],
    ['component 257', 'candidate:1 257 udp 1 192.0.2.1 9 typ host'],
    ['another transport', 'candidate:1 1 sctp 1 192.0.2.1 9 typ host'],
    ['priority 0', 'candidate:1 1 udp 0 192.0.2.1 9 typ host'],
    ['a priority beyond 32 bits', 'candidate:1 1 udp 4294967296 192.0.2.1 9 typ host'],
    ['a negative priority', 'candidate:1 1 udp -1 192.0.2.1 9 typ host'],
    ['a bad address', 'candidate:1 1 udp 1 192.0.2.256 9 typ host'],
    ['a bad IPv6 address', 'candidate:1 1 udp 1 ::1:: 9 typ host'],
    ['a port beyond 16 bits', 'candidate:1 1 udp 1 192.0.2.1 65536 typ host'],
    ['no typ', 'candidate:1 1 udp 1 192.0.2.1 9 host'],
    ['an unknown type', 'candidate:1 1 udp 1 192.0.2.1 9 typ magic'],
    ['a bad raddr', 'candidate:1 1 udp 1 192.0.2.1 9 typ srflx raddr !'],
    ['a bad tcptype', 'candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype odd'],
    ['a short ufrag', 'candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag abc'],
    ['a second line', 'candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=x'],
    ['an endless line', `candidate:1 1 udp 1 192.0.2.1 9 typ host ${'x y '.repeat(1000)}`],
  ])('refuses %s', (_, line) => {
    expect(parseCandidate(line)).toBeUndefined();
  });

  it('never throws', () => {
    const words = fc.constantFrom(
      'candidate:',
      'candidate:1',
      'udp',
      'typ',
      'host',
      'raddr',
      'rport',
      'ufrag',
      '1',
      '192.0.2.1',
      '::',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 20 }), (parts) => {
        parseCandidate(parts.join(' '));
        parseCandidate(`candidate:${parts.join('')}`);
      }),
    );
  });

  it('reads what formatCandidate writes', () => {
    const iceChars = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
      fc
        .array(fc.constantFrom(...'ABYZabyz0189+/'), { minLength, maxLength })
        .map((chars) => chars.join(''));
    const address = fc.oneof(
      fc.ipV4(),
      fc.constantFrom('2001:db8::1', 'fe80::1', '::1', 'a1b2.local'),
    );
    const candidate: fc.Arbitrary<IceCandidate> = fc.record(
      {
        foundation: iceChars(1, 32),
        component: fc.integer({ min: 1, max: 256 }),
        protocol: fc.constantFrom('udp' as const, 'tcp' as const),
        priority: fc.integer({ min: 1, max: 0xffff_ffff }),
        address,
        port: fc.integer({ min: 0, max: 65535 }),
        type: fc.constantFrom(
          'host' as const,
          'srflx' as const,
          'prflx' as const,
          'relay' as const,
        ),
        relatedAddress: address,
        relatedPort: fc.integer({ min: 0, max: 65535 }),
        tcpType: fc.constantFrom('active' as const, 'passive' as const, 'so' as const),
        usernameFragment: iceChars(4, 256),
      },
      {
        requiredKeys: [
          'foundation',
          'component',
          'protocol',
          'priority',
          'address',
          'port',
          'type',
        ],
      },
    );
    fc.assert(
      fc.property(candidate, (given) => {
        expect(parseCandidate(formatCandidate(given))).toEqual(given);
      }),
    );
  });
});
