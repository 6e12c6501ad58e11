// The Binding client against the minimal server, and against liars (RFC 8489 §6.3.3, §6.3.4).

import type { RandomSource } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import { addressKind } from './attributes/address.ts';
import {
  ALTERNATE_SERVER,
  answerBinding,
  attribute,
  decodeMessage,
  ERROR_CODE,
  encodeErrorResponse,
  encodeMessage,
  MAPPED_ADDRESS,
  NONCE,
  REALM,
  readAttribute,
  StunClient,
  type StunMessage,
  UNKNOWN_ATTRIBUTES,
} from './index.ts';

const SOURCE = { address: '203.0.113.9', port: 4000 };

/** Counts up: unique transaction IDs without chance. */
function countingRandom(): RandomSource {
  let next = 0;
  return {
    fill: (out) => out.map((_, i, all) => (all[i] = next++ & 0xff)),
    uint32: () => next++,
  };
}

function startedClient(): { client: StunClient; request: Uint8Array; message: StunMessage } {
  const client = new StunClient({ random: countingRandom() });
  client.start(0);
  const request = client.pollDatagram();
  const message = request && decodeMessage(request);
  if (request === undefined || message === undefined) throw new Error('no request');
  return { client, request, message };
}

describe('StunClient', () => {
  it('reports the address that the server saw, and how long that took', () => {
    const { client, request } = startedClient();
    client.handleDatagram(answerBinding(request, SOURCE) as Uint8Array, 25);
    expect(client.pollEvent()).toEqual({
      type: 'mapped-address',
      address: SOURCE,
      roundTripTimeMs: 25,
    });
    expect(client.pollEvent()).toBeUndefined();
    expect(client.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  it('understands servers that know MAPPED-ADDRESS only', () => {
    const { client, message } = startedClient();
    const { transactionId, method } = message;
    const attributes = [attribute(MAPPED_ADDRESS, SOURCE)];
    client.handleDatagram(
      encodeMessage({ class: 'success', method, transactionId, attributes }),
      1,
    );
    expect(client.pollEvent()).toMatchObject({ type: 'mapped-address', address: SOURCE });
  });

  it('fails with STUN_TIMEOUT when nobody answers', () => {
    const client = new StunClient({ random: countingRandom() });
    client.start(0);
    while (client.nextTimeout < Number.POSITIVE_INFINITY) client.handleTimeout(client.nextTimeout);
    expect(client.pollEvent()).toMatchObject({ type: 'failed', error: { code: 'STUN_TIMEOUT' } });
  });

  it('ignores answers to other transactions, requests, and noise', () => {
    const { client, request } = startedClient();
    const other = request.slice();
    other[19] = (other[19] as number) ^ 1;
    client.handleDatagram(answerBinding(other, SOURCE) ?? new Uint8Array(0), 1);
    client.handleDatagram(request, 1);
    client.handleDatagram(new Uint8Array(40), 1);
    expect(client.pollEvent()).toBeUndefined();
    client.handleDatagram(answerBinding(request, SOURCE) as Uint8Array, 2);
    expect(client.pollEvent()).toMatchObject({ type: 'mapped-address' });
  });

  it('reports error responses with their code, and where a 300 sends us (RFC 8489 §10)', () => {
    const { client, message } = startedClient();
    const elsewhere = { address: '192.0.2.7', port: 3479 };
    const details = [attribute(ALTERNATE_SERVER, elsewhere)];
    client.handleDatagram(encodeErrorResponse(message, 300, details), 1);
    expect(client.pollEvent()).toMatchObject({
      type: 'failed',
      error: { code: 'STUN_ERROR_RESPONSE', errorCode: 300 },
      alternateServer: elsewhere,
    });
  });

  it('reports the 401 of a server that wants credentials as what it is (RFC 8489 §9.2.4)', () => {
    const { client, message } = startedClient();
    const details = [attribute(REALM, 'example.org'), attribute(NONCE, 'obMatJos2AAAA')];
    client.handleDatagram(encodeErrorResponse(message, 401, details), 1);
    expect(client.pollEvent()).toMatchObject({
      type: 'failed',
      error: { code: 'STUN_ERROR_RESPONSE', errorCode: 401 },
    });
  });

  it('passes over what only servers of old say (RFC 5389 §12.1)', () => {
    const { client, message } = startedClient();
    const { transactionId, method } = message;
    const old = [0x0002, 0x0004, 0x0005, 0x000b].map((type) =>
      attribute(addressKind('OLD', type, false), { address: '192.0.2.1', port: 3478 }),
    );
    const attributes = [attribute(MAPPED_ADDRESS, SOURCE), ...old];
    client.handleDatagram(
      encodeMessage({ class: 'success', method, transactionId, attributes }),
      1,
    );
    expect(client.pollEvent()).toMatchObject({ type: 'mapped-address', address: SOURCE });
  });

  it('takes a success without an address for a failure', () => {
    const { client, message } = startedClient();
    const { transactionId, method } = message;
    client.handleDatagram(
      encodeMessage({ class: 'success', method, transactionId, attributes: [] }),
      1,
    );
    expect(client.pollEvent()).toMatchObject({ error: { code: 'STUN_MALFORMED_RESPONSE' } });
  });
});

describe('answerBinding', () => {
  it('answers 420 and names the attributes it must understand and does not (RFC 8489 §6.3.1)', () => {
    const odd = {
      name: 'ODD',
      type: 0x7abc,
      byteLength: (): number => 0,
      encode: (): void => undefined,
      decode: (): true => true,
    };
    const request = encodeMessage({
      class: 'request',
      method: 1,
      transactionId: new Uint8Array(12),
      attributes: [attribute(odd, true)],
    });
    const answer = decodeMessage(answerBinding(request, SOURCE) as Uint8Array);
    if (answer === undefined) throw new Error('no answer');
    expect(answer.class).toBe('error');
    expect(readAttribute(answer, ERROR_CODE)).toEqual({ code: 420, reason: 'Unknown Attribute' });
    expect(readAttribute(answer, UNKNOWN_ATTRIBUTES)).toEqual([0x7abc]);
  });

  it('says nothing to indications, responses, other methods, wrong fingerprints and noise', () => {
    const base = { method: 1, transactionId: new Uint8Array(12), attributes: [] };
    const request = encodeMessage({ ...base, class: 'request' }, { fingerprint: true });
    request[request.length - 1] = (request[request.length - 1] as number) ^ 1;
    const others = [
      encodeMessage({ ...base, class: 'indication' }),
      encodeMessage({ ...base, class: 'success' }),
      encodeMessage({ ...base, class: 'request', method: 3 }),
      request,
      new Uint8Array(100),
    ];
    for (const datagram of others) expect(answerBinding(datagram, SOURCE)).toBeUndefined();
  });
});
