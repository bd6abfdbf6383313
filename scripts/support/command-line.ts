/**
 * The command line of a script. `--help` prints the comment at the head of its file and its options; what does not fit is said
 * in one sentence, and the exit code is 2.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { UsageError } from '../../src/base/errors.ts';
import { helpRow, parseFlags } from '../../src/cli/command-line.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Option<Value> {
  /** Its value in the help, e.g. `N`; a switch has none. */
  readonly argument?: string;
  /** What its value may be, and the default. */
  readonly help: string;
  /**
   * @param text undefined when the option was not given
   * @throws UsageError when it does not fit
   */
  read(text: string | undefined, name: string): Value;
}

type Options = Readonly<Record<string, Option<unknown>>>;
type Values<Of extends Options> = { readonly [Name in keyof Of]: Of[Name] extends Option<infer Value> ? Value : never };

export interface CommandLine<Of extends Options> {
  readonly values: Values<Of>;
  readonly operands: readonly string[];
  /** As it was typed, in the form of `npm run`, where package.json has a command for this script. */
  readonly command: string;
}

/** Of the script that runs: ends the process after `--help`, and when something does not fit. */
export function readOptions<Of extends Options>(url: string, options: Of): Values<Of> {
  return readCommandLine(url, options).values;
}

/** @param operands what else it takes, e.g. `FOLDER`; nothing else when undefined */
export function readCommandLine<Of extends Options>(url: string, options: Of, operands?: string): CommandLine<Of> {
  const args = process.argv.slice(2);
  return orEnd(() => {
    if (args.includes('--help') || args.includes('-h')) {
      printHelp(url, options);
    }
    const parsed = parseOptions(args, options, operands);
    return { values: parsed.values, operands: parsed.operands, command: typedCommand(fileURLToPath(url), args) };
  });
}

/** Prints what a script is for, from the comment at its head, and ends the process. */
export function printHelp(url: string, options: Options): never {
  console.log(helpOf(readFileSync(new URL(url), 'utf8'), options));
  process.exit(0);
}

/** Ends the process, with 2, when what was typed turns out not to fit. */
export function orEnd<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    end(error.message);
  }
}

/** Ends the process because of what was typed. */
export function end(message: string): never {
  console.error(message);
  process.exit(2);
}

/** @throws UsageError when something does not fit */
export function parseOptions<Of extends Options>(
  args: readonly string[],
  options: Of,
  operands?: string,
): Pick<CommandLine<Of>, 'values' | 'operands'> {
  const specs = Object.entries(options).map(([flag, { argument }]) => ({ flag, ...(argument && { argument }) }));
  const { flags, positionals } = parseFlags(args, specs);
  if (operands === undefined && positionals.length > 0) {
    throw new UsageError(`Unknown argument "${positionals[0]}"; see --help.`);
  }
  const values = Object.entries(options).map(([name, option]) => [
    name,
    option.read(flags.get(name)?.at(-1), `--${name}`),
  ]);
  // The cast: every value was read by its own option, which TypeScript cannot express in a loop.
  return { values: Object.fromEntries(values) as Values<Of>, operands: positionals };
}

/** @param source of the script */
export function helpOf(source: string, options: Options): string {
  const [, comment = ''] = /^\/\*\*(.*?)\*\//s.exec(source) ?? [];
  const text = comment.replace(/^ *\* ?/gm, '').trim();
  const rows = Object.entries(options).map(([flag, { argument, help }]) =>
    helpRow({ flag, ...(argument && { argument }) }, help).trimEnd(),
  );
  return [text, ...(rows.length > 0 ? [rows.join('\n')] : [])].join('\n\n');
}

/** @param script its path */
export function typedCommand(script: string, args: readonly string[]): string {
  const file = relative(ROOT, script);
  const name = Object.entries(manifest.scripts).find(([, text]) => text.endsWith(` ${file}`))?.[0];
  const begin = name === undefined ? `npx tsx ${file}` : `npm run ${name}`;
  const separator = name === undefined ? [] : ['--'];
  return [begin, ...(args.length > 0 ? separator : []), ...args.map(quoted)].join(' ');
}

/** For a shell. */
function quoted(argument: string): string {
  return /^[\w./,:=@+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

export function flag(help = ''): Option<boolean> {
  return { help, read: (text) => text !== undefined };
}

/** An option whose name does not say what it is for. */
export function described<Value>(what: string, option: Option<Value>): Option<Value> {
  return { ...option, help: `${what}: ${option.help}` };
}

/** A whole number of at least 1. */
export function count<Fallback>(fallback: Fallback): Option<number | Fallback> {
  return valued('N', 'a whole number of at least 1', wholeNumber, fallback);
}

/** Some of them, with commas. */
export function counts(fallback: readonly number[]): Option<readonly number[]> {
  const parse = (text: string) => listOf(text, wholeNumber);
  return valued('N[,N...]', 'whole numbers of at least 1 with commas between them', parse, fallback);
}

/** A number above 0, e.g. of seconds. */
export function positive<Fallback>(fallback: Fallback): Option<number | Fallback> {
  return valued('NUMBER', 'a number above 0', (text) => (decimal(text) === 0 ? undefined : decimal(text)), fallback);
}

/** A number of at least 0. */
export function amount<Fallback>(fallback: Fallback): Option<number | Fallback> {
  return valued('NUMBER', 'a number of at least 0', decimal, fallback);
}

/** Of a random sequence: the same seed makes the same choices. @param end it is below this */
export function seed(end: number): Option<number> {
  const parse = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
  const { read, ...rest } = valued('SEED', 'a whole number', parse, undefined);
  return { ...rest, read: (text, name) => read(text, name) ?? Date.now() % end };
}

export function text<Fallback>(argument: string, fallback: Fallback): Option<string | Fallback> {
  return valued(argument, 'a text that is not empty', (given) => (given === '' ? undefined : given), fallback);
}

/** One of some words. */
export function choice<Word extends string>(words: readonly Word[], fallback: Word): Option<Word> {
  return valued(
    words.join('|'),
    `one of ${words.join(', ')}`,
    (given) => words.find((word) => word === given),
    fallback,
  );
}

/** Some of all names, with commas between them; all when it is not given. @param by what a name is given: itself, or a part */
export function names(all: readonly string[], by: 'name' | 'part' = 'name'): Option<readonly string[]> {
  const fits = (name: string, given: string) => (by === 'name' ? name === given : given !== '' && name.includes(given));
  const parse = (given: string) => {
    const parts = given.split(',').map((part) => part.trim());
    const areKnown = parts.every((part) => all.some((name) => fits(name, part)));
    return areKnown ? all.filter((name) => parts.some((part) => fits(name, part))) : undefined;
  };
  const what = by === 'name' ? 'some of' : 'parts of the names';
  const { read, ...rest } = valued(
    'NAME[,NAME...]',
    `${what} ${all.map((name) => `"${name}"`).join(', ')}`,
    parse,
    undefined,
  );
  return { ...rest, read: (given, name) => read(given, name) ?? all };
}

/** @param parse undefined when a text does not fit */
export function valued<Value, Fallback>(
  argument: string,
  allowed: string,
  parse: (text: string) => Value | undefined,
  fallback: Fallback,
): Option<Value | Fallback> {
  return {
    argument,
    help: fallback === undefined ? allowed : `${allowed} [${fallback}]`,
    read(given, name) {
      if (given === undefined) return fallback;
      const value = parse(given);
      if (value === undefined) throw new UsageError(`${name} must be ${allowed}, not "${given}".`);
      return value;
    },
  };
}

function listOf<Value>(given: string, parse: (text: string) => Value | undefined): readonly Value[] | undefined {
  const values = given.split(',').map((part) => parse(part.trim()));
  const whole = values.filter((value) => value !== undefined);
  return whole.length === values.length ? whole : undefined;
}

function wholeNumber(given: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(given) ? Number(given) : undefined;
}

function decimal(given: string): number | undefined {
  return /^\d{1,15}(\.\d+)?$/.test(given) ? Number(given) : undefined;
}
