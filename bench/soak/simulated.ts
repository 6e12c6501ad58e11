// The soak in virtual time: two whole connections over a link that loses, reorders, and fails for seconds.
import { deterministicCrypto } from '@kaon/crypto';
import { RTCPeerConnection } from '@kaon/peerconnection';
import { createSimulation, type Simulation } from '@kaon/simnet';
import { Traffic } from './traffic.ts';
import { connect, MemoryWatch, report } from './watch.ts';

const MINUTE_MS = 60_000;
const OUTAGE_MS = 3000;
const SETTLE_MS = 10_000;
const LINK = {
  latencyMs: 15,
  jitterMs: 10,
  jitterReorders: true,
  loss: 0.01,
  duplication: 0.01,
  rateBps: 20e6,
  queuePackets: 200,
  queueBytes: 1e6,
};

/** Runs for so many virtual minutes; whether all went well. */
export async function soakSimulated(minutes: number, seed: string): Promise<boolean> {
  const simulation = createSimulation({ seed, maxSteps: Number.POSITIVE_INFINITY });
  const outages = Array.from({ length: minutes }, (_, i) => ({
    fromMs: (i + 0.5) * MINUTE_MS,
    toMs: (i + 0.5) * MINUTE_MS + OUTAGE_MS,
  }));
  const [alice, bob] = ['alice', 'bob'].map((name) => {
    const { network } = simulation.host(name, { link: { ...LINK, outages } });
    return new RTCPeerConnection({}, { network, crypto: deterministicCrypto });
  }) as [RTCPeerConnection, RTCPeerConnection];
  const random = simulation.random.fork('traffic');
  const traffic = new Traffic(alice, bob, {
    sleep: (milliseconds) => simulation.sleep(milliseconds),
    now: () => simulation.now,
    below: (below) => random.uint32() % below,
  });
  const watch = new MemoryWatch();
  await simulation.complete(connect(alice, bob));
  const end = simulation.now + minutes * MINUTE_MS;
  const running = traffic.run(() => simulation.now >= end);
  await measure(simulation, watch, minutes, running);
  const isWell = await report(`${minutes} simulated minutes`, alice, bob, traffic, watch, (work) =>
    simulation.complete(work),
  );
  alice.close();
  bob.close();
  return isWell;
}

/** Notes the memory each minute, until the traffic has ended. */
async function measure(
  simulation: Simulation,
  watch: MemoryWatch,
  minutes: number,
  running: Promise<void>,
): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await simulation.run({ until: simulation.now + MINUTE_MS });
    watch.note();
  }
  await simulation.complete(running);
  // The other side of the channels closed last.
  await simulation.complete(simulation.sleep(SETTLE_MS));
}
