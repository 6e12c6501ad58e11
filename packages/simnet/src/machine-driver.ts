// Runs a machine on virtual time: feeds it, drains it, and wakes it at its deadline.

import { SimulationError } from './errors.ts';
import type { ScheduledTask } from './event-queue.ts';
import type { VirtualClock } from './virtual-clock.ts';

/**
 * A synchronous protocol machine: no sockets, no clock, no promises. `Datagram` is bytes, or bytes with
 * their addresses.
 */
export interface Machine<Datagram, Event> {
  /** A datagram came; its memory is the caller's again on return. */
  handleDatagram(datagram: Datagram, now: number): void;
  /** {@link nextTimeout} has come. */
  handleTimeout(now: number): void;
  /** The next datagram to send, if any; its memory is the caller's from then on. */
  pollDatagram(): Datagram | undefined;
  /** The next event for the layer above, if any. */
  pollEvent(): Event | undefined;
  /** When {@link handleTimeout} is to be called, in milliseconds; Infinity if not at all. */
  readonly nextTimeout: number;
}

/** What a {@link MachineDriver} is made of. */
export interface MachineDriverOptions<Datagram, Event> {
  readonly clock: VirtualClock;
  readonly machine: Machine<Datagram, Event>;
  /** Sends one datagram. */
  readonly send: (datagram: Datagram) => void;
  /** Called when a batch of sends is over. */
  readonly sent: () => void;
  /** Gets every event; may call the machine. */
  readonly onEvent: (event: Event, now: number) => void;
}

/** Outputs after one input at which a machine is taken to be stuck. */
const MAX_OUTPUTS = 1_000_000;

/**
 * Keeps the one rule of order: one input, then drain datagrams, then events, then read the deadline.
 *
 * Calls from outside, such as "send this message", go to the machine itself; say {@link flush} after
 * them.
 */
export class MachineDriver<Datagram, Event> {
  readonly #clock: VirtualClock;
  readonly #machine: Machine<Datagram, Event>;
  readonly #options: MachineDriverOptions<Datagram, Event>;
  readonly #wake = { run: (): void => this.#handleTimeout() };
  #timeout: ScheduledTask | undefined;
  #isFlushing = false;
  #isStopped = false;

  constructor(options: MachineDriverOptions<Datagram, Event>) {
    this.#clock = options.clock;
    this.#machine = options.machine;
    this.#options = options;
  }

  /** Gives the machine a datagram. */
  handleDatagram(datagram: Datagram): void {
    if (this.#isStopped) return;
    this.#machine.handleDatagram(datagram, this.#clock.now);
    this.flush();
  }

  /**
   * Sends and tells what the machine has to send and tell, until there is nothing more.
   *
   * @throws SimulationError `SIM_LIVELOCK` if there is no end to it.
   */
  flush(): void {
    // An event handler may call this again: the loop below takes care of what that handler did.
    if (this.#isFlushing || this.#isStopped) return;
    this.#isFlushing = true;
    try {
      let rounds = 0;
      while (this.#drain()) {
        if (++rounds > MAX_OUTPUTS) throw this.#livelock();
      }
      this.#arm();
    } finally {
      this.#isFlushing = false;
    }
  }

  /** Calls the machine no more, as if its process had died. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timeout !== undefined) this.#clock.cancel(this.#timeout);
  }

  /** All datagrams, then all events; whether there were events, whose handlers may want more sent. */
  #drain(): boolean {
    let datagrams = 0;
    for (;;) {
      const datagram = this.#machine.pollDatagram();
      if (datagram === undefined) break;
      if (++datagrams > MAX_OUTPUTS) throw this.#livelock();
      this.#options.send(datagram);
    }
    if (datagrams > 0) this.#options.sent();
    let events = 0;
    for (;;) {
      const event = this.#machine.pollEvent();
      if (event === undefined) break;
      if (++events > MAX_OUTPUTS) throw this.#livelock();
      this.#options.onEvent(event, this.#clock.now);
    }
    return events > 0;
  }

  #arm(): void {
    const { nextTimeout } = this.#machine;
    if (this.#isStopped || this.#timeout?.at === nextTimeout) return;
    if (this.#timeout !== undefined) this.#clock.cancel(this.#timeout);
    this.#timeout =
      nextTimeout === Number.POSITIVE_INFINITY
        ? undefined
        : this.#clock.schedule(nextTimeout, this.#wake);
  }

  #handleTimeout(): void {
    this.#timeout = undefined;
    this.#clock.noteCallOut();
    this.#machine.handleTimeout(this.#clock.now);
    this.flush();
  }

  #livelock(): SimulationError {
    return new SimulationError(
      'SIM_LIVELOCK',
      `A machine had more than ${MAX_OUTPUTS} outputs at ${this.#clock.now} ms and no end to them.`,
    );
  }
}
