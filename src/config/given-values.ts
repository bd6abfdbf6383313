/** Options whose values are those of a language, JSON or JavaScript, instead of texts. The checks are those of the command line. */
import { dirname, resolve } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { type Config, OPTIONS, type OptionSpec } from './config.ts';
import { readValue } from './option-values.ts';

/** Who gives a value. */
export interface Giver {
  /** Before the name of the option in messages, e.g. `startEmulator`. */
  readonly name: string;
  /** Of a file: its path, to whose folder paths are relative. */
  readonly file?: string;
  /** Whether it is a program, whose values may have the forms of `value-forms.ts`, too. */
  readonly isProgram: boolean;
}

/**
 * The value of an option.
 * @throws UsageError when it does not fit; the message names the option and what is allowed, and repeats no secret
 */
export function readGiven(giver: Giver, name: keyof Config, value: unknown): unknown {
  const spec: OptionSpec<unknown> = OPTIONS[name];
  const option = `${giver.name}: ${name}`;
  if (!spec.repeatable) return spec.parse([readText(giver, spec, option, value)]);
  if (!Array.isArray(value)) throw wrongType(option, expectedList(giver, spec), value, spec.isSecret);
  return spec.parse(value.map((item, index) => readText(giver, spec, `${option}[${index}]`, item)));
}

/** As a person types it on the command line; checked. */
function readText(giver: Giver, spec: OptionSpec<unknown>, option: string, value: unknown): string {
  const text = textOf(giver, spec, value);
  if (text === undefined) throw wrongType(option, expected(giver, spec), value, spec.isSecret);
  const given = giver.file !== undefined && isPath(spec, text) ? resolve(dirname(giver.file), text) : text;
  readValue(option, given, () => spec.parse([given]));
  return given;
}

/** Undefined when the value is of another type. */
function textOf({ isProgram }: Giver, { kind, words = [], form }: OptionSpec<unknown>, value: unknown) {
  switch (kind) {
    case 'switch':
      return typeof value === 'boolean' ? String(value) : undefined;
    case 'number':
      if (typeof value === 'string') return words.includes(value) ? value : undefined;
      return typeof value === 'number' ? String(value) : undefined;
    case 'text':
    case 'path':
    case 'program':
      if (typeof value === 'string') return value;
      return isProgram ? form?.toText(value) : undefined;
  }
}

function expected({ isProgram }: Giver, { kind, words = [], form }: OptionSpec<unknown>): string {
  if (kind === 'switch') return 'true or false';
  if (kind === 'number') return ['a number', ...words.map((word) => `"${word}"`)].join(' or ');
  return isProgram && form ? `a text or ${form.shown}` : 'a text';
}

function expectedList({ isProgram }: Giver, { form }: OptionSpec<unknown>): string {
  return isProgram && form ? `a list of texts or of ${form.shown}` : 'a list of texts';
}

/** The refusal of a value of another type. What is secret is named by its type only. */
export function wrongType(option: string, expectation: string, value: unknown, isSecret = false): UsageError {
  return new UsageError(`${option} must be ${expectation}, not ${isSecret ? typeName(value) : shown(value)}.`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeName(value);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** What is empty is refused by the check of the option. */
function isPath({ kind }: OptionSpec<unknown>, text: string): boolean {
  if (text === '') return false;
  return kind === 'path' || (kind === 'program' && /[\\/]/.test(text));
}
