/** The options of a project, in a file of it. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { jsonMembers } from '../base/encoded-json.ts';
import { UsageError } from '../base/errors.ts';
import { readJsonFile } from '../base/named-file.ts';
import { nearest } from '../base/nearest.ts';
import { type Config, OPTIONS, optionNames } from './config.ts';
import { readGiven } from './given-values.ts';

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
    values.set(name, readGiven({ name: shown, file: shown, isProgram: false }, name, value));
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
