import { describe, expect, it } from 'vitest';
import { candidatePriority, type IceCandidate, type LocalIceCandidate } from './candidate.ts';
import { CandidatePair } from './candidate-pair.ts';
import { Checklist } from './checklist.ts';

const LOCAL: LocalIceCandidate = {
  foundation: '1',
  component: 1,
  protocol: 'udp',
  priority: candidatePriority('host', 65535),
  address: '10.0.0.1',
  port: 1000,
  type: 'host',
  base: { address: '10.0.0.1', port: 1000 },
  localPreference: 65535,
};

let ids = 0;
function pair(port: number, priority: number, foundation = String(port)): CandidatePair {
  const { base, localPreference, ...rest } = LOCAL;
  const remote: IceCandidate = { ...rest, address: '10.0.0.2', port, priority, foundation };
  return new CandidatePair(String(++ids), LOCAL, remote, 'controlling', 0);
}

describe('Checklist', () => {
  it('is in order of priority, whatever the order of arrival (RFC 8445 §6.1.2.3)', () => {
    const list = new Checklist(100, undefined);
    for (const priority of [200, 300, 100]) list.add(pair(priority, priority));
    expect(list.pairs.map(({ remote }) => remote.priority)).toEqual([300, 200, 100]);
    expect(list.nextOrdinary()?.remote.priority).toBe(300);
  });

  it('freezes all but the first pair of a foundation, and thaws on success (RFC 8445 §6.1.2.6)', () => {
    const list = new Checklist(100, undefined);
    const [first, second, other] = [pair(1, 300, 'f'), pair(2, 200, 'f'), pair(3, 100, 'g')];
    for (const each of [first, second, other]) list.add(each);
    expect([first, second, other].map(({ state }) => state)).toEqual([
      'waiting',
      'frozen',
      'waiting',
    ]);
    list.setState(first, 'succeeded');
    expect(second.state).toBe('waiting');
    const late = pair(4, 50, 'f');
    list.add(late);
    expect(late.state).toBe('waiting'); // RFC 8838 §12: its foundation has succeeded
  });

  it('thaws a foundation when nothing waits and its checks have failed (RFC 8445 §6.1.4.2)', () => {
    const list = new Checklist(100, undefined);
    const [first, second] = [pair(1, 300, 'f'), pair(2, 200, 'f')];
    list.add(first);
    list.add(second);
    list.setState(first, 'in-progress');
    list.thaw();
    expect(second.state).toBe('frozen');
    list.setState(first, 'failed');
    list.thaw();
    expect(second.state).toBe('waiting');
  });

  it('drops the worst pair for a better one when full (RFC 8445 §6.1.2.5)', () => {
    const list = new Checklist(2, undefined);
    const worst = pair(1, 100);
    list.add(worst);
    list.add(pair(2, 200));
    expect(list.add(pair(3, 50))).toBe(false);
    expect(list.add(pair(4, 300))).toBe(true);
    expect(list.pairs).not.toContain(worst);
    expect(list.pairs).toHaveLength(2);
  });

  it('never drops a pair that is being checked or has succeeded', () => {
    const list = new Checklist(2, undefined);
    const [busy, valid] = [pair(1, 100), pair(2, 200)];
    list.add(busy);
    list.add(valid);
    list.setState(busy, 'in-progress');
    list.setState(valid, 'succeeded');
    expect(list.add(pair(3, 300))).toBe(false);
  });

  it('queues a triggered check once, first in first out (RFC 8445 §6.1.4.1)', () => {
    const list = new Checklist(100, undefined);
    const [first, second] = [pair(1, 100), pair(2, 200)];
    list.trigger(first);
    list.trigger(second);
    list.trigger(first);
    expect([list.takeTriggered(), list.takeTriggered(), list.takeTriggered()]).toEqual([
      first,
      second,
      undefined,
    ]);
  });
});
