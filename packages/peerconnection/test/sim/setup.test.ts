// What happens when while a connection is set up: nobody waits for what can be done before or after.

import type { TransportAddress, UdpSocketHandler } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import type { ConnectionTrace } from '../../src/index.ts';
import { fired, opened, PeerPair } from '../peer-pair.ts';

const INIT = 1;
const COOKIE_ECHO = 10;
const COOKIE_ACK = 11;
const STUN_RESPONSE = 1;
const DTLS_HANDSHAKE = 22;

/** Notes the first chunk of each SCTP packet of one side in `log`, as `sent` or `received` and its type. */
function logChunks(log: string[]): { readonly onTrace: (trace: ConnectionTrace) => void } {
  return {
    onTrace: ({ layer, event }) => {
      if (layer !== 'sctp') return;
      if (event.type === 'packet-sent') log.push(`sent ${event.packet[12]}`);
      if (event.type === 'packet-received') log.push(`received ${event.packet[12]}`);
    },
  };
}

describe('while a connection is set up', () => {
  it('the answer to a COOKIE ECHO goes out before its channel is told (RFC 9260 §5.1 D)', async () => {
    const log: string[] = [];
    const pair = new PeerPair({ bob: logChunks(log) });
    pair.bob.addEventListener('datachannel', () => log.push('datachannel'));
    await pair.open();
    const told = log.indexOf('datachannel');
    expect(log.slice(0, told)).toEqual(
      expect.arrayContaining([`received ${COOKIE_ECHO}`, `sent ${COOKIE_ACK}`]),
    );
    pair.close();
  });

  it('the INIT of the DTLS server goes out before its state is told, right behind Finished', async () => {
    const log: string[] = [];
    const pair = new PeerPair({ alice: logChunks(log) });
    pair.alice.addEventListener('connectionstatechange', () => {
      if (pair.alice.connectionState === 'connected') log.push('connected');
    });
    await pair.open();
    expect(log.slice(0, log.indexOf('connected'))).toEqual([`sent ${INIT}`]);
    pair.close();
  });

  it('a DTLS client leaves the INIT to the server, whose own is right behind Finished', async () => {
    const [alice, bob]: [string[], string[]] = [[], []];
    const pair = new PeerPair({ alice: logChunks(alice), bob: logChunks(bob) });
    await pair.open();
    expect(alice).toContain(`sent ${INIT}`);
    expect(bob).not.toContain(`sent ${INIT}`);
    pair.close();
  });

  it('a DTLS client sends INIT itself if that of the server is lost', async () => {
    const log: string[] = [];
    const pair = new PeerPair({ bob: logChunks(log) });
    const { network } = pair.bobHost;
    // Nothing of Alice but her handshake and checks arrives for a while.
    let isDeaf = true;
    const bindUdp = network.bindUdp.bind(network);
    network.bindUdp = (address: TransportAddress, handler: UdpSocketHandler) =>
      bindUdp(address, {
        ...handler,
        onDatagram: (data, remote) => {
          if (!isDeaf || data[0] !== 23) handler.onDatagram(data, remote);
        },
        onBatchEnd: () => handler.onBatchEnd(),
      });
    pair.trickle();
    const channel = pair.alice.createDataChannel('x');
    await pair.complete(pair.negotiate());
    await pair.complete(fired(pair.bob, 'connectionstatechange'));
    await pair.simulation.run({ until: pair.simulation.now + 300 });
    expect(log).toContain(`sent ${INIT}`);
    isDeaf = false;
    await pair.complete(opened(channel));
    pair.close();
  });

  it("DTLS's first flight goes out with the answer that makes the path valid (RFC 8445 §12.1)", async () => {
    const pair = new PeerPair();
    const log: string[] = [];
    pair.simulation.trace.listen(({ type, place, at, data }) => {
      if (type === 'deliver' && place === 'bob' && data[0] === STUN_RESPONSE)
        log.push(`valid ${at}`);
      if (type === 'send' && place === 'bob' && data[0] === DTLS_HANDSHAKE) log.push(`hello ${at}`);
    });
    await pair.open();
    const [valid, hello] = log;
    expect(valid?.split(' ')[0]).toBe('valid');
    expect(hello).toBe(valid?.replace('valid', 'hello'));
    pair.close();
  });

  it.each([1200, 600])('the association made ahead fills datagrams of %i bytes', async (mtu) => {
    const pair = new PeerPair({ alice: { mtu }, bob: { mtu } });
    const [alice, bob] = await pair.open();
    let largest = 0;
    pair.simulation.trace.listen(({ type, place, data }) => {
      if (type === 'send' && place === 'bob') largest = Math.max(largest, data.length);
    });
    const received = fired(alice, 'message');
    bob.send(new Uint8Array(10_000));
    await pair.complete(received);
    expect(largest).toBeLessThanOrEqual(mtu);
    expect(largest).toBeGreaterThan(mtu - 4);
    pair.close();
  });

  it('a description does not wait for sockets, which are bound after it (RFC 9429 §3.5.1)', async () => {
    const pair = new PeerPair();
    const { network } = pair.aliceHost;
    let bound = 0;
    const bindUdp = network.bindUdp.bind(network);
    network.bindUdp = (...args) => {
      bound++;
      return bindUdp(...args);
    };
    pair.alice.createDataChannel('x');
    const applied = pair.alice.setLocalDescription().then(() => bound);
    const gathered = fired(pair.alice, 'icecandidate');
    expect(await pair.complete(applied)).toBe(0);
    await pair.complete(gathered);
    expect(bound).toBe(1);
    pair.close();
  });
});
