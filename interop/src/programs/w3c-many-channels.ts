// Many channels on one connection: how long until all are open and each has carried a message.

/** A channel of a peer program, with the hook that takes an echo out of the program's hands. */
export interface EchoChannel {
  readonly rtc: RTCDataChannel;
  /** Takes the next message away from the receive mode. */
  onEcho: (() => void) | undefined;
}

/** Opens `count` channels, then sends `message` once on each and waits for every echo. */
export async function openMany(
  create: (label: string) => EchoChannel,
  count: number,
  message: Uint8Array<ArrayBuffer>,
): Promise<{ openMs: number; echoedMs: number }> {
  const start = performance.now();
  const channels = Array.from({ length: count }, (_, index) => create(`many-${index}`));
  await Promise.all(channels.map(({ rtc }) => opened(rtc)));
  const openMs = performance.now() - start;
  const echoes = channels.map(echoed);
  for (const { rtc } of channels) rtc.send(message);
  await Promise.all(echoes);
  return { openMs, echoedMs: performance.now() - start };
}

function opened(channel: RTCDataChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    if (channel.readyState === 'open') return resolve();
    channel.addEventListener('open', () => resolve());
    channel.addEventListener('close', () => reject(new Error(`${channel.label} was closed`)));
  });
}

function echoed(channel: EchoChannel): Promise<void> {
  return new Promise((resolve) => {
    channel.onEcho = () => {
      channel.onEcho = undefined;
      resolve();
    };
  });
}
