/**
 * What every benchmark prints: the command, the machine, the versions, the rounds, and tables of medians with their spread. A
 * table of CPU time that differed much from round to round, or of figures that were measured once, is printed, but not written
 * into a page; one without rows is neither.
 */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { end } from '../support/command-line.ts';
import { leftOut, median, spread } from './figures.ts';
import { markdownTable, updatePage } from './page.ts';

/** A column of a table whose rows have the figures of several rounds. */
export interface Column<Round> {
  readonly title: string;
  /** The text of a cell, from all rounds of its row. */
  readonly cell: (rounds: readonly Round[]) => string;
  /** Of one whose cells are medians: a table of a single round is not written. */
  readonly of?: (round: Round) => number;
  /** CPU time, by which servers and builds are compared: its spread decides whether the table may be written. */
  readonly isCpu?: boolean;
}

export interface Row<Round> {
  readonly labels: readonly string[];
  readonly rounds: readonly Round[];
}

export interface Table {
  readonly text: string;
  readonly rows: number;
  /** What of it differs too much from round to round, or was measured once. */
  readonly unsteady: readonly string[];
}

export interface Report {
  /** The marks in the page are named so, e.g. `bench:ingest`. */
  readonly section: string;
  /** Below `docs/`. */
  readonly page?: string;
  /** As it was typed. */
  readonly command: string;
  readonly rounds: number;
  /** Of what was measured or took part, beside Node, e.g. `nginx 1.22.1`. */
  readonly versions?: readonly string[];
  readonly tables: readonly Table[];
  /** Lines below the tables. */
  readonly remarks?: readonly string[];
}

/** Figures that are further apart say more about the machine than about a server. */
const MAX_CPU_SPREAD = 0.15;
const GIBIBYTE = 2 ** 30;

interface Figure<Round> {
  readonly title: string;
  readonly of: (round: Round) => number;
  readonly format: (figure: number) => string;
  readonly isCpu?: boolean;
}

/** The median of the rounds, and in parentheses how far they are apart. */
export function figure<Round>({ title, of, format, isCpu = false }: Figure<Round>): Column<Round> {
  const cell = (rounds: readonly Round[]) => {
    const values = rounds.map(of);
    const apart = spread(values);
    const middle = format(median(values));
    return apart === undefined || !Number.isFinite(apart) ? middle : `${middle} (${percent(apart)})`;
  };
  return { title, cell, of, isCpu };
}

export function table<Round>(
  labels: readonly string[],
  columns: readonly Column<Round>[],
  rows: readonly Row<Round>[],
): Table {
  const header = [...labels, ...columns.map(({ title }) => title)];
  const lines = rows.map((row) => [...row.labels, ...columns.map(({ cell }) => cell(row.rounds))]);
  const unsteady = rows.flatMap((row) =>
    columns.flatMap(({ title, of, isCpu = false }) => {
      if (!of) return [];
      const name = `${row.labels.join(', ')}: ${title}`;
      const apart = spread(row.rounds.map(of));
      if (apart === undefined) return [`${name} was measured in one round, which says nothing about its spread`];
      // Also what could not be measured: NaN is not within anything.
      return isCpu && !(Math.abs(apart) <= MAX_CPU_SPREAD)
        ? [`${name} differs by ${percent(apart)} between rounds, and CPU time may by ${percent(MAX_CPU_SPREAD)}`]
        : [];
    }),
  );
  return { text: markdownTable(header, lines), rows: rows.length, unsteady };
}

/**
 * Prints a report, and writes it into its page when that is wanted.
 * @throws NotWritten when it is wanted, and a figure was measured once, or CPU time differs by more than 15 % from round to
 *   round; and always when a table has no rows
 */
export function publish(report: Report, isToBeWritten: boolean): void {
  const { section, page, tables, remarks = [] } = report;
  if (tables.some(({ rows }) => rows === 0)) throw new NotWritten(section, ['nothing was measured']);
  const text = [measuredOn(report), ...tables.map((each) => each.text), ...remarks].join('\n\n');
  console.log(`\n${text}`);
  if (!isToBeWritten) return;
  const unsteady = tables.flatMap((each) => each.unsteady);
  if (unsteady.length > 0) throw new NotWritten(section, unsteady);
  updatePage(section, text, page);
}

/** What was typed, where it says so. */
interface Given {
  readonly rounds?: number;
  readonly write?: boolean;
}

/** Runs a benchmark: what cannot be measured or written is said in a line each, everything else is a bug. */
export async function runBenchmark(main: () => Promise<void>, { rounds, write = false }: Given = {}): Promise<void> {
  // Before it is measured, which may take an hour.
  if (write && rounds === 1) end('--write needs --rounds 2 or more: one round says nothing about its spread.');
  try {
    await main();
  } catch (error) {
    if (!(error instanceof NotWritten)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

export class NotWritten extends Error {
  constructor(section: string, reasons: readonly string[]) {
    super([`${section} is not written:`, ...reasons.map((reason) => `- ${reason}`)].join('\n'));
    this.name = 'NotWritten';
  }
}

/** The time, the command, the machine and the versions by which a table was made. */
function measuredOn({ command, rounds, versions = [] }: Report): string {
  const [processor] = cpus();
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} x ${processor?.model.trim()}, ${(totalmem() / GIBIBYTE).toFixed(0)} GiB`;
  const left = leftOut(rounds);
  const range = left === 0 ? 'their range' : `their range without the ${left} lowest and the ${left} highest`;
  const count = rounds === 1 ? '1 round' : `${rounds} rounds (in parentheses: ${range}, as a share of the median)`;
  const programs = [`${type()} ${release()}`, `Node ${process.versions.node}`, ...new Set(versions)];
  return `${day}, \`${command}\`, ${count}, ${machine}, ${programs.join(', ')}`;
}

/** Of an installed package. @throws Error when it is not installed */
export function packageVersion(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
