import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { updatePage } from '../../scripts/bench/page.ts';
import { type Column, figure, publish, type Row, table } from '../../scripts/bench/report.ts';

vi.mock('../../scripts/bench/page.ts', async (original) => ({ ...(await original<object>()), updatePage: vi.fn() }));
const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
beforeEach(() => {
  printed.mockClear();
  vi.mocked(updatePage).mockClear();
});
afterEach(() => vi.unstubAllEnvs());

interface Round {
  readonly cpuMs: number;
  readonly waitMs: number;
}

const COLUMNS: readonly Column<Round>[] = [
  figure({ title: 'CPU', of: ({ cpuMs }) => cpuMs, format: (ms) => `${ms} ms`, isCpu: true }),
  figure({ title: 'Wait', of: ({ waitMs }) => waitMs, format: (ms) => `${ms} ms` }),
];

function rowOf(label: string, cpusMs: readonly number[], waitsMs: readonly number[]): Row<Round> {
  return { labels: [label], rounds: cpusMs.map((cpuMs, round) => ({ cpuMs, waitMs: waitsMs[round] ?? 0 })) };
}

function reportOf(...rows: readonly Row<Round>[]) {
  return {
    section: 'bench:test',
    command: 'npm run bench:test',
    rounds: rows[0]?.rounds.length ?? 0,
    versions: ['nginx 1.2', 'nginx 1.2'],
    tables: [table(['Server'], COLUMNS, rows)],
    remarks: ['A remark.'],
  };
}

it('a report says by what it was made, and has medians with their spread', () => {
  publish(reportOf(rowOf('a', [10, 11, 10.5], [1, 9, 2])), true);
  const [text = ''] = printed.mock.calls[0] ?? [];
  const lines = String(text).trim().split('\n');
  expect(lines[0]).toMatch(
    /^\d{4}-\d\d-\d\d, `npm run bench:test`, 3 rounds \(in parentheses: .*\), \d+ x .*, \d+ GiB, Linux \S+, Node [\d.]+, nginx 1\.2$/,
  );
  expect(lines.slice(2)).toEqual([
    '| Server | CPU | Wait |',
    '| --- | ---: | ---: |',
    '| a | 10.5 ms (10 %) | 2 ms (400 %) |',
    '',
    'A remark.',
  ]);
  expect(updatePage).toHaveBeenCalledExactlyOnceWith('bench:test', lines.join('\n'), undefined);
});

it.each([
  {
    what: 'one row is unsteady',
    rows: [rowOf('a', [10, 11], []), rowOf('b', [10, 12], [])],
    names: 'b: CPU differs by 18 %',
  },
  { what: 'a round has no figure', rows: [rowOf('a', [10, 10, Number.NaN, 10], [])], names: 'a: CPU differs by NaN %' },
  { what: 'there was one round', rows: [rowOf('a', [10], [])], names: 'a: CPU was measured in one round' },
  { what: 'there was one round', rows: [rowOf('a', [10], [])], names: 'a: Wait was measured in one round' },
])('a report is printed and not written when $what', ({ rows, names }) => {
  expect(() => publish(reportOf(...rows), true)).toThrow(names);
  expect(printed).toHaveBeenCalledOnce();
  expect(updatePage).not.toHaveBeenCalled();
});

it('without rows there is no report at all', () => {
  for (const isToBeWritten of [true, false]) {
    expect(() => publish(reportOf(), isToBeWritten)).toThrow('bench:test is not written:\n- nothing was measured');
  }
  expect(printed).not.toHaveBeenCalled();
  expect(updatePage).not.toHaveBeenCalled();
});

it('a table whose cells are no medians may be of one round', () => {
  const worst: Column<Round> = { title: 'Worst', cell: (rounds) => rounds.map(({ waitMs }) => waitMs).join('; ') };
  publish({ ...reportOf(), rounds: 1, tables: [table(['Server'], [worst], [rowOf('a', [10], [7])])] }, true);
  expect(updatePage).toHaveBeenCalledOnce();
});

it('figures that are no CPU time may differ, and nobody has to write', () => {
  publish(reportOf(rowOf('a', [10, 10.1], [1, 90])), true);
  publish(reportOf(rowOf('a', [10, 20], [1, 1])), false);
  expect(updatePage).toHaveBeenCalledOnce();
});
