/** Each rule about code finds a fault that was planted, and says where it is and what to correct. */
import { expect, it } from 'vitest';
import {
  literalsAreWrittenOut,
  pureFilesDoNoInputOrOutput,
  theProcessEndsInMain,
  timeComesFromTheClock,
} from './code.ts';
import { planted } from './planted.ts';

it.each([
  ['setTimeout(f, 1);', 'setTimeout'],
  ['const wait = globalThis.setInterval;', 'setInterval'],
  ['f(Date.now);', 'Date.now'],
  ['const at = new Date();', 'new Date()'],
  ['performance.now();', 'performance'],
  ['AbortSignal.timeout(1);', 'AbortSignal.timeout'],
  ["import { setTimeout as wait } from 'node:timers/promises';", 'setTimeout'],
])('time that does not come from the clock: %s', (text, name) => {
  const files = planted({ 'net/gateway.ts': `\n${text}`, 'base/clock.ts': text });
  expect(timeComesFromTheClock(files)).toContain(`src/net/gateway.ts:2 uses ${name}: take a Clock instead`);
  expect(timeComesFromTheClock(files).join()).not.toContain('base/clock.ts');
});

it('timers of a clock are allowed', () => {
  const text =
    'class A { #clock; a() { this.#clock.setTimeout(f, 1); clock.setTimeout(f, 1); new Date(clock.now()); } }';
  expect(timeComesFromTheClock(planted({ 'net/gateway.ts': text }))).toEqual([]);
});

it.each([
  ['process.env.HOME;', 'process'],
  ["await fetch('http://x');", 'fetch'],
  ['console.log(1);', 'console'],
  ['Date.now();', 'Date.now'],
  ['setTimeout(f);', 'setTimeout'],
  ['setImmediate(f);', 'setImmediate'],
])('input, output or time in a pure file: %s', (text, name) => {
  const files = planted({ 'aliyun/auth/v4.ts': text, 'cli/banner.ts': text });
  const found = `src/aliyun/auth/v4.ts:1 uses ${name}: the file is pure; pass in what it gives`;
  expect(pureFilesDoNoInputOrOutput(files)).toContain(found);
  expect(pureFilesDoNoInputOrOutput(files).join()).not.toContain('cli/banner.ts');
});

it.each([
  ['process.exit(1);', 'process.exit'],
  ['process.exitCode = 1;', 'process.exitCode'],
  ["import { exit } from 'node:process';", 'process.exit'],
  ["import process from 'node:process';", 'node:process'],
])('the end of the process outside main.ts: %s', (text, name) => {
  expect(theProcessEndsInMain(planted({ 'cli/banner.ts': text, 'main.ts': text }))).toEqual([
    `src/cli/banner.ts:1 uses ${name}: return a result to src/main.ts instead`,
  ]);
});

it.each([
  'const x = { ...{ a }, b };',
  "const x = [...['a'], b];",
  "run(...['a', 'b']);",
  'const x = { ...({ a }), b };',
  'const x = { ...({ a } as const), b };',
  'const x = { ...({ a } satisfies A), b };',
  'const x = <A {...{ a }} />;',
])('a literal that is spread: %s', (text) => {
  expect(literalsAreWrittenOut(planted({ 'test/x.tsx': `\n${text}` }))).toEqual([
    'test/x.tsx:2 spreads a literal: write its members out',
  ]);
});

it.each([
  'const x = { ...y, b };',
  'const x = [...[...y].map(f), b];',
  'const x = { ...(y ? { a } : {}), b };',
  'const f = (...[a, b]: A) => a;',
  "const x = '{ ...{ a } }';",
])('what is spread there is no literal: %s', (text) => {
  expect(literalsAreWrittenOut(planted({ 'test/x.tsx': text }))).toEqual([]);
});
