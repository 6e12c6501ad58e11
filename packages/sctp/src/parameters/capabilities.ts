// What INIT and INIT ACK say about extensions, and what else their parameters hold (RFC 9260 §3.3.2.1, RFC 5061 §4.2.7, https://www.rfc-editor.org/rfc/rfc5061#section-4.2.7).
import { readUint32, writeUint32 } from '@kaon/wire';
import { CHUNK_TYPE, unknownParameterRule } from '../chunks/chunk-type.ts';
import { encodeParameters, PARAMETER_TYPE, type Parameter, parametersLength } from './parameter.ts';

/** The extensions that one side speaks. */
export interface Capabilities {
  /** FORWARD TSN (RFC 3758). */
  readonly partialReliability: boolean;
  /** RE-CONFIG (RFC 6525). */
  readonly reconfiguration: boolean;
  /** I-DATA (RFC 8260). */
  readonly interleaving: boolean;
  /** Takes packets without a checksum, as DTLS protects them (RFC 9653). */
  readonly zeroChecksum: boolean;
}

/** Error Detection Method Identifier: SCTP over DTLS (RFC 9653 §8). */
const EDMID_DTLS = 1;

/** What the parameters of an INIT or INIT ACK come to. */
export interface InitParameters {
  readonly capabilities: Capabilities;
  /** A view of the State Cookie's value; only INIT ACK has one. */
  readonly stateCookie: Uint8Array | undefined;
  /** Unknown parameters to be reported to the sender (RFC 9260 §3.2.1). */
  readonly unrecognized: readonly Parameter[];
  /** A host name stands where an address should (RFC 9260 §5.1.2 C): the association is refused. */
  readonly hasHostName: boolean;
}

/** The parameters that say what we speak; part of every INIT and INIT ACK. */
export function capabilityParameters(offered: {
  readonly interleaving: boolean;
  readonly zeroChecksum: boolean;
}): Parameter[] {
  const extensions: number[] = [CHUNK_TYPE.reConfig, CHUNK_TYPE.forwardTsn];
  if (offered.interleaving) extensions.push(CHUNK_TYPE.iData, CHUNK_TYPE.iForwardTsn);
  const parameters: Parameter[] = [
    { type: PARAMETER_TYPE.forwardTsnSupported, value: new Uint8Array(0) },
    { type: PARAMETER_TYPE.supportedExtensions, value: Uint8Array.from(extensions) },
  ];
  if (offered.zeroChecksum) {
    const value = new Uint8Array(4);
    writeUint32(value, 0, EDMID_DTLS);
    parameters.push({ type: PARAMETER_TYPE.zeroChecksumAcceptable, value });
  }
  return parameters;
}

/** Reads the parameters of an INIT or INIT ACK; unknown ones are treated by the rule of their bits. */
export function readInitParameters(parameters: readonly Parameter[]): InitParameters {
  const unrecognized: Parameter[] = [];
  let partialReliability = false;
  let reconfiguration = false;
  let interleaving = false;
  let zeroChecksum = false;
  let hasHostName = false;
  let stateCookie: Uint8Array | undefined;
  for (const parameter of parameters) {
    switch (parameter.type) {
      case PARAMETER_TYPE.forwardTsnSupported:
        partialReliability = true;
        break;
      case PARAMETER_TYPE.supportedExtensions:
        partialReliability ||= parameter.value.includes(CHUNK_TYPE.forwardTsn);
        reconfiguration ||= parameter.value.includes(CHUNK_TYPE.reConfig);
        interleaving ||= parameter.value.includes(CHUNK_TYPE.iData);
        break;
      case PARAMETER_TYPE.zeroChecksumAcceptable:
        // RFC 9653 §4: any other method is not ours.
        zeroChecksum =
          parameter.value.length === 4 && readUint32(parameter.value, 0) === EDMID_DTLS;
        break;
      case PARAMETER_TYPE.stateCookie:
        stateCookie = parameter.value;
        break;
      case PARAMETER_TYPE.hostNameAddress:
        hasHostName = true;
        break;
      // The path is DTLS's: addresses mean nothing here (RFC 8261 §6.1), and the lifetime of our cookie
      // is generous already.
      case PARAMETER_TYPE.ipv4Address:
      case PARAMETER_TYPE.ipv6Address:
      case PARAMETER_TYPE.supportedAddressTypes:
      case PARAMETER_TYPE.cookiePreservative:
      case PARAMETER_TYPE.unrecognizedParameter:
        break;
      default: {
        const rule = unknownParameterRule(parameter.type);
        if (rule.report) unrecognized.push(parameter);
        if (rule.stop) {
          return result();
        }
      }
    }
  }
  return result();

  function result(): InitParameters {
    return {
      capabilities: { partialReliability, reconfiguration, interleaving, zeroChecksum },
      stateCookie,
      unrecognized,
      hasHostName,
    };
  }
}

/** Unrecognized Parameter (RFC 9260 §3.3.3.1): the whole of `parameter`, sent back in an INIT ACK. */
export function unrecognizedParameter(parameter: Parameter): Parameter {
  const value = new Uint8Array(parametersLength([parameter]));
  encodeParameters([parameter], value, 0);
  return { type: PARAMETER_TYPE.unrecognizedParameter, value };
}
