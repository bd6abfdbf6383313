/** The rules about the text of the code. Each returns its offences: where, and what to correct. */
import { CLOCKS, covers, PROCESS_ENDS_IN, PURE } from './layout.ts';
import type { SourceFile } from './source-file.ts';

type Files = readonly SourceFile[];

/**
 * Read the wall clock or set a timer. `AbortSignal.timeout` is a timer too. An alias is not followed: to take the owner
 * of a forbidden member as a value is forbidden instead.
 */
const TIME: ReadonlySet<string> = new Set([
  'AbortSignal as a value',
  'AbortSignal.timeout',
  'Date as a value',
  'Date()',
  'Date.now',
  'Temporal as a value',
  'Temporal.Now',
  'globalThis as a value',
  'new Date()',
  'node:perf_hooks',
  'node:timers',
  'node:timers/promises',
  'performance',
  'process as a value',
  'process.hrtime',
  'process.uptime',
  'scheduler',
  'setInterval',
  'setTimeout',
]);

/** Do input or output, read the time, set a timer, give another result each time, or run text as code. */
const IMPURE: ReadonlySet<string> = new Set([
  ...TIME,
  'BroadcastChannel',
  'EventSource',
  'Function',
  'Math as a value',
  'Math.random',
  'MessageChannel',
  'WebSocket',
  'Worker',
  'XMLHttpRequest',
  'console',
  'crypto as a value',
  'crypto.generateKeyPairSync',
  'crypto.getRandomValues',
  'crypto.randomBytes',
  'crypto.randomFillSync',
  'crypto.randomInt',
  'crypto.randomUUID',
  'eval',
  'fetch',
  'indexedDB',
  'localStorage',
  'navigator',
  'node:console',
  'node:crypto',
  'node:process',
  'process',
  'queueMicrotask',
  'setImmediate',
]);

const PROCESS_END: ReadonlySet<string> = new Set([
  'globalThis as a value',
  'node:process',
  'process as a value',
  'process.abort',
  'process.exit',
  'process.exitCode',
  'process.reallyExit',
]);

export function timeComesFromTheClock(files: Files): readonly string[] {
  const others = files.filter(({ path }) => !CLOCKS.includes(path));
  return offences(others, TIME, 'take a Clock instead');
}

export function pureFilesDoNoInputOrOutput(files: Files): readonly string[] {
  const pure = files.filter(({ path }) => PURE.some((entry) => covers(entry.files, path)));
  return offences(pure, IMPURE, 'the file is pure; pass in what it gives');
}

export function theProcessEndsInMain(files: Files): readonly string[] {
  const others = files.filter(({ path }) => path !== PROCESS_ENDS_IN);
  return offences(others, PROCESS_END, `return a result to src/${PROCESS_ENDS_IN} instead`);
}

/** In the context of a test file of Jest, the errors of Node are of other classes than those of the program. */
const ERROR_CLASSES: ReadonlySet<string> = new Set(
  ['Error', 'AggregateError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'].map(
    (name) => `instanceof ${name}`,
  ),
);

/** The page of the console has one context. */
export function errorsAreToldByTheirShape(files: Files): readonly string[] {
  const others = files.filter(({ path }) => !path.startsWith('console/'));
  return offences(others, ERROR_CLASSES, 'call isError() instead');
}

/**
 * `{ ...{ a, b } }` is not checked for misspelt properties. A condition, `...(a && { b })`, is permitted: it is how a property
 * is left out where it must not be undefined. Paths are those below the root of the repository.
 */
export function literalsAreWrittenOut(files: Files): readonly string[] {
  return files.flatMap(({ path, spreadLiterals }) =>
    spreadLiterals.map((line) => `${path}:${line} spreads a literal: write its members out`),
  );
}

function offences(files: Files, names: ReadonlySet<string>, advice: string): readonly string[] {
  return files.flatMap(({ path, uses }) =>
    uses.filter(({ name }) => names.has(name)).map(({ name, line }) => `src/${path}:${line} uses ${name}: ${advice}`),
  );
}
