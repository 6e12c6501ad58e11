// Large messages and long runs of them.
import { ONE_MEBIBYTE } from '../control/sizes.ts';
import type { Endpoint } from '../session/endpoint.ts';
import { expectedBinary, expectMessage } from './expectation.ts';
import type { Scenario } from './scenario.ts';

const CHANNEL = 'transfer';

export const largeMessage: Scenario = {
  name: 'large-message',
  about: 'one message of 1 MiB, or of the largest size the peer allows, each way',
  run: async (context) => {
    const { offerer, answerer } = await context.connect(CHANNEL);
    for (const [from, to] of [
      [offerer, answerer],
      [answerer, offerer],
    ] as const) {
      const size = Math.min(ONE_MEBIBYTE, await context.largestMessage(from, to));
      if (size < ONE_MEBIBYTE) context.note(`${from.name} sends ${size.toLocaleString('en')} B`);
      await from.sendBinary(CHANNEL, size, 9);
      const [message] = await to.messages(CHANNEL, 1);
      if (message !== undefined) expectMessage(to.name, message, expectedBinary(size, 9));
    }
  },
};

const MESSAGES = 200;

export const bothWays: Scenario = {
  name: 'both-ways',
  about: `${MESSAGES} messages of mixed sizes each way at once, all in order`,
  run: async (context) => {
    const { offerer, answerer } = await context.connect(CHANNEL);
    await Promise.all([sendMixed(offerer), sendMixed(answerer)]);
    await Promise.all([expectMixed(offerer), expectMixed(answerer)]);
  },
};

/** Sizes from 1 B to 24 KiB in an order that looks arbitrary. */
function mixedSize(index: number): number {
  return 1 + ((index * 7_919) % 24_576);
}

async function sendMixed(from: Endpoint): Promise<void> {
  for (let index = 0; index < MESSAGES; index++) {
    await from.sendBinary(CHANNEL, mixedSize(index), index);
  }
}

async function expectMixed(to: Endpoint): Promise<void> {
  const messages = await to.messages(CHANNEL, MESSAGES);
  for (const [index, message] of messages.entries()) {
    const wanted = expectedBinary(mixedSize(index), index);
    expectMessage(`${to.name}, message ${index},`, message, wanted);
  }
}
