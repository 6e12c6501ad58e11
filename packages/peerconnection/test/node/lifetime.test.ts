import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { RTCPeerConnection } from '../../src/index.ts';
import { connectOverUdp } from './udp-pair.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const countSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;

/** A turn of the event loop, in which sockets close and finalizers run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('on real sockets', () => {
  it('connects, echoes and closes', async () => {
    const { alice, bob, channel } = await connectOverUdp();
    const echo = new Promise((resolve) => {
      channel.onmessage = ({ data }) => resolve(data);
    });
    channel.send('over the air');
    expect(await echo).toBe('over the air');
    alice.close();
    bob.close();
  });

  it('keeps the process alive until it is closed', async () => {
    await turn(); // what an earlier test closed is gone
    await turn();
    const before = countSockets();
    const { alice, bob } = await connectOverUdp();
    expect(countSockets()).toBeGreaterThan(before);
    alice.close();
    bob.close();
    await turn();
    await turn();
    expect(countSockets()).toBe(before);
  });

  it('is garbage once it is closed, with all that belonged to it', async () => {
    const references = await (async () => {
      const { alice, bob, channel } = await connectOverUdp();
      alice.onconnectionstatechange = () => alice.connectionState;
      channel.onmessage = () => channel.label;
      const { sctp } = alice;
      alice.close();
      bob.close();
      return [alice, bob, channel, sctp, sctp?.transport, sctp?.transport.iceTransport].map(
        (object) => new WeakRef(object as object),
      );
    })();
    for (let round = 0; round < 20; round++) {
      await turn();
      collectGarbage();
    }
    expect(references.filter((reference) => reference.deref() !== undefined)).toEqual([]);
  });

  it('is garbage too if it never had anything to do', async () => {
    const reference = (() => {
      const pc = new RTCPeerConnection();
      pc.createDataChannel('x');
      pc.close();
      return new WeakRef(pc);
    })();
    await new Promise((resolve) => setTimeout(resolve, 100)); // its certificate is made meanwhile
    for (let round = 0; round < 20; round++) {
      await turn();
      collectGarbage();
    }
    expect(reference.deref()).toBeUndefined();
  });

  it('binds only within the range of ports that it is given', async () => {
    const pc = new RTCPeerConnection({}, { icePortRange: { min: 47_000, max: 47_099 } });
    pc.createDataChannel('x');
    const ports: number[] = [];
    const gathered = new Promise<void>((resolve) => {
      pc.onicecandidate = ({ candidate }) => {
        if (candidate === null) resolve();
        else if (candidate.port !== null) ports.push(candidate.port);
      };
    });
    await pc.setLocalDescription();
    await gathered;
    pc.close();
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(Math.floor(port / 100)).toBe(470);
  });

  it('uses the addresses that the filter lets pass', async () => {
    const pc = new RTCPeerConnection(
      {},
      { includeLoopback: true, interfaceFilter: ({ address }) => address === '127.0.0.1' },
    );
    pc.createDataChannel('x');
    const addresses: (string | null)[] = [];
    const gathered = new Promise<void>((resolve) => {
      pc.onicecandidate = ({ candidate }) => {
        if (candidate === null) resolve();
        else if (candidate.candidate !== '') addresses.push(candidate.address);
      };
    });
    await pc.setLocalDescription();
    await gathered;
    pc.close();
    expect(addresses).toEqual(['127.0.0.1']);
  });
});
