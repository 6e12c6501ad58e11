// Handshakes whose flights arrive cut up anew: in overlapping fragments, several to a record, in any order.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.2.3

import { SeededRandom } from '@kaon/simnet';
import { concatBytes, readUint16, readUint24 } from '@kaon/wire';
import { expect, test } from 'vitest';
import {
  encodeHandshakeHeader,
  HANDSHAKE_HEADER_LENGTH,
} from '../../src/handshake/handshake-message.ts';
import { ContentType } from '../../src/record/record.ts';
import { CERTIFICATES } from '../certificates.ts';
import { ConnectionPair } from '../connection-pair.ts';
import { joinRecord, splitRecords } from '../records.ts';

/** A network that takes datagrams apart and hands on what was in them, in another form and order. */
class Recutter {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(`recut ${seed}`);
  }

  recut(datagram: Uint8Array): readonly Uint8Array[] {
    const records = splitRecords(datagram).flatMap(({ header, content }) => {
      const isOpen = header.type === ContentType.handshake && header.epoch === 0;
      if (!isOpen || this.#below(3) === 0) return [joinRecord(header, content)];
      return this.#pack(this.#shuffle(this.#cut(content))).map((part) => joinRecord(header, part));
    });
    return this.#pack(this.#below(2) === 0 ? this.#shuffle(records) : records);
  }

  /** A fragment in fragments of its own, which overlap. */
  #cut(content: Uint8Array): Uint8Array[] {
    const [length, messageSeq] = [readUint24(content, 1), readUint16(content, 4)];
    const offset = readUint24(content, 6);
    const body = content.subarray(HANDSHAKE_HEADER_LENGTH);
    const size = 1 + this.#below(200);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at === 0 || at < body.length; at += size) {
      const piece = body.subarray(Math.max(0, at - this.#below(20)), at + size);
      const start = offset + piece.byteOffset - body.byteOffset;
      const bytes = new Uint8Array(HANDSHAKE_HEADER_LENGTH + piece.length);
      const type = content[0] as number;
      encodeHandshakeHeader(bytes, 0, type, length, messageSeq, start, piece.length);
      bytes.set(piece, HANDSHAKE_HEADER_LENGTH);
      pieces.push(bytes);
    }
    return pieces;
  }

  /** Some of them put together with those behind them. */
  #pack(parts: readonly Uint8Array[]): Uint8Array[] {
    const packed: Uint8Array[][] = [[]];
    for (const part of parts) {
      packed.at(-1)?.push(part);
      if (this.#below(2) === 0) packed.push([]);
    }
    return packed.filter(({ length }) => length > 0).map((group) => concatBytes(...group));
  }

  #shuffle(parts: readonly Uint8Array[]): Uint8Array[] {
    const keyed = parts.map((part) => ({ part, key: this.#random.uint32() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ part }) => part);
  }

  #below(limit: number): number {
    return this.#random.uint32() % limit;
  }
}

test.each([
  ['ECDSA', CERTIFICATES.p256, 1200],
  ['RSA', CERTIFICATES.rsa, 1200],
  ['the smallest datagrams', CERTIFICATES.p256, 100],
] as const)('100 seeds connect, however flights are cut: %s', (_, certificate, mtu) => {
  for (let seed = 0; seed < 100; seed++) {
    const recutter = new Recutter(seed);
    const options = { certificate, mtu, cookieExchange: seed % 2 === 0 };
    const pair = new ConnectionPair(options, options);
    pair.deliver = (datagram) => {
      const arriving = recutter.recut(datagram);
      return seed % 5 === 0 ? [...arriving, ...arriving] : arriving;
    };
    pair.start().settle();
    expect([pair.client.state, pair.server.state]).toEqual(['connected', 'connected']);
    expect(pair.client.exportKeyingMaterial('EXPERIMENTAL', 32)).toEqual(
      pair.server.exportKeyingMaterial('EXPERIMENTAL', 32),
    );
    // Nothing was lost, so nothing needed a second flight.
    if (mtu === 1200) expect(pair.now).toBe(0);
  }
});
