// Connectivity checks that we receive: what they must have, and how they are answered.
// https://www.rfc-editor.org/rfc/rfc8445#section-7.3

import {
  attribute,
  BINDING_METHOD,
  encodeErrorResponse,
  encodeMessage,
  hasAttribute,
  ICE_CONTROLLED,
  ICE_CONTROLLING,
  PRIORITY,
  readAttribute,
  type StunMessage,
  UNKNOWN_ATTRIBUTES,
  USE_CANDIDATE,
  USERNAME,
  unknownRequiredAttributes,
  verifyIntegrity,
  XOR_MAPPED_ADDRESS,
} from '@kaon/stun';
import type { TransportAddress } from '@kaon/wire';
import type { KeyedCredentials } from './credentials.ts';
import type { IceRole } from './role.ts';

/** A check whose sender has proved to know our password. */
export interface CheckRequest {
  readonly message: StunMessage;
  /** The candidate to make of its source, if it is not known (RFC 8445 §7.3.1.3). */
  readonly priority: number;
  readonly useCandidate: boolean;
  /** The sender's role and tie-breaker; undefined from one who says neither (RFC 8445 §7.3.1.1). */
  readonly claim: { readonly role: IceRole; readonly tieBreaker: bigint } | undefined;
  readonly remoteUsernameFragment: string;
}

/** What a request turned out to be. */
export type CheckRequestVerdict =
  | { readonly kind: 'accepted'; readonly request: CheckRequest }
  /** Refused; `isAuthenticated` says whether its sender knew our password. */
  | { readonly kind: 'refused'; readonly isAuthenticated: boolean; readonly response: Uint8Array };

const UNDERSTOOD: ReadonlySet<number> = new Set([
  USERNAME.type,
  PRIORITY.type,
  USE_CANDIDATE.type,
  // Of RFC 8489: known, and without meaning in a check.
  XOR_MAPPED_ADDRESS.type,
]);

/** RFC 8489 §9.1.3 step by step; `generations` are the credentials that may be addressed. */
export function judgeCheckRequest<T extends { readonly localCredentials: KeyedCredentials }>(
  message: StunMessage,
  generations: readonly T[],
): { readonly generation: T | undefined; readonly verdict: CheckRequestVerdict } {
  const refuse = (code: number): CheckRequestVerdict => ({
    kind: 'refused',
    isAuthenticated: false,
    response: encodeErrorResponse(message, code, [], { fingerprint: true }),
  });
  const username = readAttribute(message, USERNAME);
  if (username === undefined || message.integrityOffset < 0) {
    return { generation: undefined, verdict: refuse(400) };
  }
  const colon = username.indexOf(':');
  const addressed = username.slice(0, Math.max(colon, 0));
  const generation = generations.find(
    ({ localCredentials }) => localCredentials.usernameFragment === addressed,
  );
  if (generation === undefined) return { generation, verdict: refuse(401) };
  const { integrity } = generation.localCredentials;
  if (!verifyIntegrity(message, integrity)) return { generation, verdict: refuse(401) };

  const refuseAuthenticated = (code: number, unknown: readonly number[]): CheckRequestVerdict => ({
    kind: 'refused',
    isAuthenticated: true,
    response: encodeErrorResponse(
      message,
      code,
      unknown.length > 0 ? [attribute(UNKNOWN_ATTRIBUTES, unknown)] : [],
      { integrity, fingerprint: true },
    ),
  });
  // RFC 8489 §6.3.1: authentication comes first, then what is not understood.
  const unknown = unknownRequiredAttributes(message, UNDERSTOOD);
  if (unknown.length > 0) return { generation, verdict: refuseAuthenticated(420, unknown) };
  // RFC 8445 §7.1.1: PRIORITY must be there.
  const priority = readAttribute(message, PRIORITY);
  if (priority === undefined || priority === 0) {
    return { generation, verdict: refuseAuthenticated(400, []) };
  }
  const request: CheckRequest = {
    message,
    priority,
    useCandidate: hasAttribute(message, USE_CANDIDATE),
    claim: readClaim(message),
    remoteUsernameFragment: username.slice(colon + 1),
  };
  return { generation, verdict: { kind: 'accepted', request } };
}

/** The answer that tells the sender its address (RFC 8445 §7.3.1.2). */
export function encodeCheckResponse(
  request: StunMessage,
  source: TransportAddress,
  credentials: KeyedCredentials,
): Uint8Array {
  return encodeMessage(
    {
      class: 'success',
      method: BINDING_METHOD,
      transactionId: request.transactionId,
      attributes: [attribute(XOR_MAPPED_ADDRESS, source)],
    },
    { integrity: credentials.integrity, fingerprint: true },
  );
}

/** 487: the sender is to switch roles (RFC 8445 §7.3.1.1). */
export function encodeRoleConflict(
  request: StunMessage,
  credentials: KeyedCredentials,
): Uint8Array {
  return encodeErrorResponse(request, 487, [], {
    integrity: credentials.integrity,
    fingerprint: true,
  });
}

function readClaim(message: StunMessage): CheckRequest['claim'] {
  const controlling = readAttribute(message, ICE_CONTROLLING);
  if (controlling !== undefined) return { role: 'controlling', tieBreaker: controlling };
  const controlled = readAttribute(message, ICE_CONTROLLED);
  if (controlled !== undefined) return { role: 'controlled', tieBreaker: controlled };
  return undefined;
}
