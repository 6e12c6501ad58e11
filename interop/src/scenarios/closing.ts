// Ends: one side closes a channel or its connection, the other notices.
import type { Endpoint } from '../session/endpoint.ts';
import type { PairedSession } from '../session/paired-session.ts';
import { expectedText, expectMessage } from './expectation.ts';
import type { Scenario } from './scenario.ts';

type Side = 'offerer' | 'answerer';

/** Some peers say nothing when they close, and ICE takes its time to miss them. */
const SILENT_CLOSE_TIMEOUT_MS = 45_000;

export const closingScenarios: readonly Scenario[] = [
  closesChannel('offerer'),
  closesChannel('answerer'),
  closesConnection('offerer'),
  closesConnection('answerer'),
];

function closesChannel(side: Side): Scenario {
  return {
    name: `${side}-closes-channel`,
    about: `the ${side} closes one of two channels; both sides see it, the other one lives on`,
    run: async (context) => {
      const session = await context.createSession();
      const { offerer, answerer } = session;
      await offerer.createChannel('closing');
      await offerer.createChannel('staying');
      await session.signal();
      for (const label of ['closing', 'staying']) {
        await Promise.all([offerer.opened(label), answerer.opened(label)]);
      }
      await sides(session, side).closer.closeChannel('closing');
      await Promise.all([offerer.closed('closing'), answerer.closed('closing')]);
      await answerer.receive('echo');
      await offerer.sendText('staying', 'still here');
      const [message] = await offerer.messages('staying', 1);
      if (message !== undefined) expectMessage(offerer.name, message, expectedText('still here'));
    },
  };
}

function closesConnection(side: Side): Scenario {
  return {
    name: `${side}-closes-connection`,
    about: `the ${side} closes its connection; the other side notices`,
    timeoutMs: SILENT_CLOSE_TIMEOUT_MS,
    run: async (context) => {
      const session = await context.connect('last');
      const { closer, other } = sides(session, side);
      const start = performance.now();
      await closer.close();
      const how = await other.noticedEnd('last');
      const tookMs = performance.now() - start;
      if (tookMs > 1_000) {
        context.note(`${other.name} noticed after ${(tookMs / 1000).toFixed(1)} s: ${how}`);
      }
    },
  };
}

function sides(session: PairedSession, closer: Side): { closer: Endpoint; other: Endpoint } {
  const { offerer, answerer } = session;
  return closer === 'offerer'
    ? { closer: offerer, other: answerer }
    : { closer: answerer, other: offerer };
}
