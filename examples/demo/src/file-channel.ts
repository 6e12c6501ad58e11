// One file over one data channel: a header, its bytes, its hash, and the receiver's word on it.

import { createHash } from 'node:crypto';

// channel "file" carries, in this order:
//   sender    {"name":"a.bin","size":67108864}
//   sender    binary messages of at most 64 KiB
//   sender    {"sha256":"…"}
//   receiver  {"sha256":"…","size":67108864,"ok":true}

/** The label of a channel that carries one file. */
export const FILE_LABEL = 'file';
/** What is accepted from a browser, to be sent back from memory. */
export const MAX_RETURNED_BYTES: number = 512 * 1024 * 1024;

const CHUNK_BYTES = 64 * 1024;
const HIGH_WATER_BYTES = 4 * 1024 * 1024;
const LOW_WATER_BYTES = 1024 * 1024;

/** What a file is, before its bytes. */
export interface FileHeader {
  readonly name: string;
  readonly size: number;
}

/** The receiver's word. */
export interface FileReceipt {
  readonly sha256: string;
  readonly size: number;
  /** The hash is the one that the sender named, and so is the size. */
  readonly ok: boolean;
}

/**
 * Sends a file and waits for its receipt.
 *
 * @param chunks the file's bytes, in pieces of any size.
 * @throws Error (as a rejection) if the channel closes first.
 */
export async function sendFile(
  channel: RTCDataChannel,
  header: FileHeader,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onProgress: (bytes: number) => void = () => undefined,
): Promise<FileReceipt> {
  const receipt = new Promise<FileReceipt>((resolve, reject) => {
    channel.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))));
    channel.addEventListener('close', () => reject(new Error('The channel closed too early.')));
  });
  receipt.catch(() => undefined); // Awaited below; a rejection before that is not a second fault.
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  const hash = createHash('sha256');
  let sent = 0;
  channel.send(JSON.stringify(header));
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      const piece = chunk.slice(at, at + CHUNK_BYTES);
      hash.update(piece);
      if (channel.bufferedAmount > HIGH_WATER_BYTES)
        await Promise.race([whenLow(channel), receipt]);
      channel.send(piece);
      sent += piece.length;
      onProgress(sent - channel.bufferedAmount);
    }
  }
  channel.send(JSON.stringify({ sha256: hash.digest('hex') }));
  return receipt;
}

function whenLow(channel: RTCDataChannel): Promise<void> {
  return new Promise((resolve) => {
    channel.addEventListener('bufferedamountlow', () => resolve(), { once: true });
  });
}

/** What {@link receiveFile} reports. */
export interface FileEvents {
  onHeader?(header: FileHeader): void;
  onChunk?(chunk: Uint8Array, received: number): void;
}

/**
 * Receives the file that comes over `channel`, and sends the receipt.
 *
 * @throws Error (as a rejection) if the channel closes first.
 */
export function receiveFile(
  channel: RTCDataChannel,
  events: FileEvents = {},
): Promise<FileHeader & FileReceipt> {
  channel.binaryType = 'arraybuffer';
  const hash = createHash('sha256');
  let header: FileHeader | undefined;
  let received = 0;
  return new Promise((resolve, reject) => {
    channel.addEventListener('close', () => reject(new Error('The channel closed too early.')));
    channel.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data !== 'string') {
        const chunk = new Uint8Array(data);
        hash.update(chunk);
        received += chunk.length;
        if (header === undefined || received > header.size) {
          channel.close(); // More than was announced: not to be kept.
          return;
        }
        events.onChunk?.(chunk, received);
      } else if (header === undefined) {
        header = JSON.parse(data) as FileHeader;
        events.onHeader?.(header);
      } else {
        const { sha256: expected } = JSON.parse(data) as { sha256: string };
        const sha256 = hash.digest('hex');
        const ok = sha256 === expected && received === header.size;
        const receipt: FileReceipt = { sha256, size: received, ok };
        channel.send(JSON.stringify(receipt));
        resolve({ ...header, ...receipt });
      }
    });
  });
}
