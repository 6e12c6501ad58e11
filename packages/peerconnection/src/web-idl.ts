// Web IDL: the conversions that WebRTC's arguments need, and the shape of its interfaces.
// https://webidl.spec.whatwg.org/#js-type-mapping

import { decodeUtf8, encodeUtf8 } from '@kaon/wire';

/**
 * Converts to an integer type with [EnforceRange].
 *
 * @throws TypeError if it is no finite number or lies outside 0 to `max`.
 */
export function enforceRange(value: unknown, max: number, what: string): number {
  const number = Math.trunc(toNumber(value));
  if (!Number.isFinite(number) || number < 0 || number > max) {
    throw new TypeError(`${what} is ${String(value)}, expected an integer from 0 to ${max}.`);
  }
  return number === 0 ? 0 : number;
}

/**
 * Converts to an `unsigned short` without [EnforceRange]: modulo 2^16.
 *
 * @throws TypeError for a symbol or a bigint.
 */
export function toUnsignedShort(value: unknown): number {
  const number = Math.trunc(toNumber(value));
  return Number.isFinite(number) ? number & 0xffff : 0;
}

/**
 * Converts to a `long` without [EnforceRange]: modulo 2^32. Shifted right by no bit (`>>> 0`) it is an
 * `unsigned long`.
 *
 * @throws TypeError for a symbol or a bigint.
 */
export function toInt32(value: unknown): number {
  return toNumber(value) | 0;
}

/** JavaScript's ToNumber, which, unlike `Number()`, throws for a bigint. */
function toNumber(value: unknown): number {
  return +(value as number);
}

/** Converts to a USVString: lone surrogates become U+FFFD. */
export function toUsvString(value: unknown): string {
  return decodeUtf8(encodeUtf8(toDomString(value)));
}

/**
 * Converts to a DOMString.
 *
 * @throws TypeError for a symbol.
 */
export function toDomString(value: unknown): string {
  if (typeof value === 'symbol') throw new TypeError('A symbol cannot be converted to a string.');
  return String(value);
}

/**
 * Converts to an enumeration's value.
 *
 * @throws TypeError if it is none of them.
 */
export function toEnum<T extends string>(value: unknown, values: readonly T[], what: string): T {
  const text = toDomString(value);
  const found = values.find((each) => each === text);
  if (found === undefined) {
    throw new TypeError(`${what} is "${text}", expected one of ${values.join(', ')}.`);
  }
  return found;
}

/**
 * Takes an object of an interface.
 *
 * @throws TypeError if it is none.
 */
export function toInstance<T>(
  value: unknown,
  type: abstract new (...args: never) => T,
  what: string,
): T {
  if (value instanceof type) return value;
  throw new TypeError(`${what} is no ${type.name}.`);
}

/**
 * Checks how many arguments a function was called with: one that is left out is not the same as one that is
 * undefined.
 *
 * @throws TypeError if it is fewer than `required`.
 */
export function requireArguments(count: number, required: number): void {
  if (count >= required) return;
  throw new TypeError(`${count} of ${required} required arguments.`);
}

/**
 * Converts a nullable member, whose default is null, with `convert`.
 *
 * @throws what `convert` throws.
 */
export function toNullable<T>(value: unknown, convert: (value: unknown) => T): T | null {
  return value === undefined || value === null ? null : convert(value);
}

/**
 * Takes a dictionary argument: undefined and null are an empty one.
 *
 * @throws TypeError if it is no object.
 */
export function toDictionary<T extends object>(value: T | null | undefined, what: string): T {
  if (value === undefined || value === null) return {} as T;
  if (typeof value !== 'object' && typeof value !== 'function') {
    throw new TypeError(`${what} is a ${typeof value}, expected an object.`);
  }
  return value;
}

/**
 * Takes a sequence: any iterable object, as a new array; undefined is an empty one.
 *
 * @throws TypeError if it is none.
 */
export function toSequence<T>(value: Iterable<T> | undefined, what: string): T[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
    throw new TypeError(`${what} is no sequence.`);
  }
  return [...value];
}

/**
 * Gives a class the shape of an interface, right behind its declaration: `for … in` finds its members, and
 * its objects say in `Object.prototype.toString` what they are.
 */
export function defineInterface({ prototype }: { readonly prototype: object }, name: string): void {
  for (const member of Object.getOwnPropertyNames(prototype)) {
    if (member === 'constructor') continue;
    Object.defineProperty(prototype, member, { enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}
