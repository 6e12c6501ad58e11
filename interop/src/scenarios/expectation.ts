// Expectations on received messages and channels.
import { crc32, payload } from '../control/payload.ts';
import type { ChannelOptions, ChannelProperties } from '../control/protocol.ts';
import { ExpectationError, type ReceivedMessage } from '../session/endpoint.ts';

const textEncoder = new TextEncoder();

export function expectedText(text: string): ReceivedMessage {
  const bytes = textEncoder.encode(text);
  return { kind: 'text', bytes: bytes.byteLength, crc: crc32(bytes) };
}

export function expectedBinary(size: number, seed: number): ReceivedMessage {
  return { kind: 'binary', bytes: size, crc: crc32(payload(size, seed)) };
}

export function expectMessage(
  where: string,
  actual: ReceivedMessage,
  wanted: ReceivedMessage,
): void {
  const isEqual =
    actual.kind === wanted.kind && actual.bytes === wanted.bytes && actual.crc === wanted.crc;
  if (!isEqual) {
    throw new ExpectationError(`${where} received ${describe(actual)}, not ${describe(wanted)}`);
  }
}

export function expectThat(condition: boolean, sentence: string): void {
  if (!condition) throw new ExpectationError(sentence);
}

/** The far side of a channel must report what its creator asked for. */
export function expectProperties(
  where: string,
  actual: ChannelProperties | undefined,
  options: ChannelOptions,
): void {
  if (actual === undefined) throw new ExpectationError(`${where} reported no incoming channel`);
  const wanted = {
    ordered: options.ordered ?? true,
    maxRetransmits: options.maxRetransmits ?? null,
    maxPacketLifeTime: options.maxPacketLifeTime ?? null,
    protocol: options.protocol ?? '',
  };
  for (const [name, value] of Object.entries(wanted)) {
    const reported = actual[name as keyof typeof wanted];
    expectThat(
      reported === value,
      `${where} reports ${name} ${JSON.stringify(reported)}, not ${JSON.stringify(value)}`,
    );
  }
}

function describe({ kind, bytes, crc }: ReceivedMessage): string {
  return `${kind} of ${bytes} B with checksum ${crc.toString(16)}`;
}
