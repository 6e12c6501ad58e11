import { parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAddStreamsRequest, encodeAddStreamsRequest } from './add-streams-request.ts';
import { capabilityParameters, readInitParameters, unrecognizedParameter } from './capabilities.ts';
import {
  decodeParameters,
  encodeParameters,
  type Parameter,
  parametersLength,
} from './parameter.ts';
import {
  decodeReconfigurationResponse,
  encodeReconfigurationResponse,
} from './reconfiguration-response.ts';
import {
  decodeIncomingSsnResetRequest,
  decodeOutgoingSsnResetRequest,
  encodeIncomingSsnResetRequest,
  encodeOutgoingSsnResetRequest,
} from './ssn-reset-request.ts';
import { decodeSsnTsnResetRequest, encodeSsnTsnResetRequest } from './ssn-tsn-reset-request.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const uint16 = fc.integer({ min: 0, max: 0xffff });

describe('parameters (RFC 9260 §3.2.1)', () => {
  test('come back as they were encoded', () => {
    const parameters = fc.array(
      fc.record({ type: uint16, value: fc.uint8Array({ maxLength: 30 }) }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(parameters, (list) => {
        const out = new Uint8Array(parametersLength(list));
        expect(encodeParameters(list, out, 0)).toBe(out.length);
        expect(decodeParameters(out, 0, out.length)).toEqual(list);
      }),
    );
  });

  test.each([
    ['a length below four', '00070003'],
    ['a length past the end', '00070009 01020304'],
    ['bytes left over', '00070004 0000'],
  ])('are refused with %s', (_, hex) => {
    const bytes = parseHex(hex)!;
    expect(decodeParameters(bytes, 0, bytes.length)).toBeUndefined();
  });

  test('the last one may come without its padding', () => {
    const bytes = parseHex('00070005 01')!;
    expect(decodeParameters(bytes, 0, bytes.length)).toEqual([
      { type: 7, value: Uint8Array.of(1) },
    ]);
  });

  test('say what Kaon speaks', () => {
    expect(
      readInitParameters(capabilityParameters({ interleaving: true, zeroChecksum: true }))
        .capabilities,
    ).toEqual({
      partialReliability: true,
      reconfiguration: true,
      interleaving: true,
      zeroChecksum: true,
    });
    expect(readInitParameters([]).capabilities).toEqual({
      partialReliability: false,
      reconfiguration: false,
      interleaving: false,
      zeroChecksum: false,
    });
    const otherMethod = { type: 0x8001, value: Uint8Array.of(0, 0, 0, 2) };
    expect(readInitParameters([otherMethod]).capabilities.zeroChecksum).toBe(false);
  });

  test('unknown ones are passed over, reported or stop the list by their upper bits', () => {
    const make = (type: number): Parameter => ({ type, value: new Uint8Array(0) });
    const forwardTsn = make(0xc000);
    expect(readInitParameters([make(0x8001), forwardTsn])).toMatchObject({
      unrecognized: [],
      capabilities: { partialReliability: true },
    });
    expect(readInitParameters([make(0xc001), forwardTsn])).toMatchObject({
      unrecognized: [make(0xc001)],
      capabilities: { partialReliability: true },
    });
    expect(readInitParameters([make(0x4001), forwardTsn])).toMatchObject({
      unrecognized: [make(0x4001)],
      capabilities: { partialReliability: false },
    });
    expect(unrecognizedParameter({ type: 0xc001, value: Uint8Array.of(5) })).toEqual({
      type: 8,
      value: parseHex('c0010005 05000000'),
    });
  });
});

describe('re-configuration parameters (RFC 6525 §4)', () => {
  test('come back as they were encoded', () => {
    fc.assert(
      fc.property(uint32, uint32, uint32, fc.array(uint16, { maxLength: 20 }), (a, b, c, ids) => {
        const outgoing = {
          type: 'outgoing-ssn-reset-request' as const,
          requestSequenceNumber: a,
          responseSequenceNumber: b,
          lastAssignedTsn: c,
          streamIds: ids,
        };
        const incoming = {
          type: 'incoming-ssn-reset-request' as const,
          requestSequenceNumber: a,
          streamIds: ids,
        };
        const response = {
          type: 'reconfiguration-response' as const,
          responseSequenceNumber: a,
          result: b,
        };
        expect(
          decodeOutgoingSsnResetRequest(encodeOutgoingSsnResetRequest(outgoing).value),
        ).toEqual(outgoing);
        expect(
          decodeIncomingSsnResetRequest(encodeIncomingSsnResetRequest(incoming).value),
        ).toEqual(incoming);
        expect(
          decodeReconfigurationResponse(encodeReconfigurationResponse(response).value),
        ).toEqual(response);
        const restarted = { ...response, next: { sendersNextTsn: b, receiversNextTsn: c } };
        expect(
          decodeReconfigurationResponse(encodeReconfigurationResponse(restarted).value),
        ).toEqual(restarted);
        const restart = { type: 'ssn-tsn-reset-request' as const, requestSequenceNumber: a };
        expect(decodeSsnTsnResetRequest(encodeSsnTsnResetRequest(restart).value)).toEqual(restart);
        for (const type of [
          'add-outgoing-streams-request',
          'add-incoming-streams-request',
        ] as const) {
          const add = { type, requestSequenceNumber: a, newStreams: c & 0xffff };
          expect(decodeAddStreamsRequest(type, encodeAddStreamsRequest(add).value)).toEqual(add);
        }
      }),
    );
  });

  test('have the layout of the RFC', () => {
    const add = {
      type: 'add-outgoing-streams-request' as const,
      requestSequenceNumber: 0x01020304,
      newStreams: 0x1122,
    };
    expect(encodeAddStreamsRequest(add)).toEqual({
      type: 17,
      value: parseHex('01020304 1122 0000'),
    });
    expect(encodeAddStreamsRequest({ ...add, type: 'add-incoming-streams-request' }).type).toBe(18);
    const restart = { type: 'ssn-tsn-reset-request' as const, requestSequenceNumber: 0x01020304 };
    expect(encodeSsnTsnResetRequest(restart)).toEqual({ type: 15, value: parseHex('01020304') });
    const response = {
      type: 'reconfiguration-response' as const,
      responseSequenceNumber: 1,
      result: 1,
      next: { sendersNextTsn: 0xaabbccdd, receiversNextTsn: 0x11223344 },
    };
    expect(encodeReconfigurationResponse(response)).toEqual({
      type: 16,
      value: parseHex('00000001 00000001 aabbccdd 11223344'),
    });
  });

  test('are refused when cut short', () => {
    expect(decodeOutgoingSsnResetRequest(new Uint8Array(11))).toBeUndefined();
    expect(decodeOutgoingSsnResetRequest(new Uint8Array(13))).toBeUndefined();
    expect(decodeIncomingSsnResetRequest(new Uint8Array(3))).toBeUndefined();
    expect(decodeReconfigurationResponse(new Uint8Array(7))).toBeUndefined();
    expect(decodeReconfigurationResponse(new Uint8Array(12))).toBeUndefined();
    expect(decodeSsnTsnResetRequest(new Uint8Array(3))).toBeUndefined();
    const type = 'add-incoming-streams-request';
    expect(decodeAddStreamsRequest(type, new Uint8Array(6))).toBeUndefined();
  });
});
