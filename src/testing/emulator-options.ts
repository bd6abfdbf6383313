import { type Clock, systemClock } from '../base/clock.ts';
import { UsageError } from '../base/errors.ts';
import { createLog, type Log } from '../base/log.ts';
import { unknownName } from '../base/nearest.ts';
import { type Config, optionNames } from '../config/config.ts';
import type { ConfigFields } from '../config/config-fields.ts';
import { BESIDE_OTHERS } from '../config/defaults.ts';
import { readGiven, wrongType } from '../config/given-values.ts';
import type { Seed } from '../control-plane/seed/seed.ts';
import type { EmulatorDeps } from '../emulator/emulator.ts';

/** Options of one emulator; every field has a default. All of them with their flags and variables: docs/options.md. */
export interface EmulatorOptions extends Omit<ConfigFields, 'seed'> {
  /** Made at start and by every reset: the document, or the path of its file. */
  readonly seed?: Seed | string;
  /** The clock below `emulator.clock`; default the real time. */
  readonly clock?: Clock;
  /** Default one that writes the lines of `logLevel` to stderr. */
  readonly log?: Log;
  /** @deprecated It is `webrtcPort`. */
  readonly webRtcPort?: number;
  /** @deprecated It is `webrtcHosts`. */
  readonly webRtcHosts?: readonly string[];
}

/** In memory, on a free port of this machine, without a log; the command has other defaults. */
export const TEST_DEFAULTS: ConfigFields = { ...BESIDE_OTHERS, logLevel: 'silent' };

/** The names that options had, and have; the former are not suggested. */
const RENAMED = new Map<string, keyof Config>([
  ['webRtcPort', 'webrtcPort'],
  ['webRtcHosts', 'webrtcHosts'],
]);

/** What an option that is no text has to be able to do. */
const PARTS = {
  clock: ['now', 'setTimeout'],
  log: ['error', 'warn', 'info', 'debug', 'with'],
} as const;

const GIVER = { name: 'startEmulator', isProgram: true } as const;

/**
 * The options of a caller, who may have no types: every value is checked as on the command line.
 * @throws UsageError when a name is unknown or a value does not fit; the message names the option
 */
export function readOptions(options: EmulatorOptions): EmulatorDeps & { readonly config: Partial<Config> } {
  const given = namedAsNow(options);
  const { clock, log, seed } = options;
  checkPart('clock', clock);
  checkPart('log', log);
  refuseBoth(given, 'memory', 'dataDir');
  refuseBoth(given, 'log', 'logLevel');
  const config = readConfig(given);
  return {
    config,
    log: log ?? createLog(config.logLevel ?? 'silent', writeLine, () => (clock ?? systemClock).now()),
    ...(clock && { clock }),
    ...(typeof seed === 'object' && { seed }),
  };
}

/** What was given, by the names that the options have. */
function namedAsNow(options: unknown): ReadonlyMap<string, unknown> {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw wrongType('startEmulator: options', 'an object', options);
  const known = [...optionNames(), 'clock', 'log'];
  const given = new Map<string, unknown>();
  for (const [name, value] of Object.entries(options)) {
    const now = RENAMED.get(name) ?? name;
    if (!known.includes(now)) throw new UsageError(`startEmulator: ${unknownName('option', name, known)}.`);
    if (value !== undefined && !(now !== name && given.has(now))) given.set(now, value);
  }
  return given;
}

function readConfig(given: ReadonlyMap<string, unknown>): Partial<Config> {
  const { memory, ...defaults } = TEST_DEFAULTS;
  // As with the command, whoever names a folder wants it.
  const values = new Map<string, unknown>([
    ...Object.entries({ ...defaults, memory: memory && !given.has('dataDir') }),
    ...given,
  ]);
  const config: Partial<Record<keyof Config, unknown>> = {};
  for (const name of optionNames()) {
    const value = values.get(name);
    if (value === undefined || (name === 'seed' && isDocument(value))) continue;
    config[name] = readGiven(GIVER, name, value);
  }
  // The cast: every option was read by its own parser, which TypeScript cannot express in a loop.
  return config as Partial<Config>;
}

/** Its fields are checked where it is made. */
function isDocument(value: unknown): boolean {
  if (typeof value === 'string') return false;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true;
  throw wrongType('startEmulator: seed', 'a text (the path of a file) or an object', value);
}

function checkPart(name: keyof typeof PARTS, value: unknown): void {
  if (value === undefined) return;
  const members = typeof value === 'object' && value !== null ? value : {};
  const missing = PARTS[name].filter((method) => typeof Reflect.get(members, method) !== 'function');
  if (missing.length === 0) return;
  throw wrongType(`startEmulator: ${name}`, `an object with the functions ${PARTS[name].join(', ')}`, value);
}

function refuseBoth(given: ReadonlyMap<string, unknown>, one: string, other: string): void {
  if (given.has(other) && given.get(one) !== undefined && given.get(one) !== false) {
    throw new UsageError(`startEmulator: give ${one} or ${other}, not both.`);
  }
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
