import type { Writable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import { mayHaveSecret } from '../../base/redact.ts';
import type { ConfigFields } from '../../config/config-fields.ts';
import { readValue } from '../../config/option-values.ts';
import type { DescribedFlag, ParsedFlags } from '../command-line.ts';

/**
 * Exit codes. `exec` exits with the code of its command, or with 128 plus the number of the signal that ended it, as a
 * shell does.
 */
export const EXIT = {
  /** Success. */
  ok: 0,
  /** Failure: refused, interrupted, a bug, or a problem that `doctor` found. */
  failure: 1,
  /** The command line is wrong, or cannot be carried out on this machine: a port is taken, a data folder cannot be used. */
  usage: 2,
  /** No emulator answers at the URL. */
  noEmulator: 3,
} as const;

export type CommandOption = DescribedFlag;

export interface Command {
  readonly name: string;
  /** The operands in its usage, e.g. `FILE`. */
  readonly operands?: string;
  /** One line. */
  readonly summary: string;
  /** Besides `--help`, `--version` and `--json`. */
  readonly options: readonly CommandOption[];
  /** Whether it takes the options of `start` too. */
  readonly startsEmulator?: boolean;
  /** Other defaults than those of `start`; they count more than the configuration file. */
  readonly defaults?: ConfigFields;
  /** Whether its output has no end of its own, so that who reads only the beginning of it has what was wanted. */
  readonly isEndless?: boolean;
  /** What else the help says, in lines. */
  readonly notes?: readonly string[];
  /** Resolves to the exit code. */
  run(context: CommandContext): Promise<number>;
}

/** The process around a command. */
export interface CommandContext {
  readonly flags: ParsedFlags['flags'];
  readonly positionals: readonly string[];
  /** The arguments after `--`. */
  readonly rest: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The real time. */
  readonly clock: Clock;
  /** The working folder: names of files are relative to it. */
  readonly folder: string;
  /** For an import. */
  readonly input: AsyncIterable<Uint8Array>;
  /** For an export. */
  readonly output: Writable;
  readonly isOutputTerminal: boolean;
  /** Whether `err` is a terminal. */
  readonly isTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Redraws the last line of a terminal; without a terminal does nothing. */
  progress(text: string): void;
  /** Calls back at the signals that ask a program to end; returns a function that ends this. */
  onSignal(callback: (signal: NodeJS.Signals) => void): () => void;
  /** Ends the process at once. */
  abort(): void;
}

/** @throws UsageError when a command without operands gets one */
export function checkOperands({ operands }: Command, [first]: readonly string[]): void {
  if (operands === undefined && first !== undefined) {
    throw new UsageError(`Unknown argument${mayHaveSecret(first) ? '' : ` "${first}"`}; see --help.`);
  }
}

/**
 * @throws UsageError when there is none, an empty one, as of a variable that is not set, or more, as of a path with a
 *   space in it that was not quoted
 */
export function oneOperand({ positionals: [operand, ...more] }: CommandContext, usage: string): string {
  if (operand === undefined || operand === '' || more.length > 0) throw new UsageError(usage);
  return operand;
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

/** What a terminal would take as a command is in no line: names of channels may have any characters. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '?');
}

/** Prints the document with `--json`, otherwise the text. */
export function answer(context: CommandContext, document: unknown, text: string): void {
  context.out(context.flags.has('json') ? JSON.stringify(document) : printable(text));
}
