// Text and binary messages of telling sizes, sent and echoed from either side.
import type { Endpoint } from '../session/endpoint.ts';
import { expectedBinary, expectedText, expectMessage } from './expectation.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

const CHANNEL = 'echo';
const UNICODE = 'Grüße, 世界, Ωμέγα, 👩‍🚀 and \u0000 in between';
const KIBIBYTE = 1024;

export const textEcho: Scenario = {
  name: 'text-echo',
  about: 'empty, 1 B, unicode, 16 KiB and 64 KiB of text there and back, from either side',
  run: (context) =>
    fromEitherSide(context, async (sender, echoer, isEmptyAllowed, largest) => {
      for (const text of ['', 'a', UNICODE, 'x'.repeat(16 * KIBIBYTE), 'ü'.repeat(largest / 2)]) {
        if (text === '' && !isEmptyAllowed) continue;
        await sender.sendText(CHANNEL, text);
        await expectBoth(sender, echoer, expectedText(text));
      }
    }),
};

export const binaryEcho: Scenario = {
  name: 'binary-echo',
  about: 'empty, 1 B, 16 KiB and 64 KiB of bytes there and back, from either side',
  run: (context) =>
    fromEitherSide(context, async (sender, echoer, isEmptyAllowed, largest) => {
      for (const size of [0, 1, 2, 3, 1_171, 16 * KIBIBYTE, largest]) {
        if (size === 0 && !isEmptyAllowed) continue;
        await sender.sendBinary(CHANNEL, size, size);
        await expectBoth(sender, echoer, expectedBinary(size, size));
      }
    }),
};

type Exchange = (
  sender: Endpoint,
  echoer: Endpoint,
  isEmptyAllowed: boolean,
  largest: number,
) => Promise<void>;

async function fromEitherSide(context: ScenarioContext, exchange: Exchange): Promise<void> {
  const { offerer, answerer } = await context.connect(CHANNEL);
  const excuse =
    context.limits(offerer).cannotSendEmpty ?? context.limits(answerer).cannotSendEmpty;
  if (excuse !== undefined) context.note(`no empty message: ${excuse}`);
  const largest = Math.min(
    64 * KIBIBYTE,
    await context.largestMessage(offerer, answerer),
    await context.largestMessage(answerer, offerer),
  );
  // An even size, so that the text of two-byte characters fills it.
  const evenLargest = largest - (largest % 2);
  if (largest < 64 * KIBIBYTE) context.note(`${largest.toLocaleString('en')} B at most`);
  await answerer.receive('echo');
  await exchange(offerer, answerer, excuse === undefined, evenLargest);
  await answerer.receive('report');
  await offerer.receive('echo');
  await exchange(answerer, offerer, excuse === undefined, evenLargest);
}

async function expectBoth(
  sender: Endpoint,
  echoer: Endpoint,
  wanted: ReturnType<typeof expectedText>,
): Promise<void> {
  for (const side of [echoer, sender]) {
    const [message] = await side.messages(CHANNEL, 1);
    if (message !== undefined) expectMessage(side.name, message, wanted);
  }
}
