// Channels of partial reliability (RFC 3758, RFC 8832 §5.1).
import { setTimeout as delay } from 'node:timers/promises';
import type { ChannelOptions } from '../control/protocol.ts';
import {
  expectedBinary,
  expectedText,
  expectMessage,
  expectProperties,
  expectThat,
} from './expectation.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

const MESSAGES = 40;
/** Loopback loses next to nothing; below this share something else is wrong. */
const LEAST_SHARE = 0.5;
/** How long unordered stragglers may take behind the last message of a reliable channel. */
const SETTLE_MS = 200;

export const unorderedUnreliable: Scenario = {
  name: 'unordered-no-retransmits',
  about: 'unordered with maxRetransmits 0: announced so, delivered at most once and intact',
  run: (context) => sendPartial(context, { ordered: false, maxRetransmits: 0 }),
};

export const limitedLifetime: Scenario = {
  name: 'packet-lifetime',
  about: 'ordered with maxPacketLifeTime 500: announced so, delivered at most once and intact',
  run: (context) => sendPartial(context, { ordered: true, maxPacketLifeTime: 500 }),
};

async function sendPartial(context: ScenarioContext, options: ChannelOptions): Promise<void> {
  const session = await context.createSession();
  const { offerer, answerer } = session;
  await offerer.createChannel('partial', options);
  await offerer.createChannel('reliable');
  await session.signal();
  await Promise.all([offerer.opened('partial'), offerer.opened('reliable')]);
  await answerer.opened('reliable');
  const properties = await answerer.opened('partial');
  const excuse =
    context.limits(answerer).misreportsProperties ??
    context.limits(offerer).announcesUnorderedAsOrdered;
  if (excuse === undefined) expectProperties(answerer.name, properties, options);
  else context.note(`announcement not checked: ${excuse}`);
  const sizes = Array.from({ length: MESSAGES }, (_, index) => 100 + index * 53);
  for (const size of sizes) await offerer.sendBinary('partial', size, size);
  await offerer.sendText('reliable', 'that was all');
  const [last] = await answerer.messages('reliable', 1);
  if (last !== undefined) expectMessage(answerer.name, last, expectedText('that was all'));
  await delay(SETTLE_MS);
  const messages = answerer.takeMessages('partial');
  const seen = new Set<number>();
  for (const message of messages) {
    expectThat(!seen.has(message.bytes), `${answerer.name} received ${message.bytes} B twice`);
    seen.add(message.bytes);
    expectMessage(answerer.name, message, expectedBinary(message.bytes, message.bytes));
  }
  const least = MESSAGES * LEAST_SHARE;
  expectThat(messages.length >= least, `only ${messages.length} of ${MESSAGES} messages came`);
  if (messages.length < MESSAGES) context.note(`${messages.length} of ${MESSAGES} came`);
}
