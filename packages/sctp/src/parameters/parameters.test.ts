import { parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
      }),
    );
  });

  test('are refused when cut short', () => {
    expect(decodeOutgoingSsnResetRequest(new Uint8Array(11))).toBeUndefined();
    expect(decodeOutgoingSsnResetRequest(new Uint8Array(13))).toBeUndefined();
    expect(decodeIncomingSsnResetRequest(new Uint8Array(3))).toBeUndefined();
    expect(decodeReconfigurationResponse(new Uint8Array(7))).toBeUndefined();
  });
});
