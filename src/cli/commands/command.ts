import { readValue } from '../../config/option-values.ts';
import type { FlagSpec, ParsedFlags } from '../command-line.ts';

/**
 * What the process ends with. `exec` ends with the code of its command, or with 128 and the number of the signal that
 * ended it, as a shell does.
 */
export const EXIT = {
  /** Ended as asked. */
  ok: 0,
  /** It went wrong: refused, broken off, a failure of ours, something `doctor` found. */
  failure: 1,
  /** It was asked in a way we do not understand, or cannot be done here (a port is taken). */
  usage: 2,
  /** No emulator answers at the URL. */
  noEmulator: 3,
} as const;

export interface CommandOption extends FlagSpec {
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** What stands behind the name in its usage, e.g. `FILE`. */
  readonly operands?: string;
  /** One line. */
  readonly summary: string;
  /** Besides `--help`, `--json`, and `--url` where it speaks to an emulator. */
  readonly options: readonly CommandOption[];
  /** Takes the options of `start` too. */
  readonly startsEmulator?: boolean;
  /** Resolves to the exit code. */
  run(context: CommandContext): Promise<number>;
}

/** The process around a command. */
export interface CommandContext {
  readonly flags: ParsedFlags['flags'];
  readonly positionals: readonly string[];
  /** What stands behind `--`. */
  readonly rest: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Whether a person sees what goes to `err`. */
  readonly isTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Redraws the last line of a terminal; nothing elsewhere. */
  progress(text: string): void;
  /** Calls back at SIGINT and SIGTERM; returns what ends that. */
  onSignal(callback: (signal: NodeJS.Signals) => void): () => void;
  /** Ends the process at once. */
  abort(): void;
}

/** The last value of a flag. */
export function flagValue({ flags }: CommandContext, flag: string): string | undefined {
  return flags.get(flag)?.at(-1);
}

/**
 * The last value of a flag, read by a reader of `config/option-values.ts`.
 * @throws UsageError when the value does not fit
 */
export function readFlag<Value>(
  context: CommandContext,
  flag: string,
  read: (text: string) => Value,
): Value | undefined {
  const text = flagValue(context, flag);
  return text === undefined ? undefined : readValue(`--${flag}`, text, () => read(text));
}

/** The document for programs, or the text for people. */
export function answer(context: CommandContext, document: unknown, text: string): void {
  context.out(context.flags.has('json') ? JSON.stringify(document) : text);
}
