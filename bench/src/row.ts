// A row of a table: one value of each subject.

export interface Row {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
}
