// The table of a run: one row a value, one column a subject, then Kaon's ratios to the others.
import type { PeerName } from '@kaon/interop/peers';
import type { Results } from './results.ts';
import type { Row } from './row.ts';
import type { Subject } from './subject.ts';

export type Table = readonly (readonly string[])[];

/** Whom Kaon is held against; of several, the best one in each row. */
const COMPARISONS: readonly { readonly name: string; readonly peers: readonly PeerName[] }[] = [
  { name: 'werift', peers: ['werift'] },
  { name: 'best native binding', peers: ['node-datachannel', 'roamhq-wrtc'] },
  { name: 'pion', peers: ['pion'] },
];

/** The head and the rows, as text cells. */
export function createTable(
  rows: readonly Row[],
  subjects: readonly Subject[],
  results: Results,
): Table {
  const kaon = subjects.find(({ peer }) => peer === 'kaon');
  const comparisons = COMPARISONS.flatMap(({ name, peers }) => {
    const labels = subjects.filter(({ peer }) => peers.includes(peer)).map(({ label }) => label);
    return kaon === undefined || labels.length === 0 ? [] : [{ kaon: kaon.label, name, labels }];
  });
  const head = [
    '',
    ...subjects.map(({ label }) => label),
    ...comparisons.map(({ name, kaon }) => `${kaon} / ${name}`),
  ];
  const body = rows.map((row) => [
    `${row.title}, ${row.unit} ${row.better === 'higher' ? '↑' : '↓'}`,
    ...subjects.map(({ label }) => cell(row, label, results)),
    ...comparisons.map(({ kaon, labels }) => ratio(row, kaon, labels, results)),
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

/** Three significant digits, without an exponent. */
export function figure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

function length(row: readonly string[], column: number): number {
  return row[column]?.length ?? 0;
}

/** The median with the range of the rounds. */
function cell(row: Row, label: string, results: Results): string {
  const value = results.median(row, label);
  const range = results.range(row, label);
  if (value === undefined || range === undefined) return '–';
  const [least, most] = range;
  return least === most ? figure(value) : `${figure(value)} (${figure(least)}–${figure(most)})`;
}

function ratio(row: Row, kaon: string, others: readonly string[], results: Results): string {
  const own = results.median(row, kaon);
  const values = others.flatMap((label) => results.median(row, label) ?? []);
  if (own === undefined || values.length === 0) return '–';
  const best = row.better === 'higher' ? Math.max(...values) : Math.min(...values);
  return best === 0 ? '–' : `${figure(own / best)}×`;
}
