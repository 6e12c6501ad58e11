// The event of a message: HTML's MessageEvent.
// https://html.spec.whatwg.org/multipage/comms.html#messageevent

/** What the events of channels have in common: they come from no window, port or event source. */
interface MessageOrigin {
  readonly origin: string;
  readonly lastEventId: string;
  readonly source: MessageEvent['source'];
  readonly ports: MessageEvent['ports'];
}

const NO_ORIGIN: MessageOrigin = {
  origin: '',
  lastEventId: '',
  source: null,
  ports: Object.freeze([]),
};

/**
 * `message`, with all that a `MessageEvent` has.
 *
 * Deviation: it is no instance of the global `MessageEvent`, because Node loads its HTTP client with that:
 * 30 ms and 16 MiB at the first message of a process.
 */
export class ChannelMessageEvent extends Event implements MessageEvent {
  #data: unknown;
  // Deviation: `origin` is '', because a process has no origin.
  #from = NO_ORIGIN;

  /** @param data what came: a string, an ArrayBuffer or a Blob. */
  constructor(type: string, data: unknown) {
    super(type);
    this.#data = data;
  }

  get data(): MessageEvent['data'] {
    return this.#data;
  }

  get origin(): string {
    return this.#from.origin;
  }

  get lastEventId(): string {
    return this.#from.lastEventId;
  }

  get source(): MessageEvent['source'] {
    return this.#from.source;
  }

  get ports(): MessageEvent['ports'] {
    return this.#from.ports;
  }

  get [Symbol.toStringTag](): string {
    return 'MessageEvent';
  }

  /** Makes another event of it, as in the days before constructors; while it is dispatched nothing happens. */
  initMessageEvent(
    type: string,
    bubbles = false,
    cancelable = false,
    data: unknown = null,
    origin = '',
    lastEventId = '',
    source: MessageEvent['source'] = null,
    ports: MessagePort[] = [],
  ): void {
    if (this.eventPhase !== Event.NONE) return;
    this.initEvent(type, bubbles, cancelable);
    this.#data = data;
    this.#from = { origin, lastEventId, source, ports: Object.freeze([...ports]) };
  }
}
