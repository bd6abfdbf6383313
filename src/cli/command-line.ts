import { parseArgs } from 'node:util';
import { UsageError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { type Config, OPTIONS, type OptionSpec, optionNames } from '../config/config.ts';
import { readValue } from '../config/option-values.ts';

/** A flag of the command line; without an argument it is a switch. */
export interface FlagSpec {
  /** Without the leading `--`. */
  readonly flag: string;
  readonly argument?: string;
}

/** The parts of a command line. */
export interface ParsedFlags {
  /** Every value of every flag that was given, in order. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

export interface GivenConfig {
  readonly config: Config;
  /** Options that were set by flag or variable. */
  readonly given: ReadonlySet<keyof Config>;
}

export const COMMON_FLAGS: readonly FlagSpec[] = [{ flag: 'help' }, { flag: 'version' }, { flag: 'json' }];

/**
 * The options of the emulator among the flags. Flags come before variables, and variables before defaults.
 * @throws UsageError when a value does not fit
 */
export function readConfig(flags: ParsedFlags['flags'], environment: NodeJS.ProcessEnv): GivenConfig {
  const given = new Set<keyof Config>();
  const values: Partial<Record<keyof Config, unknown>> = {};
  for (const name of optionNames()) {
    const spec: OptionSpec<unknown> = OPTIONS[name];
    const texts = flags.get(spec.flag) ?? fromEnvironment(spec, environment);
    if (texts) given.add(name);
    values[name] = parseOption(spec, texts ?? spec.defaults);
  }
  // The cast: every option was parsed by its own parser, which TypeScript cannot express in a loop.
  return { config: values as Config, given };
}

/** One line per option, for `start --help`. */
export function optionRows(): readonly string[] {
  return optionNames().map((name) => {
    const { flag, argument, defaults, help }: OptionSpec<unknown> = OPTIONS[name];
    return helpRow(
      { flag, ...(argument !== undefined && { argument }) },
      `${help}${defaults.length > 0 ? ` [${defaults.join(' ')}]` : ''}`,
    );
  });
}

export function helpRow({ flag, argument }: FlagSpec, help: string): string {
  return `${`  --${flag}${argument ? ` ${argument}` : ''}`.padEnd(28)} ${help}`;
}

/** @throws UsageError when a flag is not in `specs`, lacks its value, or has a value that it does not take */
export function parseFlags(argv: readonly string[], specs: readonly FlagSpec[]): ParsedFlags {
  const options: Record<string, { type: 'string' | 'boolean'; multiple: true; short?: string }> = {};
  for (const { flag, argument } of specs) {
    options[flag] = { type: argument ? 'string' : 'boolean', multiple: true, ...(flag === 'help' && { short: 'h' }) };
  }
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const flags = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const known = options[token.name];
    if (!known) {
      const meant = nearest(token.name, Object.keys(options));
      throw new UsageError(
        `Unknown option ${token.rawName}${meant === undefined ? '' : ` (did you mean --${meant}?)`}; see --help.`,
      );
    }
    if (known.type === 'string' && token.value === undefined)
      throw new UsageError(`${token.rawName} needs a value; see --help.`);
    if (known.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value; see --help.`);
    flags.set(token.name, [...(flags.get(token.name) ?? []), token.value ?? 'true']);
  }
  return { flags, positionals };
}

function fromEnvironment(spec: OptionSpec<unknown>, environment: NodeJS.ProcessEnv): string[] | undefined {
  const text = environment[spec.variable];
  if (text === undefined || text === '') return undefined;
  return spec.repeatable ? text.split(',').map((part) => part.trim()) : [text];
}

function parseOption(spec: OptionSpec<unknown>, texts: readonly string[]): unknown {
  return readValue(`--${spec.flag} (${spec.variable})`, texts.join(' '), () => spec.parse(texts));
}
