// Every scenario, in the order in which they run.
import { labelAndProtocol, laterChannels, manyChannels, negotiatedId } from './channels.ts';
import { closingScenarios } from './closing.ts';
import { binaryEcho, textEcho } from './echo.ts';
import { limitedLifetime, unorderedUnreliable } from './reliability.ts';
import type { Scenario } from './scenario.ts';
import { sctpFeatureScenarios } from './sctp-features.ts';
import { candidatesInDescription, forgedFingerprint } from './signalling.ts';
import { bothWays, largeMessage } from './transfer.ts';

export const scenarios: readonly Scenario[] = [
  textEcho,
  binaryEcho,
  largeMessage,
  bothWays,
  manyChannels,
  laterChannels,
  negotiatedId,
  labelAndProtocol,
  unorderedUnreliable,
  limitedLifetime,
  ...sctpFeatureScenarios,
  candidatesInDescription,
  ...closingScenarios,
  forgedFingerprint,
];
