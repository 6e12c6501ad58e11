// Writes a session description as text.
// https://www.rfc-editor.org/rfc/rfc8866#section-5

import type { SdpMedia, SdpSession } from './session.ts';

/** The description as text: lines end in CRLF, the last one too. */
export function formatSession(session: SdpSession): string {
  let text = '';
  for (const line of session.lines) text += `${line.type}=${line.value}\r\n`;
  for (const media of session.media) {
    text += formatMediaLine(media);
    for (const line of media.lines) text += `${line.type}=${line.value}\r\n`;
  }
  return text;
}

function formatMediaLine(media: SdpMedia): string {
  const count = media.portCount === undefined ? '' : `/${media.portCount}`;
  return `m=${media.media} ${media.port}${count} ${media.protocol} ${media.formats.join(' ')}\r\n`;
}
