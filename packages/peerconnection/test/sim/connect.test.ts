import { describe, expect, it } from 'vitest';
import { messages, PeerPair } from '../peer-pair.ts';

describe('two peer connections', () => {
  it('connect and echo text and bytes', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open('échange');
    expect(bob.label).toBe('échange');
    bob.onmessage = ({ data }) => bob.send(data);
    const echo = messages(alice, 4);
    alice.send('hello ☃');
    alice.send('');
    alice.send(Uint8Array.of(1, 2, 3));
    alice.send(new ArrayBuffer(0));
    expect(await pair.complete(echo)).toEqual([
      'hello ☃',
      '',
      Uint8Array.of(1, 2, 3).buffer,
      new ArrayBuffer(0),
    ]);
    expect(pair.alice.connectionState).toBe('connected');
    expect(pair.bob.sctp?.state).toBe('connected');
    pair.close();
  });
});
