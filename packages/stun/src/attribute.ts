// How an attribute is described, and how one is put into and taken out of a message (RFC 8489 §14).

import type { StunMessage } from './message.ts';

/** One kind of attribute: its number and the layout of its value. */
export interface AttributeKind<T> {
  /** The RFC's name, such as `XOR-MAPPED-ADDRESS`. */
  readonly name: string;
  /** The number in the type field; below 0x8000 it must be understood (RFC 8489 §14). */
  readonly type: number;
  /** Bytes of the value without padding. */
  byteLength(value: T): number;
  /** Writes the value from `offset` on. */
  encode(value: T, out: Uint8Array, offset: number, transactionId: Uint8Array): void;
  /** Reads a value; undefined if it is malformed. */
  decode(value: Uint8Array, transactionId: Uint8Array): T | undefined;
}

/** An attribute as received: its value is a view of the message. */
export interface RawAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** An attribute to be sent. */
export interface OutgoingAttribute {
  readonly type: number;
  readonly byteLength: number;
  encode(out: Uint8Array, offset: number, transactionId: Uint8Array): void;
}

/** `value` as an attribute of this `kind`, for a message to be sent. */
export function attribute<T>(kind: AttributeKind<T>, value: T): OutgoingAttribute {
  return {
    type: kind.type,
    byteLength: kind.byteLength(value),
    encode: (out, offset, transactionId) => kind.encode(value, out, offset, transactionId),
  };
}

/**
 * The value of the first attribute of this `kind` (RFC 8489 §14: later ones are ignored).
 *
 * @returns undefined if there is none, or if it is malformed.
 */
export function readAttribute<T>(message: StunMessage, kind: AttributeKind<T>): T | undefined {
  const raw = message.attributes.find((candidate) => candidate.type === kind.type);
  return raw === undefined ? undefined : kind.decode(raw.value, message.transactionId);
}

/** Whether the message has an attribute of this `kind`, well-formed or not. */
export function hasAttribute(message: StunMessage, kind: { readonly type: number }): boolean {
  return message.attributes.some((candidate) => candidate.type === kind.type);
}

/**
 * The types of attributes that must be understood (0x0000 to 0x7FFF) and are not in `understood`, each
 * once (RFC 8489 §6.3.1).
 */
export function unknownRequiredAttributes(
  message: StunMessage,
  understood: ReadonlySet<number>,
): readonly number[] {
  const unknown = new Set<number>();
  for (const { type } of message.attributes) {
    if (type < 0x8000 && !understood.has(type)) unknown.add(type);
  }
  return [...unknown];
}
