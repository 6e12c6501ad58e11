// A session description as lines, kept whole: what Kaon does not know survives parsing and formatting.
// https://www.rfc-editor.org/rfc/rfc8866#section-5

/** One `<type>=<value>` line. */
export interface SdpLine {
  /** The one letter before the `=`. */
  readonly type: string;
  readonly value: string;
}

/** One media description: its `m=` line, taken apart, and the lines that follow it. */
export interface SdpMedia {
  /** `application`, `audio`, `video`, … */
  readonly media: string;
  /** 0 means rejected or, with `a=bundle-only`, without an address of its own (RFC 9143). */
  readonly port: number;
  /** The `/<integer>` behind the port; undefined if there is none. */
  readonly portCount?: number;
  /** Such as `UDP/DTLS/SCTP`. */
  readonly protocol: string;
  /** Such as `webrtc-datachannel`, or payload types. */
  readonly formats: readonly string[];
  /** All lines after the `m=` line, in order. */
  readonly lines: readonly SdpLine[];
}

/** A whole description. */
export interface SdpSession {
  /** All lines before the first `m=` line, in order. */
  readonly lines: readonly SdpLine[];
  readonly media: readonly SdpMedia[];
}

/** An `a=` line: `a=<name>:<value>`, or `a=<name>` without a value. */
export function attributeLine(name: string, value?: string | number): SdpLine {
  return { type: 'a', value: value === undefined ? name : `${name}:${value}` };
}

/** The name of an `a=` line; undefined for other lines. */
export function attributeName(line: SdpLine): string | undefined {
  if (line.type !== 'a') return undefined;
  const colon = line.value.indexOf(':');
  return colon === -1 ? line.value : line.value.slice(0, colon);
}

/** Whether a line is an attribute called `name`. */
function isAttribute({ type, value }: SdpLine, name: string): boolean {
  if (type !== 'a' || !value.startsWith(name)) return false;
  return value.length === name.length || value[name.length] === ':';
}

/** The values of all attributes called `name`, in order; a flag's value is ''. */
export function attributeValues(lines: readonly SdpLine[], name: string): string[] {
  const values: string[] = [];
  for (const line of lines) {
    if (isAttribute(line, name)) values.push(line.value.slice(name.length + 1));
  }
  return values;
}

/** The value of the first attribute called `name`; undefined if there is none. */
export function attributeValue(lines: readonly SdpLine[], name: string): string | undefined {
  for (const line of lines) {
    if (isAttribute(line, name)) return line.value.slice(name.length + 1);
  }
  return undefined;
}

/** Whether there is an attribute called `name`. */
export function hasAttribute(lines: readonly SdpLine[], name: string): boolean {
  return lines.some((line) => isAttribute(line, name));
}

/** A media description's attribute, or the session's where the media description has none. */
export function inheritedValue(
  session: SdpSession,
  media: SdpMedia,
  name: string,
): string | undefined {
  return attributeValue(media.lines, name) ?? attributeValue(session.lines, name);
}

/** A media description's attributes, or the session's where the media description has none. */
export function inheritedValues(session: SdpSession, media: SdpMedia, name: string): string[] {
  const own = attributeValues(media.lines, name);
  return own.length > 0 ? own : attributeValues(session.lines, name);
}
