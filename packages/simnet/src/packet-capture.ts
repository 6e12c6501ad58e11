// Keeps what a trace tells, within a limit, and writes it as text or as a pcap file.

import { Queue } from '@kaon/wire';
import { encodePcap, type PcapPacket } from './pcap.ts';
import { formatTraceRecord, type Trace, type TraceRecord } from './trace.ts';

const DEFAULT_MAX_RECORDS = 100_000;

/** What to keep. */
export interface CaptureOptions {
  /** Only what this host sends and gets, as a capture on the host itself would; all hosts by default. */
  readonly host?: string;
  /** Records to keep, the newest; 100 000 by default. */
  readonly maxRecords?: number;
}

/** A log of packets that goes on until {@link stop}. */
export class PacketCapture {
  readonly #host: string | undefined;
  readonly #epochMs: number;
  readonly #maxRecords: number;
  readonly #records = new Queue<TraceRecord>();
  readonly #stop: () => void;

  constructor(trace: Trace, epochMs: number, options: CaptureOptions) {
    this.#host = options.host;
    this.#epochMs = epochMs;
    this.#maxRecords = options.maxRecords ?? DEFAULT_MAX_RECORDS;
    this.#stop = trace.listen((record) => this.#keep(record));
  }

  /** What was kept, oldest first. */
  get records(): readonly TraceRecord[] {
    return [...this.#records];
  }

  /** Ends the capture; what was kept stays. */
  stop(): void {
    this.#stop();
  }

  /** The records as text, one a line. */
  text(): string {
    let text = '';
    for (const record of this.#records) text += `${formatTraceRecord(record)}\n`;
    return text;
  }

  /**
   * The packets as a pcap file. With a host: what it sent and got, with the addresses it saw. Without:
   * every packet once, as it was sent.
   */
  pcap(): Uint8Array {
    const packets: PcapPacket[] = [];
    for (const record of this.#records) {
      const isWanted =
        record.type === 'send' || (record.type === 'deliver' && this.#host !== undefined);
      if (isWanted) packets.push({ ...record, wallClockMs: this.#epochMs + record.at });
    }
    return encodePcap(packets);
  }

  #keep(record: TraceRecord): void {
    if (this.#host !== undefined && record.place !== this.#host) return;
    this.#records.push(record);
    if (this.#records.length > this.#maxRecords) this.#records.shift();
  }
}
