// The tables of a run over paths: goodput, round trips under load, retransmissions, shares.
import type { PeerName } from '@kaon/interop/peers';
import { Results } from '../results.ts';
import type { Row } from '../row.ts';
import { jainIndex, quantile } from '../statistics.ts';
import type { Subject } from '../subject.ts';
import { createTable, figure, type Table } from '../table.ts';
import type { PathResult } from './flows.ts';
import { type BottleneckProfile, bottleneckProfile, type PathProfile } from './profiles.ts';

export interface TitledTable {
  readonly title: string;
  readonly table: Table;
}

/** One stack alone on each path. */
export class PathReport {
  readonly results: Results = new Results();
  readonly #goodput = new Map<PathProfile, Row>();
  readonly #share: Row = {
    key: 'share',
    title: `${bottleneckProfile.title}: used of it`,
    unit: '%',
    better: 'higher',
  };
  readonly #carried: Row = {
    key: 'carried',
    title: `${bottleneckProfile.title}: the same with all headers`,
    unit: '%',
    better: 'higher',
  };
  readonly #queue: Row = {
    key: 'queue',
    title: `${bottleneckProfile.title}: a packet's mean wait in the queue`,
    unit: 'ms',
    better: 'lower',
  };
  readonly #pings = new Map<PathProfile, Row>();
  readonly #latePings = new Map<PathProfile, Row>();
  readonly #resent = new Map<PathProfile, Row>();

  add(
    profile: PathProfile,
    { label }: Subject,
    { carriedBytesPerSecond, flows, queueMs }: PathResult,
  ): void {
    const [flow] = flows;
    if (flow === undefined) return;
    const { title } = profile;
    const key = profile.name;
    const row = (kind: Map<PathProfile, Row>, made: Row) => {
      const known = kind.get(profile) ?? made;
      kind.set(profile, known);
      return known;
    };
    const goodput = row(this.#goodput, { key, title, unit: 'MB/s', better: 'higher' });
    this.results.add(goodput, label, flow.bytesPerSecond / 1e6);
    if (profile.rateMbps !== undefined) {
      this.results.add(this.#share, label, percentOf(flow.bytesPerSecond, profile.rateMbps));
      this.results.add(this.#carried, label, percentOf(carriedBytesPerSecond, profile.rateMbps));
      this.results.add(this.#queue, label, queueMs);
    }
    if (flow.pingsMs.length > 0) {
      const p50: Row = {
        key: `${key} p50`,
        title: `${title}, median`,
        unit: 'ms',
        better: 'lower',
      };
      const p95: Row = { key: `${key} p95`, title: `${title}, 95%`, unit: 'ms', better: 'lower' };
      this.results.add(row(this.#pings, p50), label, quantile(flow.pingsMs, 0.5));
      this.results.add(row(this.#latePings, p95), label, quantile(flow.pingsMs, 0.95));
    }
    if (flow.resentShare !== undefined) {
      const resent = row(this.#resent, { key: `${key} resent`, title, unit: '%', better: 'lower' });
      this.results.add(resent, label, flow.resentShare * 100);
    }
  }

  tables(subjects: readonly Subject[]): readonly TitledTable[] {
    const goodput = [...this.#goodput].flatMap(([profile, row]) =>
      profile.rateMbps === undefined ? [row] : [row, this.#share, this.#carried, this.#queue],
    );
    const pings = [...this.#pings].flatMap(([profile, row]) => [
      row,
      this.#latePings.get(profile) ?? row,
    ]);
    const resent = [...this.#resent.values()];
    const kaons = subjects.filter(({ peer }) => peer === ('kaon' satisfies PeerName));
    const all: readonly (readonly [string, readonly Row[], readonly Subject[]])[] = [
      ['Goodput of one connection', goodput, subjects],
      ['Round trip of a small message on a second connection meanwhile', pings, subjects],
      ['Chunks sent again, of the datagrams sent', resent, kaons],
    ];
    return all
      .filter(([, rows, columns]) => rows.length > 0 && columns.length > 0)
      .map(([title, rows, columns]) => ({
        title,
        table: createTable(rows, columns, this.results),
      }));
  }
}

/** Two stacks at one bottleneck. */
export class ShareReport {
  readonly #rows: (readonly string[])[] = [];

  add(first: Subject, second: Subject, { flows, queueMs }: PathResult): void {
    const rates = flows.map(({ bytesPerSecond }) => bytesPerSecond / 1e6);
    const [own = 0, other = 0] = rates;
    const total = own + other;
    this.#rows.push([
      `${first.label} and ${second.label}`,
      figure(own),
      figure(other),
      figure((own / total) * 100),
      jainIndex(rates).toFixed(3),
      figure(percentOf(total * 1e6, bottleneckProfile.rateMbps)),
      figure(queueMs),
    ]);
  }

  tables(): readonly TitledTable[] {
    const head = [
      '',
      'first, MB/s',
      'second, MB/s',
      'share of the first, %',
      'Jain index',
      'used of the bottleneck, %',
      'mean wait in the queue, ms',
    ];
    const title = `Two connections at one bottleneck (${bottleneckProfile.title})`;
    return this.#rows.length === 0 ? [] : [{ title, table: [head, ...this.#rows] }];
  }
}

function percentOf(bytesPerSecond: number, rateMbps: BottleneckProfile['rateMbps']): number {
  return ((bytesPerSecond * 8) / (rateMbps * 1e6)) * 100;
}
