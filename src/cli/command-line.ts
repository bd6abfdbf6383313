import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { type Config, OPTIONS, type OptionSpec, optionNames } from '../config/config.ts';
import type { ConfigFields } from '../config/config-fields.ts';
import { CONFIG_FILE, type ConfigFile, findConfigFile, readConfigFile } from '../config/config-file.ts';
import { readValue } from '../config/option-values.ts';

/** A flag of the command line; without an argument it is a switch. */
export interface FlagSpec {
  /** Without the leading `--`. */
  readonly flag: string;
  readonly argument?: string;
  /** A switch may be turned off, too, as `--flag=false`: something else may have turned it on. */
  readonly kind?: OptionSpec<unknown>['kind'];
}

export interface DescribedFlag extends FlagSpec {
  readonly help: string;
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
  /** Those that the configuration file sets, which may be set by flag or variable, too. */
  readonly inFile: ReadonlySet<keyof Config>;
  /** Path of the configuration file that was read. */
  readonly file: string | undefined;
}

/** Where options come from. */
export interface ConfigSources {
  readonly flags: ParsedFlags['flags'];
  readonly environment: NodeJS.ProcessEnv;
  /** The working folder. */
  readonly folder: string;
}

export const CONFIG_FLAGS: readonly DescribedFlag[] = [
  { flag: 'config', argument: 'FILE', help: `File of options [${CONFIG_FILE} here or in a folder above]` },
  { flag: 'no-config', help: 'Read no such file' },
];

const CONFIG_VARIABLE = 'OSS_LIVECHANNEL_CONFIG';

export const COMMON_FLAGS: readonly DescribedFlag[] = [
  { flag: 'help', help: 'Say what the command does, and its options' },
  { flag: 'version', help: 'Print the version' },
  { flag: 'json', help: 'Answer as a JSON document, also an error (on stderr)' },
];

/**
 * The options of the emulator. Flags come before variables, variables before the configuration file, and that before defaults.
 * @param ownDefaults of a command; they come before the file
 * @throws UsageError when a value does not fit
 */
export function readConfig(sources: ConfigSources, ownDefaults: ConfigFields = {}): GivenConfig {
  const { flags, environment } = sources;
  const file = configFileOf(sources);
  const inFile = file?.values ?? new Map<keyof Config, unknown>();
  const own = textsOf(ownDefaults);
  const given = new Set<keyof Config>();
  const values: Partial<Record<keyof Config, unknown>> = {};
  for (const name of optionNames()) {
    const spec: OptionSpec<unknown> = OPTIONS[name];
    const texts = flags.get(spec.flag) ?? fromEnvironment(spec, environment);
    if (texts) given.add(name);
    const chosen = texts ?? own.get(name);
    values[name] = !chosen && inFile.has(name) ? inFile.get(name) : parseOption(spec, chosen ?? spec.defaults);
  }
  if (values.memory === true && flags.has('memory') && flags.has('data-dir')) {
    throw new UsageError('Give --memory or --data-dir, not both.');
  }
  // Whoever names a folder now wants it, whatever the file or a default says of the memory.
  if (given.has('dataDir') && !given.has('memory')) values.memory = false;
  // The cast: every option was parsed by its own parser, which TypeScript cannot express in a loop.
  return { config: values as Config, given, inFile: new Set(inFile.keys()), file: file?.path };
}

function configFileOf({ flags, environment, folder }: ConfigSources): ConfigFile | undefined {
  const named = flags.get('config')?.at(-1);
  if (flags.has('no-config')) {
    if (named !== undefined) throw new UsageError('Give --config or --no-config, not both.');
    return undefined;
  }
  const path = named ?? (environment[CONFIG_VARIABLE] || findConfigFile(folder));
  return path === undefined ? undefined : readConfigFile(resolve(folder, path));
}

/** One line per option, for the help of a command that has these defaults of its own. */
export function optionRows(ownDefaults: ConfigFields = {}): readonly string[] {
  const own = textsOf(ownDefaults);
  return optionNames().map((name) => {
    const spec: OptionSpec<unknown> = OPTIONS[name];
    const { flag, argument, help } = spec;
    const defaults = own.get(name) ?? spec.defaults;
    return helpRow(
      { flag, ...(argument !== undefined && { argument }) },
      `${help}${defaults.length > 0 ? ` [${defaults.join(' ')}]` : ''}`,
    );
  });
}

/** Defaults in the form of the command line. */
function textsOf(defaults: ConfigFields): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(defaults).map(([name, value]) => [name, [String(value)]]));
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
    const isToggle = specs.some(({ flag, kind }) => flag === token.name && kind === 'switch');
    if (known.type === 'boolean' && token.value !== undefined && !(isToggle && isTruth(token.value)))
      throw new UsageError(`${token.rawName} takes no value${isToggle ? ' but true or false' : ''}; see --help.`);
    flags.set(token.name, [...(flags.get(token.name) ?? []), token.value ?? 'true']);
  }
  return { flags, positionals };
}

function isTruth(text: string): boolean {
  return text === 'true' || text === 'false';
}

function fromEnvironment(spec: OptionSpec<unknown>, environment: NodeJS.ProcessEnv): string[] | undefined {
  const text = environment[spec.variable];
  if (text === undefined || text === '') return undefined;
  return spec.repeatable ? text.split(',').map((part) => part.trim()) : [text];
}

function parseOption(spec: OptionSpec<unknown>, texts: readonly string[]): unknown {
  return readValue(`--${spec.flag} (${spec.variable})`, texts.join(' '), () => spec.parse(texts));
}
