// The event of a message.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ChannelMessageEvent } from './message-event.ts';

describe('the event of a message', () => {
  it('is like a MessageEvent that only data was given to', () => {
    const data = new ArrayBuffer(4);
    const ours = new ChannelMessageEvent('message', data);
    const theirs = new MessageEvent('message', { data });
    // Not `isTrusted`, which is each event's own.
    const members = Object.entries(Object.getOwnPropertyDescriptors(MessageEvent.prototype))
      .filter(([, { get }]) => get !== undefined)
      .map(([name]) => name as keyof MessageEvent);
    expect(members).toEqual(expect.arrayContaining(['data', 'origin', 'ports']));
    for (const name of members) expect(ours[name], name).toEqual(theirs[name]);
    expect(ours.data).toBe(data);
    expect(Object.isFrozen(ours.ports)).toBe(true);
    expect(Object.prototype.toString.call(ours)).toBe(Object.prototype.toString.call(theirs));
    expect([ours.type, ours.bubbles, ours.cancelable]).toEqual(['message', false, false]);
  });

  it('can be made another event as in the days before constructors, when it is not dispatched', () => {
    const event = new ChannelMessageEvent('message', 'first');
    const target = new EventTarget();
    const seen: unknown[] = [];
    for (const type of ['message', 'again']) {
      target.addEventListener(type, () => {
        seen.push([event.type, event.data]);
        event.initMessageEvent('never', true, true, 'nothing');
      });
    }
    target.dispatchEvent(event);
    event.initMessageEvent('again', true, true, 'second', 'https://example.org', '7');
    target.dispatchEvent(event);
    expect(seen).toEqual([
      ['message', 'first'],
      ['again', 'second'],
    ]);
    expect(event).toMatchObject({
      bubbles: true,
      cancelable: true,
      origin: 'https://example.org',
      lastEventId: '7',
      source: null,
      ports: [],
    });
  });

  it('does not load what Node loads with the global class', async () => {
    const url = JSON.stringify(fileURLToPath(new URL('message-event.ts', import.meta.url)));
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { ChannelMessageEvent } from ${url};
       const isLoaded = () => process.moduleLoadList.some((name) => name.includes('undici'));
       new ChannelMessageEvent('message', 'x');
       const before = isLoaded();
       new MessageEvent('message');
       console.log(before, isLoaded());`,
    ]);
    expect(stdout).toBe('false true\n');
  });
});
