// JSON lines on a byte stream: one JSON value a line, in UTF-8.
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Calls `onValue` for each line that holds a JSON object and `onOther` for any other line, such as
 * what a library prints by itself.
 */
export function readJsonLines(
  input: Readable,
  onValue: (value: object) => void,
  onOther: (line: string) => void,
): void {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    const value = line.startsWith('{') ? parseObject(line) : undefined;
    if (value === undefined) onOther(line);
    else onValue(value);
  });
}

function parseObject(line: string): object | undefined {
  try {
    return JSON.parse(line);
  } catch {
    // Not ours: a line of output that happens to begin with a brace.
    return undefined;
  }
}

export function formatJsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
