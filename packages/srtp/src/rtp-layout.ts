// Where the parts of an RTP packet are. https://www.rfc-editor.org/rfc/rfc3550#section-5.1
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//   |                           timestamp                           |
//   |           synchronization source (SSRC) identifier            |
//   |            contributing source (CSRC) identifiers             |
//   |      defined by profile       |           length              |
//   |                        header extension                       |

import { readUint16 } from '@kaon/wire';

/** Bytes of a header without CSRCs and extension. */
export const FIXED_HEADER_LENGTH = 12;
/** Bytes in front of an extension's content. */
export const EXTENSION_HEADER_LENGTH = 4;
const VERSION_MASK = 0xc0;
const VERSION_2 = 0x80;
const EXTENSION_BIT = 0x10;

/** Offsets within the packet parsed last. One object serves all packets of a context. */
export class RtpLayout {
  /** Bytes of CSRC identifiers. */
  csrcLength = 0;
  hasExtension = false;
  /** Where the extension's header is, or would be: behind the CSRCs. */
  extensionStart = 0;
  /** Where the payload begins. */
  payloadStart = 0;

  /** Reads the header of `packet[start..end)`; false if it is not that of an RTP packet. */
  parse(packet: Uint8Array, start: number, end: number): boolean {
    if (end - start < FIXED_HEADER_LENGTH) return false;
    const first = packet[start] as number;
    if ((first & VERSION_MASK) !== VERSION_2) return false;
    this.csrcLength = 4 * (first & 0x0f);
    const extensionStart = start + FIXED_HEADER_LENGTH + this.csrcLength;
    this.extensionStart = extensionStart;
    this.payloadStart = extensionStart;
    this.hasExtension = (first & EXTENSION_BIT) !== 0;
    if (this.hasExtension) {
      if (extensionStart + EXTENSION_HEADER_LENGTH > end) return false;
      const words = readUint16(packet, extensionStart + 2);
      this.payloadStart = extensionStart + EXTENSION_HEADER_LENGTH + 4 * words;
    }
    return this.payloadStart <= end;
  }
}

/** Sets the bit that says that there is an extension. */
export function setExtensionBit(packet: Uint8Array, start: number): void {
  packet[start] = (packet[start] as number) | EXTENSION_BIT;
}
