// The list of extensions at the end of hello messages. https://www.rfc-editor.org/rfc/rfc5246#section-7.4.1.4
//
//   struct { ExtensionType extension_type; opaque extension_data<0..2^16-1>; } Extension;
//   Extension extensions<0..2^16-1>;

import type { ByteReader, ByteWriter } from '@kaon/wire';

/** Numbers of the extensions that mean something to us. */
export const ExtensionType = {
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  recordSizeLimit: 28,
  supportedVersions: 43,
  renegotiationInfo: 0xff01,
} as const;

/** An extension whose content is not yet understood; unknown ones are kept and passed over. */
export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
}

/**
 * Reads the list of extensions, which may be absent altogether (RFC 5246 §7.4.1.2). The reader fails on
 * an extension that comes twice.
 */
export function decodeExtensions(reader: ByteReader): readonly Extension[] {
  const extensions: Extension[] = [];
  if (reader.remaining === 0) return extensions;
  const list = reader.sub(reader.uint16());
  const seen = new Set<number>();
  while (list.remaining > 0) {
    const type = list.uint16();
    const data = list.view(list.uint16());
    if (seen.has(type)) list.fail();
    seen.add(type);
    extensions.push({ type, data });
  }
  if (list.failed) {
    reader.fail();
    return [];
  }
  return extensions;
}

/** Appends the list; nothing at all if it is empty. */
export function encodeExtensions(writer: ByteWriter, extensions: readonly Extension[]): void {
  if (extensions.length === 0) return;
  writer.vector(2, (list) => {
    for (const { type, data } of extensions) {
      list.uint16(type).vector(2, (each) => each.append(data));
    }
  });
}

/** The content of the extension of that type; undefined if it is not there. */
export function findExtension(
  extensions: readonly Extension[],
  type: number,
): Uint8Array | undefined {
  return extensions.find((extension) => extension.type === type)?.data;
}
