// The table of a run: one row a value, one column a peer, then Kaon's ratio to each of the others.
import type { PeerName } from '@kaon/interop/peers';
import type { Row } from './measurements/measurement.ts';
import type { Results } from './results.ts';

const SUBJECT: PeerName = 'kaon';

export type Table = readonly (readonly string[])[];

/** The head and the rows, as text cells. */
export function createTable(
  rows: readonly Row[],
  peers: readonly PeerName[],
  results: Results,
): Table {
  const others = peers.includes(SUBJECT) ? peers.filter((peer) => peer !== SUBJECT) : [];
  const head = ['', ...peers, ...others.map((peer) => `${SUBJECT}/${peer}`)];
  const body = rows.map((row) => [
    `${row.title}, ${row.unit} ${row.better === 'higher' ? '↑' : '↓'}`,
    ...peers.map((peer) => cell(row, peer, results)),
    ...others.map((peer) => ratio(row, peer, results)),
  ]);
  return [head, ...body];
}

/** For a terminal: columns aligned, figures to the right. */
export function formatText(table: Table): string {
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => length(row, column))));
  return table
    .map((row) =>
      row
        .map((text, column) => {
          const width = widths?.[column] ?? 0;
          return column === 0 ? text.padEnd(width) : text.padStart(width);
        })
        .join('  '),
    )
    .join('\n');
}

export function formatMarkdown(table: Table): string {
  const [head = [], ...body] = table;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function length(row: readonly string[], column: number): number {
  return row[column]?.length ?? 0;
}

/** The median with the range of the rounds. */
function cell(row: Row, peer: PeerName, results: Results): string {
  const value = results.median(row, peer);
  const range = results.range(row, peer);
  if (value === undefined || range === undefined) return '–';
  const [least, most] = range;
  return least === most ? figure(value) : `${figure(value)} (${figure(least)}–${figure(most)})`;
}

function ratio(row: Row, peer: PeerName, results: Results): string {
  const own = results.median(row, SUBJECT);
  const other = results.median(row, peer);
  return own === undefined || other === undefined ? '–' : `${figure(own / other)}×`;
}

/** Three significant digits, without an exponent. */
function figure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
