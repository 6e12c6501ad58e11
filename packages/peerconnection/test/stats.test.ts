import { deterministicCrypto } from '@kaon/crypto';
import { describe, expect, it } from 'vitest';
import type { RTCStatsEntry, RTCStatsType } from '../src/index.ts';
import { messages, PeerPair } from './peer-pair.ts';

describe('getStats', () => {
  it('has the mandatory members of webrtc-pc §8.6, and they refer to each other', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const received = messages(bob, 1);
    alice.send('12345');
    await pair.complete(received);
    await pair.simulation.run({ until: pair.simulation.now + 8000 });
    const report = await pair.complete(pair.alice.getStats());
    const one = <T extends RTCStatsType>(type: T): Extract<RTCStatsEntry, { type: T }> => {
      const found = [...report.values()].find((entry) => entry.type === type);
      if (found === undefined) throw new Error(`There is no ${type}.`);
      return found as Extract<RTCStatsEntry, { type: T }>;
    };
    const transport = one('transport');
    const chosen = report.get(transport.selectedCandidatePairId ?? '');
    expect(chosen).toMatchObject({
      type: 'candidate-pair',
      state: 'succeeded',
      nominated: true,
      transportId: transport.id,
    });
    expect(transport).toMatchObject({
      dtlsState: 'connected',
      dtlsRole: 'server',
      iceRole: 'controlling',
      iceState: 'completed',
      tlsVersion: 'FEFD',
      dtlsCipher: expect.stringMatching(/^TLS_ECDHE_/),
    });
    expect(transport.bytesSent).toBeGreaterThan(1000);
    expect(report.get(transport.localCertificateId ?? '')?.type).toBe('certificate');
    expect(report.get(transport.remoteCertificateId ?? '')).toMatchObject({
      fingerprintAlgorithm: 'sha-256',
      fingerprint: expect.stringMatching(/^[0-9a-f:]{95}$/),
    });
    const candidatePair = one('candidate-pair');
    expect(candidatePair.currentRoundTripTime).toBeCloseTo(0.04);
    expect(candidatePair.totalRoundTripTime).toBeCloseTo(0.04 * candidatePair.responsesReceived);
    expect(report.get(candidatePair.localCandidateId)).toMatchObject({
      type: 'local-candidate',
      candidateType: 'host',
      address: pair.aliceHost.address,
    });
    expect(report.get(candidatePair.remoteCandidateId)?.type).toBe('remote-candidate');
    expect(one('data-channel')).toMatchObject({
      label: 'channel',
      state: 'open',
      dataChannelIdentifier: 1,
      messagesSent: 1,
      bytesSent: 5,
    });
    expect(one('peer-connection')).toMatchObject({
      dataChannelsOpened: 1,
      dataChannelsClosed: 0,
      cryptoProvider: 'deterministic',
      packetKernel: deterministicCrypto.packetKernel,
    });
    pair.close();
  });

  it('has times that go on when the clock of the system is set (webrtc-stats)', async () => {
    let setBy = 0;
    const pair = new PeerPair({
      build: (simulation) => {
        const [alice, bob] = [simulation.host('alice'), simulation.host('bob')] as const;
        const { network } = alice;
        const wallClock = network.wallClock.bind(network);
        network.wallClock = () => wallClock() + setBy;
        return [alice, bob];
      },
    });
    await pair.open();
    const times = async (): Promise<(number | undefined)[]> => {
      const report = await pair.complete(pair.alice.getStats());
      const found = [...report.values()].find((entry) => entry.type === 'candidate-pair');
      return [found?.timestamp, found?.lastPacketReceivedTimestamp];
    };
    const before = await times();
    setBy = -3_600_000;
    expect(await times()).toEqual(before);
    pair.close();
  });

  it('has the same ids each time, and others in another connection', async () => {
    const pair = new PeerPair();
    await pair.open();
    const ids = async (pc: typeof pair.alice): Promise<string[]> => [
      ...(await pair.complete(pc.getStats())).keys(),
    ];
    expect(await ids(pair.alice)).toEqual(await ids(pair.alice));
    const others = new Set(await ids(pair.bob));
    expect((await ids(pair.alice)).filter((id) => others.has(id))).toEqual([]);
    pair.close();
  });

  it('comes in a task, so that asking again and again holds nothing up (webrtc-pc §8.2)', async () => {
    const pair = new PeerPair();
    let hasTimerFired = false;
    pair.aliceHost.network.setTimer(() => {
      hasTimerFired = true;
    }, 0);
    const asking = async (): Promise<void> => {
      for (let n = 0; n < 10 && !hasTimerFired; n++) await pair.alice.getStats();
    };
    await pair.complete(asking());
    expect(hasTimerFired).toBe(true);
    pair.close();
  });

  it('is a map that cannot be changed, there before and after the connection', async () => {
    const pair = new PeerPair();
    const report = await pair.complete(pair.alice.getStats());
    expect(report.size).toBe(1);
    expect([...report].length).toBe(1);
    expect('set' in report).toBe(false);
    let seen = 0;
    report.forEach((entry, id, map) => {
      expect(map.get(id)).toBe(entry);
      seen++;
    });
    expect(seen).toBe(1);
    pair.close();
    expect((await pair.complete(pair.alice.getStats())).size).toBeGreaterThan(0);
    await expect(pair.alice.getStats({})).rejects.toHaveProperty('name', 'InvalidAccessError');
  });
});
