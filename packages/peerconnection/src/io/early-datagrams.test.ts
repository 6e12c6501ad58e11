import { describe, expect, it } from 'vitest';
import { EarlyDatagrams } from './early-datagrams.ts';

const LOCAL = { address: '192.0.2.1', port: 1 };
const REMOTE = { address: '192.0.2.2', port: 2 };

describe('EarlyDatagrams', () => {
  it('keeps copies and gives them back in order, when they can be used', () => {
    const early = new EarlyDatagrams();
    const data = Uint8Array.of(1);
    early.keep(data, LOCAL, REMOTE);
    data[0] = 9;
    early.keep(data, LOCAL, { ...REMOTE, port: 3 });
    expect(early.take(({ remote }) => remote.port === 2).map((each) => each.data[0])).toEqual([1]);
    expect(early.isEmpty).toBe(false);
    expect(early.take(() => true).map((each) => each.data[0])).toEqual([9]);
    expect(early.isEmpty).toBe(true);
  });

  it('holds 16 datagrams and 32 KiB at most, however many come', () => {
    const many = new EarlyDatagrams();
    const kept = Array.from({ length: 100 }, () => many.keep(new Uint8Array(10), LOCAL, REMOTE));
    expect(kept.filter(Boolean)).toHaveLength(16);
    const large = new EarlyDatagrams();
    expect(large.keep(new Uint8Array(32_768), LOCAL, REMOTE)).toBe(true);
    expect(large.keep(new Uint8Array(1), LOCAL, REMOTE)).toBe(false);
    large.take(() => true);
    expect(large.keep(new Uint8Array(1), LOCAL, REMOTE)).toBe(true);
  });
});
