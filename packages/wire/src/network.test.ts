// Transport addresses.

import { describe, expect, it } from 'vitest';
import { equalAddresses, formatAddress } from './network.ts';

describe('formatAddress', () => {
  it('puts IPv6 addresses in brackets (RFC 3986 §3.2.2)', () => {
    expect(formatAddress({ address: '192.0.2.1', port: 3478 })).toBe('192.0.2.1:3478');
    expect(formatAddress({ address: '2001:db8::1', port: 3478 })).toBe('[2001:db8::1]:3478');
  });
});

describe('equalAddresses', () => {
  it('compares address and port', () => {
    const a = { address: '192.0.2.1', port: 1 };
    expect(equalAddresses(a, { address: '192.0.2.1', port: 1 })).toBe(true);
    expect(equalAddresses(a, { address: '192.0.2.1', port: 2 })).toBe(false);
    expect(equalAddresses(a, { address: '192.0.2.2', port: 1 })).toBe(false);
  });
});
