// What a soak looks at: memory, what is left over, and the table of counters.
import type { RTCPeerConnection, RTCTransportStats } from '@kaon/peerconnection';
import type { Traffic } from './traffic.ts';

const MIB = 1024 * 1024;
/** The least of the heap may be so much larger in the last third than in the second. */
const MAX_GROWTH_BYTES = 2 * MIB;

/** The heap after garbage collections; run with `--expose-gc`. */
export class MemoryWatch {
  readonly #heaps: number[] = [];

  note(): void {
    globalThis.gc?.();
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    this.#heaps.push(heapUsed + arrayBuffers);
  }

  get largestMiB(): number {
    return Math.max(0, ...this.#heaps) / MIB;
  }

  /**
   * By how much the least of the last third is above that of the third before, in bytes: what is left when
   * hardly anything is under way, which goes up and down by several mebibytes.
   */
  get growthBytes(): number {
    const third = Math.floor(this.#heaps.length / 3);
    if (third === 0) return 0;
    return (
      Math.min(...this.#heaps.slice(-third)) - Math.min(...this.#heaps.slice(-2 * third, -third))
    );
  }
}

/** Offer, answer and candidates, handed over directly. */
export async function connect(a: RTCPeerConnection, b: RTCPeerConnection): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.onicecandidate = async ({ candidate }) => {
      if (candidate !== null) await to.addIceCandidate(candidate).catch(() => undefined);
    };
  }
  const channel = a.createDataChannel('first');
  const opened = new Promise((resolve) => {
    channel.onopen = resolve;
  });
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription as RTCSessionDescriptionInit);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription as RTCSessionDescriptionInit);
  await opened;
}

/** Prints the counters; whether there was no fault, nothing was left over, and memory stayed flat. */
export async function report(
  title: string,
  a: RTCPeerConnection,
  b: RTCPeerConnection,
  { totals }: Traffic,
  watch: MemoryWatch,
  complete: <T>(work: Promise<T>) => Promise<T>,
): Promise<boolean> {
  const rows: Record<string, number | string> = { ...totals };
  let channelsLeft = 0;
  for (const [name, connection] of [
    ['a', a],
    ['b', b],
  ] as const) {
    const stats = [...(await complete(connection.getStats())).values()];
    // The first channel is open still.
    channelsLeft += stats.filter(({ type }) => type === 'data-channel').length - 1;
    const transport = stats.find((each): each is RTCTransportStats => each.type === 'transport');
    for (const [key, value] of Object.entries(transport?.sctp ?? {}))
      rows[`${name} ${key}`] = value;
  }
  rows['channels left'] = channelsLeft;
  rows['heap at most, MiB'] = watch.largestMiB.toFixed(1);
  rows['heap growth, MiB'] = (watch.growthBytes / MIB).toFixed(2);
  console.log(`\n${title}`);
  console.table(rows);
  const isFlat = watch.growthBytes <= MAX_GROWTH_BYTES;
  if (totals.faults > 0) console.log(`FAILED: ${totals.faults} faults`);
  if (channelsLeft !== 0) console.log(`FAILED: ${channelsLeft} channels were left over`);
  if (!isFlat) console.log('FAILED: memory grew');
  return totals.faults === 0 && channelsLeft === 0 && isFlat;
}
