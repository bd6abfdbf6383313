import { parseArgs } from 'node:util';
import { BadValue, type Config, OPTIONS, type OptionSpec, optionNames } from './config.ts';
import { UsageError } from './errors.ts';

export interface CommandLine {
  readonly config: Config;
  /** Options that were given, by flag or variable, rather than left at their default. */
  readonly given: ReadonlySet<keyof Config>;
  readonly help: boolean;
  readonly version: boolean;
}

/** Flags first, then variables, then defaults. @throws UsageError */
export function readCommandLine(argv: readonly string[], environment: NodeJS.ProcessEnv): CommandLine {
  const flags = parseFlags(argv);
  const given = new Set<keyof Config>();
  const values: Partial<Record<keyof Config, unknown>> = {};
  for (const name of optionNames()) {
    const spec: OptionSpec<unknown> = OPTIONS[name];
    const texts = flags.get(spec.flag) ?? fromEnvironment(spec, environment);
    if (texts) given.add(name);
    values[name] = parseOption(spec, texts ?? spec.defaults);
  }
  // Every option of the table was just parsed by its own parser; no type follows a loop over it.
  return { config: values as Config, given, help: flags.has('help'), version: flags.has('version') };
}

/** One line per option, for `--help`. */
export function helpText(): string {
  const rows = optionNames().map((name) => {
    const { flag, argument, defaults, help }: OptionSpec<unknown> = OPTIONS[name];
    const left = `  --${flag}${argument ? ` ${argument}` : ''}`;
    return `${left.padEnd(30)} ${help}${defaults.length > 0 ? ` [${defaults.join(' ')}]` : ''}`;
  });
  return [
    'Usage: oss-livechannel [options]',
    '',
    ...rows,
    `${'  --help, --version'.padEnd(30)} Say so and exit`,
    '',
    'Every option can be set by a variable instead: --rtmp-port is OSS_LIVECHANNEL_RTMP_PORT.',
  ].join('\n');
}

function parseFlags(argv: readonly string[]): Map<string, string[]> {
  const options: Record<string, { type: 'string' | 'boolean'; multiple: true; short?: string }> = {
    help: { type: 'boolean', multiple: true, short: 'h' },
    version: { type: 'boolean', multiple: true },
  };
  for (const name of optionNames()) {
    const { flag, argument }: OptionSpec<unknown> = OPTIONS[name];
    options[flag] = { type: argument ? 'string' : 'boolean', multiple: true };
  }
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const flags = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw new UsageError(`Unknown argument "${token.value}"; see --help.`);
    const known = options[token.name];
    if (!known)
      throw new UsageError(
        `Unknown option ${token.rawName}${suggestion(token.name, Object.keys(options))}; see --help.`,
      );
    if (known.type === 'string' && token.value === undefined)
      throw new UsageError(`${token.rawName} needs a value; see --help.`);
    if (known.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value; see --help.`);
    flags.set(token.name, [...(flags.get(token.name) ?? []), token.value ?? 'true']);
  }
  return flags;
}

function fromEnvironment(spec: OptionSpec<unknown>, environment: NodeJS.ProcessEnv): string[] | undefined {
  const text = environment[spec.variable];
  if (text === undefined || text === '') return undefined;
  return spec.repeatable ? text.split(',').map((part) => part.trim()) : [text];
}

function parseOption(spec: OptionSpec<unknown>, texts: readonly string[]): unknown {
  try {
    return spec.parse(texts);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw new UsageError(`--${spec.flag} (${spec.variable}) must ${error.message}, not "${texts.join(' ')}".`);
  }
}

function suggestion(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((flag) => ({ flag, distance: editDistance(name, flag) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= 3 ? ` (did you mean --${nearest.flag}?)` : '';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
