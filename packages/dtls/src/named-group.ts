// Groups of the key exchange and their numbers. https://www.rfc-editor.org/rfc/rfc8422#section-5.1.1

import type { KeyAgreementGroup } from '@kaon/crypto';

const IDS: Readonly<Record<KeyAgreementGroup, number>> = {
  x25519: 29,
  secp256r1: 23,
  secp384r1: 24,
};

/** All groups, in the order in which we prefer them. */
export const NAMED_GROUPS: readonly KeyAgreementGroup[] = ['x25519', 'secp256r1', 'secp384r1'];

/** The number of `group` on the wire. */
export function namedGroupId(group: KeyAgreementGroup): number {
  return IDS[group];
}

/** The group with that number; undefined for those we don't speak, GREASE values among them. */
export function namedGroupById(id: number): KeyAgreementGroup | undefined {
  return NAMED_GROUPS.find((group) => IDS[group] === id);
}
