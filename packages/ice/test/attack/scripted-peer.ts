// A peer whose every datagram the test writes: honest when it wants to be, and hostile otherwise.

import { nodeCrypto } from '@kaon/crypto';
import { SeededRandom } from '@kaon/simnet';
import {
  attribute,
  BINDING_METHOD,
  decodeMessage,
  ERROR_CODE,
  encodeMessage,
  ICE_CONTROLLED,
  ICE_CONTROLLING,
  type OutgoingAttribute,
  PRIORITY,
  readAttribute,
  type StunMessage,
  shortTermIntegrity,
  USE_CANDIDATE,
  USERNAME,
  XOR_MAPPED_ADDRESS,
} from '@kaon/stun';
import type { TransportAddress } from '@kaon/wire';
import { IceAgent, type IceAgentOptions, type IceDatagram, type IceRole } from '../../src/index.ts';

/** The agent's only socket. */
export const LOCAL: TransportAddress = { address: '10.0.0.1', port: 1000 };
/** Where the peer is. */
export const REMOTE: TransportAddress = { address: '10.0.0.2', port: 2000 };
const CREDENTIALS = { usernameFragment: 'peer', password: 'passwordOfThePeer0123456' };

/** What a request of the peer's has; honest by default. */
export interface RequestOptions {
  readonly password?: string | undefined;
  readonly hasIntegrity?: boolean;
  readonly hasFingerprint?: boolean;
  readonly username?: string;
  readonly role?: IceRole;
  readonly tieBreaker?: bigint;
  readonly useCandidate?: boolean;
  readonly priority?: number;
  readonly source?: TransportAddress;
  readonly extra?: readonly OutgoingAttribute[];
}

/** An agent under attack. */
export class ScriptedPeer {
  readonly agent: IceAgent;
  readonly random: SeededRandom = new SeededRandom('scripted peer');
  now = 0;

  /** @param isKnown whether the agent has the peer's credentials and address. */
  constructor(options: Partial<IceAgentOptions> = {}, isKnown = true) {
    this.agent = new IceAgent({
      role: 'controlled',
      random: new SeededRandom('agent'),
      crypto: nodeCrypto,
      ...options,
    });
    this.agent.gather([{ address: LOCAL }], 0);
    if (!isKnown) return;
    this.agent.setRemoteCredentials(CREDENTIALS, 0);
    this.addCandidate(REMOTE);
  }

  addCandidate({ address, port }: TransportAddress): void {
    this.agent.addRemoteCandidate(
      {
        foundation: '1',
        component: 1,
        protocol: 'udp',
        priority: 2130706431,
        address,
        port,
        type: 'host',
      },
      this.now,
    );
  }

  /** A Binding request as bytes. */
  request(options: RequestOptions = {}): Uint8Array {
    const { usernameFragment, password } = this.agent.localCredentials;
    const roleKind = options.role === 'controlled' ? ICE_CONTROLLED : ICE_CONTROLLING;
    return encodeMessage(
      {
        class: 'request',
        method: BINDING_METHOD,
        transactionId: this.random.fill(new Uint8Array(12)),
        attributes: [
          attribute(
            USERNAME,
            options.username ?? `${usernameFragment}:${CREDENTIALS.usernameFragment}`,
          ),
          attribute(PRIORITY, options.priority ?? 1862270975),
          attribute(roleKind, options.tieBreaker ?? 1n),
          ...(options.useCandidate === true ? [attribute(USE_CANDIDATE, true)] : []),
          ...(options.extra ?? []),
        ],
      },
      {
        integrity:
          options.hasIntegrity === false
            ? undefined
            : shortTermIntegrity(nodeCrypto, options.password ?? password),
        fingerprint: options.hasFingerprint ?? true,
      },
    );
  }

  /** A success response to a request of the agent's. */
  response(
    request: StunMessage,
    password: string | undefined = CREDENTIALS.password,
    mapped: TransportAddress = LOCAL,
  ): Uint8Array {
    return encodeMessage(
      {
        class: 'success',
        method: BINDING_METHOD,
        transactionId: request.transactionId,
        attributes: [attribute(XOR_MAPPED_ADDRESS, mapped)],
      },
      {
        integrity: password === '' ? undefined : shortTermIntegrity(nodeCrypto, password),
        fingerprint: true,
      },
    );
  }

  /** An error response to a request of the agent's; without a password it has no integrity. */
  error(request: StunMessage, code: number, password: string = CREDENTIALS.password): Uint8Array {
    return encodeMessage(
      {
        class: 'error',
        method: BINDING_METHOD,
        transactionId: request.transactionId,
        attributes: [attribute(ERROR_CODE, { code, reason: '' })],
      },
      {
        integrity: password === '' ? undefined : shortTermIntegrity(nodeCrypto, password),
        fingerprint: true,
      },
    );
  }

  deliver(data: Uint8Array, remote: TransportAddress = REMOTE): void {
    this.agent.handleDatagram({ data, local: LOCAL, remote }, this.now);
  }

  /** All that the agent sends now. */
  sent(): { readonly message: StunMessage; readonly datagram: IceDatagram }[] {
    const all: { message: StunMessage; datagram: IceDatagram }[] = [];
    for (let out = this.agent.pollDatagram(); out !== undefined; out = this.agent.pollDatagram()) {
      const message = decodeMessage(out.data);
      if (message !== undefined) all.push({ message, datagram: out });
    }
    return all;
  }

  /** The latest request that the agent sends now. */
  takeRequest(): StunMessage {
    const request = this.sent()
      .filter(({ message }) => message.class === 'request')
      .at(-1);
    if (request === undefined) throw new TypeError('The agent has sent no request.');
    return request.message;
  }

  /** Error codes of all that the agent sends now. */
  errorCodes(): (number | undefined)[] {
    return this.sent()
      .filter(({ message }) => message.class === 'error')
      .map(({ message }) => readAttribute(message, ERROR_CODE)?.code);
  }

  /** Runs the agent's deadlines until `time`; throws if it would spin. */
  advance(time: number): void {
    for (let i = 0; this.agent.nextTimeout <= time; i++) {
      if (i > 10_000) throw new RangeError('The agent spins.');
      this.now = Math.max(this.now, this.agent.nextTimeout);
      this.agent.handleTimeout(this.now);
    }
    this.now = time;
  }

  /** Answers the agent's check and nominates, so that it is connected. */
  connect(): void {
    this.deliver(this.response(this.takeRequest()));
    this.deliver(this.request({ useCandidate: true }));
    this.sent();
  }
}
