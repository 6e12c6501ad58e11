// Other ways to signal: candidates inside the descriptions, and a forged fingerprint.
import { setTimeout as delay } from 'node:timers/promises';
import type { Description } from '../control/protocol.ts';
import { expectedText, expectMessage, expectThat } from './expectation.ts';
import type { Scenario } from './scenario.ts';

export const candidatesInDescription: Scenario = {
  name: 'candidates-in-description',
  about: 'no trickling: all candidates stand in the offer and in the answer',
  run: async (context) => {
    const { offerer, answerer } = await context.connect('x', { candidates: 'in-description' });
    await answerer.receive('echo');
    await offerer.sendText('x', 'complete');
    const [message] = await offerer.messages('x', 1);
    if (message !== undefined) expectMessage(offerer.name, message, expectedText('complete'));
  },
};

/** How long the channel must stay shut after the connection was found to have failed. */
const SHUT_MS = 300;
/** The same for a peer that never says so. */
const SILENCE_MS = 2_000;

export const forgedFingerprint: Scenario = {
  name: 'forged-fingerprint',
  about: 'the description is not of the certificate that comes: the connection fails, shut',
  run: async (context) => {
    const session = await context.createSession();
    await session.offerer.createChannel('x');
    await session.signal({
      rewrite: (description, receiver) =>
        receiver === context.subject ? forge(description) : description,
    });
    const deceived = session[context.subject];
    if (context.limits(deceived).hidesForgery === undefined) {
      await deceived.reached('failed', 'closed');
      await delay(SHUT_MS);
    } else {
      await delay(SILENCE_MS);
    }
    expectThat(!deceived.isOpen('x'), `${deceived.name} opened a channel to a stranger`);
  },
};

/** Replaces the first and the last byte of each fingerprint. */
function forge(description: Description): Description {
  const sdp = description.sdp.replace(
    /(a=fingerprint:\S+ )(..)(.*)(..)/g,
    (_, name: string, first: string, middle: string, last: string) =>
      `${name}${flip(first)}${middle}${flip(last)}`,
  );
  return { ...description, sdp };
}

function flip(hex: string): string {
  return (Number.parseInt(hex, 16) ^ 0xff).toString(16).toUpperCase().padStart(2, '0');
}
