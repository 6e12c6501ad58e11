// Results by scenario, peer and role, and how they are printed.

/** The role of the real peer; Kaon has the other one. */
export type Role = 'offerer' | 'answerer';
export const ROLES: readonly Role[] = ['offerer', 'answerer'];

export interface Cell {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly tookMs: number;
  readonly reason: string | undefined;
  readonly notes: readonly string[];
}

const SYMBOLS = { passed: 'ok', failed: 'FAIL', skipped: '-' } as const;

export class ResultTable {
  readonly #rows = new Map<string, Map<string, Cell>>();
  readonly #columns = new Set<string>();

  set(scenario: string, peer: string, role: Role, cell: Cell): void {
    const row = this.#rows.get(scenario) ?? new Map<string, Cell>();
    this.#rows.set(scenario, row);
    row.set(`${peer} ${role}`, cell);
    this.#columns.add(peer);
  }

  count(outcome: Cell['outcome']): number {
    const cells = [...this.#rows.values()].flatMap((row) => [...row.values()]);
    return cells.filter((cell) => cell.outcome === outcome).length;
  }

  /** One line a scenario; in each column the peer as offerer, then as answerer. */
  format(): string {
    const peers = [...this.#columns];
    const width = Math.max(...[...this.#rows.keys()].map((name) => name.length), 8);
    const lines = [
      ['scenario'.padEnd(width), ...peers.map((peer) => peer.padEnd(columnWidth(peer)))],
      [''.padEnd(width), ...peers.map((peer) => 'offers / answers'.padEnd(columnWidth(peer)))],
    ];
    for (const [name, row] of this.#rows) {
      const cells = peers.map((peer) => {
        const outcomes = ROLES.map((role) => row.get(`${peer} ${role}`)?.outcome);
        const words = outcomes.map((outcome) => (outcome === undefined ? ' ' : SYMBOLS[outcome]));
        return words.join(' / ').padEnd(columnWidth(peer));
      });
      lines.push([name.padEnd(width), ...cells]);
    }
    return lines.map((line) => line.join('  ').trimEnd()).join('\n');
  }

  /** The last line of a run. */
  summary(): string {
    const skipped = this.count('skipped');
    const counts = `${this.count('passed')} passed, ${this.count('failed')} failed`;
    return skipped === 0 ? counts : `${counts}, ${skipped} skipped`;
  }
}

function columnWidth(peer: string): number {
  return Math.max(peer.length, 'offers / answers'.length);
}
