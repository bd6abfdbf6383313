/** The options of a project, in a file of it. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { jsonMembers } from '../base/encoded-json.ts';
import { UsageError } from '../base/errors.ts';
import { readJsonFile } from '../base/named-file.ts';
import { nearest } from '../base/nearest.ts';
import { type Config, OPTIONS, type OptionSpec, optionNames } from './config.ts';
import { readValue } from './option-values.ts';

export const CONFIG_FILE = 'oss-livechannel.config.json';
export const CONFIG_VERSION = 1;

/** What the file may hold besides options. */
const OTHER_KEYS = ['$schema', 'version'] as const;

/** The value of each option that a file has, and the path of the file. */
export interface ConfigFile {
  readonly path: string;
  readonly values: ReadonlyMap<keyof Config, unknown>;
}

/** The file in this folder or the nearest one above it. */
export function findConfigFile(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, CONFIG_FILE);
    if (existsSync(path)) return path;
    if (dirname(at) === at) return undefined;
  }
}

/** @throws UsageError when the file cannot be read, or a key or value of it is not known; the message names file and key */
export function readConfigFile(path: string): ConfigFile {
  const shown = resolve(path);
  const members = readMembers(shown);
  checkVersion(shown, members.get('version'));
  const values = new Map<keyof Config, unknown>();
  for (const [key, value] of members) {
    if (OTHER_KEYS.some((other) => other === key)) continue;
    const name = optionNames().find((known) => known === key);
    if (name === undefined) throw new UsageError(`${shown}: ${unknownKey(key)}`);
    values.set(name, readOption(shown, name, value));
  }
  return { path: shown, values };
}

function readMembers(path: string): ReadonlyMap<string, unknown> {
  const members = jsonMembers(readJsonFile(path, '--config'));
  if (!members) throw new UsageError(`${path} must hold one JSON object, such as {"memory": true}.`);
  return members;
}

function checkVersion(path: string, version: unknown = CONFIG_VERSION): void {
  if (version === CONFIG_VERSION) return;
  if (typeof version === 'number' && version > CONFIG_VERSION) {
    throw new UsageError(
      `${path}: version is ${version}, and this emulator reads up to ${CONFIG_VERSION}: update the emulator.`,
    );
  }
  throw new UsageError(`${path}: version must be ${CONFIG_VERSION}, not ${JSON.stringify(version)}.`);
}

/** Somebody may have written the flag instead. */
function unknownKey(key: string): string {
  const names = optionNames();
  const flag = key.replace(/^--/, '');
  const meant = names.find((name) => OPTIONS[name].flag === flag) ?? nearest(key, [...names, ...OTHER_KEYS]);
  const advice = meant === undefined ? 'docs/config.md has the keys' : `did you mean "${meant}"?`;
  return `unknown key "${key}" (${advice}).`;
}

function readOption(path: string, name: keyof Config, value: unknown): unknown {
  const spec: OptionSpec<unknown> = OPTIONS[name];
  const texts = spec.repeatable ? readList(value, spec) : [readText(value, spec)];
  if (texts.includes(undefined)) {
    throw new UsageError(`${path}: ${name} must be ${expectation(spec)}, not ${JSON.stringify(value)}.`);
  }
  const given = texts.map((text = '') => (isPath(spec, text) ? resolve(dirname(path), text) : text));
  return readValue(`${path}: ${name}`, given.join(' '), () => spec.parse(given));
}

function readList(value: unknown, spec: OptionSpec<unknown>): readonly (string | undefined)[] {
  return Array.isArray(value) ? value.map((item) => readText(item, spec)) : [undefined];
}

/** As on the command line; undefined when the value is of another type. */
function readText(value: unknown, { kind, words = [] }: OptionSpec<unknown>): string | undefined {
  switch (kind) {
    case 'switch':
      return typeof value === 'boolean' ? String(value) : undefined;
    case 'number':
      if (typeof value === 'string') return words.includes(value) ? value : undefined;
      return typeof value === 'number' ? String(value) : undefined;
    case 'text':
    case 'path':
    case 'program':
      return typeof value === 'string' ? value : undefined;
  }
}

function expectation({ kind, repeatable, words = [] }: OptionSpec<unknown>): string {
  if (repeatable) return 'a list of texts';
  if (kind === 'switch') return 'true or false';
  if (kind === 'number') return ['a number', ...words.map((word) => `"${word}"`)].join(' or ');
  return 'a text';
}

/** What is empty is refused by the check of the option. */
function isPath({ kind }: OptionSpec<unknown>, text: string): boolean {
  if (text === '') return false;
  return kind === 'path' || (kind === 'program' && /[\\/]/.test(text));
}
