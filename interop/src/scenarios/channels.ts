// How channels come to be: many at once, later ones, in both directions, and negotiated ones.
import type { Endpoint } from '../session/endpoint.ts';
import { expectedText, expectMessage, expectProperties } from './expectation.ts';
import type { Scenario } from './scenario.ts';

const MANY = 50;

export const manyChannels: Scenario = {
  name: '50-channels',
  about: `${MANY} channels at once, each with an echo`,
  run: async (context) => {
    const session = await context.createSession();
    const { offerer, answerer } = session;
    const labels = Array.from({ length: MANY }, (_, index) => `channel ${index}`);
    for (const label of labels) await offerer.createChannel(label);
    await session.signal();
    await Promise.all(labels.flatMap((label) => [offerer.opened(label), answerer.opened(label)]));
    await answerer.receive('echo');
    await Promise.all(labels.map((label) => offerer.sendText(label, `hello ${label}`)));
    for (const label of labels) await expectEcho(offerer, label, `hello ${label}`);
  },
};

export const laterChannels: Scenario = {
  name: 'later-channels',
  about: 'each side opens a channel on a connection that is already up',
  run: async (context) => {
    const { offerer, answerer } = await context.connect('first');
    for (const [creator, other] of [
      [answerer, offerer],
      [offerer, answerer],
    ] as const) {
      const label = `by ${creator === offerer ? 'offerer' : 'answerer'}`;
      await creator.createChannel(label);
      await Promise.all([creator.opened(label), other.opened(label)]);
      await other.receive('echo');
      await creator.sendText(label, label);
      await expectEcho(creator, label, label);
      await other.receive('report');
    }
  },
};

const NEGOTIATED_ID = 42;

export const negotiatedId: Scenario = {
  name: 'negotiated-id',
  about: `both sides create a negotiated channel with id ${NEGOTIATED_ID}`,
  run: async (context) => {
    const session = await context.createSession();
    const { offerer, answerer } = session;
    const options = { negotiated: true, id: NEGOTIATED_ID };
    for (const side of [offerer, answerer]) await side.createChannel('negotiated', options);
    await session.signal();
    await Promise.all([offerer.opened('negotiated'), answerer.opened('negotiated')]);
    await answerer.receive('echo');
    await offerer.sendText('negotiated', 'without DCEP');
    await expectEcho(offerer, 'negotiated', 'without DCEP');
  },
};

export const labelAndProtocol: Scenario = {
  name: 'label-and-protocol',
  about: 'a label and a protocol beyond ASCII arrive as they are',
  run: async (context) => {
    const session = await context.createSession();
    const { offerer, answerer } = session;
    const excuse = context.limits(offerer).cannotLabelBeyondAscii;
    if (excuse !== undefined) context.note(`ASCII only: ${excuse}`);
    const label = excuse === undefined ? 'Kanal №1 · 通道' : 'Channel 1';
    const options = { protocol: excuse === undefined ? 'x-протокол' : 'x-protocol' };
    await offerer.createChannel(label, options);
    await session.signal();
    await offerer.opened(label);
    const properties = await answerer.opened(label);
    if (context.limits(answerer).misreportsProperties !== undefined) return;
    expectProperties(answerer.name, properties, options);
  },
};

async function expectEcho(sender: Endpoint, label: string, text: string): Promise<void> {
  const [message] = await sender.messages(label, 1);
  if (message !== undefined) expectMessage(sender.name, message, expectedText(text));
}
