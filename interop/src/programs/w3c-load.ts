// Load for measurements over a W3C data channel: one way with back pressure, and there and back.
import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from '../control/protocol.ts';

/** After so long without a pause the sender lets other work of its process run. */
const BURST_MS = 10;

/** Sends `message` again and again for `durationMs`, by the back-pressure rule of the protocol. */
export async function blast(
  channel: RTCDataChannel,
  message: Uint8Array<ArrayBuffer>,
  durationMs: number,
  lacksLowEvent: boolean,
): Promise<{ messages: number }> {
  const drained = lacksLowEvent ? bufferedAmountSeenLow : bufferedAmountLow;
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  const end = performance.now() + durationMs;
  let messages = 0;
  for (let now = performance.now(); now < end; now = performance.now()) {
    const pauseAt = now + BURST_MS;
    while (channel.bufferedAmount <= HIGH_WATER_BYTES) {
      channel.send(message);
      messages++;
      // Reading the clock for each small message would be part of the measurement.
      if ((messages & 63) === 0 && performance.now() > pauseAt) break;
    }
    if (channel.bufferedAmount > HIGH_WATER_BYTES) await drained(channel, end);
    else await nextTurn();
  }
  return { messages };
}

/** Waits for the event, but not past `end`: a slow stack may still hold its megabyte then. */
function bufferedAmountLow(channel: RTCDataChannel, end: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      channel.removeEventListener('bufferedamountlow', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, end - performance.now()));
    channel.addEventListener('bufferedamountlow', done);
  });
}

/** For a stack without the event: the same wait by looking again and again. */
async function bufferedAmountSeenLow(channel: RTCDataChannel, end: number): Promise<void> {
  while (channel.bufferedAmount > LOW_WATER_BYTES && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A macrotask turn without the clamp that timers have, in Node and in pages. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // In Node a message would load its HTTP client, 16 MiB that are none of the peer's.
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Round-trip times in milliseconds of `times` messages, one under way at a time. */
export async function ping(
  channel: RTCDataChannel,
  message: Uint8Array<ArrayBuffer>,
  times: number,
  setEchoHandler: (handler: (() => void) | undefined) => void,
): Promise<readonly number[]> {
  const roundTrips: number[] = [];
  await new Promise<void>((resolve) => {
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      channel.send(message);
    };
    setEchoHandler(() => {
      roundTrips.push(performance.now() - sentAt);
      if (roundTrips.length < times) send();
      else resolve();
    });
    send();
  });
  setEchoHandler(undefined);
  return roundTrips;
}
