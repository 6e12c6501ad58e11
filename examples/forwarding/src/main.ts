// A minute of a call through a forwarding unit, on the simulated network: `pnpm forwarding [--seed n]`.
import { parseArgs } from 'node:util';
import { createSimulation, type LinkOptions } from '@kaon/simnet';
import { ForwardingUnit } from './forwarding-unit.ts';
import { FRAME_MS, Publisher } from './publisher.ts';
import { LAYERS } from './session.ts';
import { Subscriber } from './subscriber.ts';

const DURATION_MS = 60_000;
const SWITCH_MS = 3_000;

const PATHS: readonly (readonly [string, LinkOptions])[] = [
  ['a good path', { latencyMs: 15 }],
  ['2% loss, jitter', { latencyMs: 30, jitterMs: 15, loss: 0.02 }],
  ['5% loss, reordering', { latencyMs: 50, loss: 0.05, reordering: 0.02, duplication: 0.01 }],
];

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' } } });
const simulation = createSimulation({ seed: values.seed });
const server = simulation.host('server');
const home = simulation.host('home', { link: { latencyMs: 20, jitterMs: 10, loss: 0.01 } });
const publisherAddress = { address: home.address, port: 4000 };

const unit = await ForwardingUnit.start(server.network, server.address, publisherAddress);
const subscribers: Subscriber[] = [];
for (const [index, [name, link]] of PATHS.entries()) {
  const host = simulation.host(name, { link });
  const local = { address: host.address, port: 4000 };
  const ssrc = 0x100 + index;
  const keys = 10 + 2 * index;
  await unit.addSubscriber(local, ssrc, keys, 'low');
  const remote = { address: server.address, port: 5000 + keys };
  subscribers.push(await Subscriber.start(host.network, local, remote, ssrc, keys));
}
const publisher = await Publisher.start(home.network, publisherAddress, {
  address: server.address,
  port: 5000,
});
for (let at = SWITCH_MS, turn = 1; at < DURATION_MS; at += SWITCH_MS, turn++) {
  const layer = turn % 2 === 0 ? 'low' : 'high';
  simulation.at(at, () => {
    for (let i = 0; i < subscribers.length; i++) unit.select(i, layer);
  });
}
const started = performance.now();
await simulation.run({ until: DURATION_MS });
publisher.stop();

const sent = publisher.frames;
console.log(
  `${DURATION_MS / 1000} s of ${1000 / FRAME_MS} frames a second in two layers, ` +
    `a switch every ${SWITCH_MS / 1000} s; took ${Math.round(performance.now() - started)} ms`,
);
let passed = 0;
let failed = 0;
console.table(
  subscribers.map((subscriber, index) => {
    const [low, high] = LAYERS.map(
      ({ frameBytes }) => subscriber.framesBySize.get(frameBytes) ?? 0,
    );
    const frames = (low as number) + (high as number);
    const isGood =
      frames >= 0.97 * sent && subscriber.breaks === 0 && (high as number) > 0.3 * sent;
    if (isGood) passed++;
    else failed++;
    return {
      path: PATHS[index]?.[0],
      'frames, low': low,
      'frames, high': high,
      'of sent, %': Number(((100 * frames) / sent).toFixed(1)),
      'out of step': subscriber.breaks,
      'packets repaired': subscriber.packetsRecovered,
      'key frames asked for': subscriber.keyFramesAskedFor,
      'round trip, ms': Math.round(subscriber.roundTripMs),
    };
  }),
);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
