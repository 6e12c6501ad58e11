// Which agent nominates, and what happens when both think they do.
// https://www.rfc-editor.org/rfc/rfc8445#section-7.3.1.1

import type { RandomSource } from '@kaon/wire';

/** The controlling agent nominates the pair that both will use. */
export type IceRole = 'controlling' | 'controlled';

/** What to do with a request, by the role that its sender claims. */
export type RoleConflictResolution = 'none' | 'reject' | 'switch';

/** The agent's role and tie-breaker: one for all its generations of credentials. */
export class RoleState {
  readonly #random: RandomSource;
  #role: IceRole;
  #tieBreaker: bigint;

  constructor(role: IceRole, random: RandomSource) {
    this.#role = role;
    this.#random = random;
    this.#tieBreaker = randomUint64(random);
  }

  get role(): IceRole {
    return this.#role;
  }

  set role(role: IceRole) {
    this.#role = role;
  }

  /** 64 random bits (RFC 8445 §5.2). */
  get tieBreaker(): bigint {
    return this.#tieBreaker;
  }

  /** RFC 8445 §16.1: after a 487 response the number changes. */
  renewTieBreaker(): void {
    this.#tieBreaker = randomUint64(this.#random);
  }

  /** RFC 8445 §7.3.1.1: the larger tie-breaker is the controlling agent. */
  resolveConflict(claimedRole: IceRole, tieBreaker: bigint): RoleConflictResolution {
    if (claimedRole !== this.#role) return 'none';
    const weControl = this.#tieBreaker >= tieBreaker;
    return weControl === (this.#role === 'controlling') ? 'reject' : 'switch';
  }

  /** Takes the other role. */
  switch(): void {
    this.#role = this.#role === 'controlling' ? 'controlled' : 'controlling';
  }
}

function randomUint64(random: RandomSource): bigint {
  return (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
}
