// What all W3C objects here share: typed listeners, and on… attributes as HTML defines them.
// https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes

/** What an on… attribute is set to. */
export type EventHandler<E> = ((event: E) => unknown) | null;

/**
 * What an on… attribute is read as. Its type is wider than what was set, so that an object of ours can
 * stand where TypeScript's `lib.dom` declares one.
 */
export type ReadEventHandler = EventHandler<Event>;

/** What every event can be constructed with. */
export interface EventOptions {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

/** What a listener can be added with. */
export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

type Listener<E> = ((event: E) => unknown) | { handleEvent(event: E): unknown };

interface HandlerEntry {
  callback: (event: never) => unknown;
  readonly listener: (event: Event) => void;
}

// Beside the objects and not in them: most objects have few handlers, and an idle one should be small.
const handlers = new WeakMap<EventTarget, Map<string, HandlerEntry>>();

/** An `EventTarget` whose events are named by `Events`. */
export abstract class TypedEventTarget<Events extends object> extends EventTarget {
  override addEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<Events[K]> | null,
    options?: ListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: Listener<Event> | null,
    options?: ListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: Listener<Event> | null,
    options?: ListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener, options);
  }

  override removeEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<Events[K]> | null,
    options?: Pick<ListenerOptions, 'capture'> | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: Listener<Event> | null,
    options?: Pick<ListenerOptions, 'capture'> | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: Listener<Event> | null,
    options?: Pick<ListenerOptions, 'capture'> | boolean,
  ): void {
    super.removeEventListener(type, listener, options);
  }
}

/** The value of the attribute `on<type>` of `target`. */
export function eventHandler(target: EventTarget, type: string): ReadEventHandler {
  return (handlers.get(target)?.get(type)?.callback as ReadEventHandler | undefined) ?? null;
}

/**
 * Sets it: a listener is added when it first becomes a function, keeps its place among the other
 * listeners when the function changes, and goes with null. What is no function counts as null.
 */
export function setEventHandler(
  target: EventTarget,
  type: string,
  value: EventHandler<never>,
): void {
  const entries = handlers.get(target);
  const entry = entries?.get(type);
  if (typeof value !== 'function') {
    if (entry === undefined) return;
    entries?.delete(type);
    target.removeEventListener(type, entry.listener);
  } else if (entry !== undefined) {
    entry.callback = value;
  } else {
    const created: HandlerEntry = {
      callback: value,
      listener(event) {
        // A handler that returns false cancels the event, as HTML has it.
        if (created.callback.call(target, event as never) === false) event.preventDefault();
      },
    };
    if (entries === undefined) handlers.set(target, new Map([[type, created]]));
    else entries.set(type, created);
    target.addEventListener(type, created.listener);
  }
}
