// How address translators behave (RFC 4787, https://www.rfc-editor.org/rfc/rfc4787), by word and by name.

/**
 * What a mapping or a filter looks at (RFC 4787 §4.1 and §5): nothing, the remote address, or the remote
 * address and port.
 */
export type EndpointDependence =
  | 'endpoint-independent'
  | 'address-dependent'
  | 'address-and-port-dependent';

/** The classic names (RFC 3489 §5) of the common combinations. */
export type NatType = 'full-cone' | 'address-restricted' | 'port-restricted' | 'symmetric';

/** What each name stands for. */
export const NAT_TYPES: Readonly<
  Record<NatType, { readonly mapping: EndpointDependence; readonly filtering: EndpointDependence }>
> = {
  'full-cone': { mapping: 'endpoint-independent', filtering: 'endpoint-independent' },
  'address-restricted': { mapping: 'endpoint-independent', filtering: 'address-dependent' },
  'port-restricted': { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
  symmetric: { mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
};

/**
 * How a translator chooses external ports (RFC 4787 §4.2): the lowest not used since it started, one by
 * chance, or the internal port if it is free.
 */
export type PortAllocation = 'sequential' | 'random' | 'preserving';

/** How a translator behaves. */
export interface NatBehavior {
  /** A combination by name; `port-restricted` by default. */
  readonly type?: NatType;
  /** When a new destination gets a new external port; as the type says by default. */
  readonly mapping?: EndpointDependence;
  /** Whose packets a mapping admits; as the type says by default. */
  readonly filtering?: EndpointDependence;
  /** Whether hosts inside reach each other by their external addresses (§6); false by default. */
  readonly hairpinning?: boolean;
  /** How long a mapping and its permissions last without traffic (§4.3); 120 000 by default. */
  readonly mappingTimeoutMs?: number;
  /** Whether inbound packets count as traffic, as outbound ones do (§4.3); false by default. */
  readonly refreshOnInbound?: boolean;
  /** `random` by default. */
  readonly portAllocation?: PortAllocation;
  /** The lowest external port; 1024 by default. */
  readonly firstPort?: number;
  /** The highest external port; 65535 by default. */
  readonly lastPort?: number;
}

/**
 * `behavior` with nothing left open.
 *
 * @throws RangeError if there is no port between the first and the last.
 */
export function resolveBehavior(behavior: NatBehavior): Required<NatBehavior> {
  const type = behavior.type ?? 'port-restricted';
  const resolved = {
    type,
    ...NAT_TYPES[type],
    hairpinning: false,
    mappingTimeoutMs: 120_000,
    refreshOnInbound: false,
    portAllocation: 'random' as const,
    firstPort: 1024,
    lastPort: 65535,
    ...behavior,
  };
  const { firstPort, lastPort } = resolved;
  if (!(firstPort >= 1 && firstPort <= lastPort && lastPort <= 65535)) {
    throw new RangeError(`There are no ports from ${firstPort} to ${lastPort}.`);
  }
  return resolved;
}

/** The address that a table keyed as `dependence` says is looked up by; the port is {@link keyPort}. */
export function keyAddress(dependence: EndpointDependence, address: string): string {
  return dependence === 'endpoint-independent' ? '' : address;
}

/** The port that a table keyed as `dependence` says is looked up by. */
export function keyPort(dependence: EndpointDependence, port: number): number {
  return dependence === 'address-and-port-dependent' ? port : 0;
}
