// What SCTP can do beside RFC 9260, each on and off: agreed on where the peer can do it, harmless where not.
import type { SctpFeatures } from '../control/protocol.ts';
import type { Endpoint, ReceivedMessage } from '../session/endpoint.ts';
import { expectedBinary, expectMessage, expectThat } from './expectation.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

const LARGE = 'large';
const SMALL = 'small';
const MESSAGES = 20;

/** What Kaon's statistics say that was agreed on. */
interface Agreed {
  readonly interleaving: boolean;
  readonly zeroChecksum: boolean;
  readonly congestionControl: string;
}

const CASES: readonly (readonly [string, SctpFeatures])[] = [
  ['sctp-all-features', {}],
  ['interleaving-off', { interleaving: false }],
  ['zero-checksum-off', { zeroChecksum: false }],
  ['sctp-newreno', { congestionControl: 'newreno' }],
  ['sctp-cubic', { congestionControl: 'cubic' }],
  ['init-in-description', { initInDescription: true }],
];

export const sctpFeatureScenarios: readonly Scenario[] = CASES.map(([name, sctp]) => ({
  name,
  about: `large and small messages both ways at once, with ${JSON.stringify(sctp)}`,
  run: (context) => exchange(context, sctp),
}));

async function exchange(context: ScenarioContext, sctp: SctpFeatures): Promise<void> {
  const session = await context.createSession(sctp);
  const { answerer, offerer } = session;
  for (const channel of [LARGE, SMALL]) await offerer.createChannel(channel);
  await session.signal();
  for (const side of [offerer, answerer]) {
    await Promise.all([side.opened(LARGE), side.opened(SMALL)]);
  }
  const size = Math.min(
    100_000,
    await context.largestMessage(offerer, answerer),
    await context.largestMessage(answerer, offerer),
  );
  await Promise.all([
    sendMixed(context, offerer, answerer, size),
    sendMixed(context, answerer, offerer, size),
  ]);
  for (const [side, other] of [
    [offerer, answerer],
    [answerer, offerer],
  ] as const) {
    if (side.name === 'kaon') await expectAgreement(context, side, other, sctp);
  }
}

async function sendMixed(
  context: ScenarioContext,
  from: Endpoint,
  to: Endpoint,
  size: number,
): Promise<void> {
  for (let i = 0; i < MESSAGES; i++) {
    await from.sendBinary(LARGE, size - i, i);
    await from.sendBinary(SMALL, 10 + i, i);
  }
  const keepsBack = context.limits(to).keepsMessagesBack !== undefined;
  const receive = keepsBack ? receiveKeptBack : receiveAll;
  const [small, large] = await Promise.all([receive(from, to, SMALL), receive(from, to, LARGE)]);
  for (const [i, each] of small.entries()) {
    expectMessage(to.name, each, expectedBinary(10 + i, i));
  }
  for (const [i, each] of large.entries()) {
    expectMessage(to.name, each, expectedBinary(size - i, i));
  }
}

type Receive = (from: Endpoint, to: Endpoint, channel: string) => Promise<ReceivedMessage[]>;

const receiveAll: Receive = async (_from, to, channel) => [
  ...(await to.messages(channel, MESSAGES)),
];

/** With one more message sent after each that came, which brings out the next if it was kept back. */
const receiveKeptBack: Receive = async (from, to, channel) => {
  const received: ReceivedMessage[] = [];
  while (received.length < MESSAGES) {
    received.push(...(await to.messages(channel, 1)));
    await from.sendBinary(channel, 1, 0);
  }
  return received;
};

async function expectAgreement(
  context: ScenarioContext,
  kaon: Endpoint,
  other: Endpoint,
  wanted: SctpFeatures,
): Promise<void> {
  const stats = await kaon.peer.call('stats', { connection: kaon.connection });
  const transport = stats.find((each) => (each as { type: string }).type === 'transport');
  const agreed = (transport as { sctp: Agreed }).sctp;
  const { cannotInterleave, wantsChecksums } = context.limits(other);
  const interleaving = (wanted.interleaving ?? true) && cannotInterleave === undefined;
  const zeroChecksum = (wanted.zeroChecksum ?? true) && wantsChecksums === undefined;
  expectThat(
    agreed.interleaving === interleaving,
    `interleaving was ${agreed.interleaving ? '' : 'not '}agreed on with ${other.name}`,
  );
  expectThat(
    agreed.zeroChecksum === zeroChecksum,
    `packets without checksum were ${agreed.zeroChecksum ? '' : 'not '}agreed on with ${other.name}`,
  );
  const control = wanted.congestionControl ?? 'bbr';
  expectThat(agreed.congestionControl === control, `${agreed.congestionControl} is not ${control}`);
}
