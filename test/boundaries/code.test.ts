/** Each rule about code finds a fault that was planted, and says where it is and what to correct. */
import { expect, it } from 'vitest';
import {
  errorsAreToldByTheirShape,
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
  ["import { setTimeout as wait } from 'timers/promises';", 'setTimeout'],
  ["import { promises } from 'timers';", 'node:timers'],
  ["export { setTimeout } from 'timers';", 'node:timers'],
  ["const { setTimeout: wait } = await import('node:timers/promises');", 'node:timers/promises'],
  ["const { setTimeout: wait } = require('timers');", 'node:timers'],
  ["import timers = require('node:timers');", 'node:timers'],
  ['(Date as any).now();', 'Date.now'],
  ['Date!.now();', 'Date.now'],
  ['(Date).now();', 'Date.now'],
  ['(Date satisfies X).now();', 'Date.now'],
  ['(<any>Date)["now"]();', 'Date.now'],
  ['new (Date as any)();', 'new Date()'],
  ['new Date(...parts);', 'new Date()'],
  ['const D = Date;', 'Date as a value'],
  ['const D = globalThis.Date;', 'Date as a value'],
  ['class X extends Date {}', 'Date as a value'],
  ['const { now } = Date;', 'Date as a value'],
  ['({ now } = Date);', 'Date as a value'],
  ['(0, Date).now();', 'Date as a value'],
  ['Date[name]();', 'Date as a value'],
  ['export { Date as D };', 'Date as a value'],
  ['const { Date: D } = globalThis;', 'globalThis as a value'],
  ['const g = globalThis;', 'globalThis as a value'],
  ['globalThis[name];', 'globalThis as a value'],
  ['const { hrtime } = process;', 'process as a value'],
  ['const { timeout } = AbortSignal;', 'AbortSignal as a value'],
  ['Temporal.Now.instant();', 'Temporal.Now'],
])('time that does not come from the clock: %s', (text, name) => {
  const files = planted({ 'net/gateway.ts': `\n${text}`, 'base/clock.ts': text });
  expect(timeComesFromTheClock(files)).toContain(`src/net/gateway.ts:2 uses ${name}: take a Clock instead`);
  expect(timeComesFromTheClock(files).join()).not.toContain('base/clock.ts');
});

it.each([
  'new Date(x); Date.UTC(2024); Date.parse(x); x instanceof Date;',
  'let x: Date | typeof Date; const y = x as Date;',
  'interface X { Date: string } const x: X = { Date: y.Date };',
  'process.env.HOME; globalThis.Buffer; AbortSignal.any([]);',
])('what reads no time: %s', (text) => {
  expect(timeComesFromTheClock(planted({ 'net/gateway.ts': text }))).toEqual([]);
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
  ['const p = process;', 'process'],
  ['Math.random();', 'Math.random'],
  ['const { random } = Math;', 'Math as a value'],
  ['crypto.randomUUID();', 'crypto.randomUUID'],
  ['crypto.randomBytes(1);', 'crypto.randomBytes'],
  ["import { randomUUID as id } from 'node:crypto';", 'crypto.randomUUID'],
  ["import { randomBytes } from 'crypto';", 'crypto.randomBytes'],
  ["import * as everything from 'crypto';", 'node:crypto'],
  ["new BroadcastChannel('x');", 'BroadcastChannel'],
  ['new MessageChannel();', 'MessageChannel'],
  ['eval(text);', 'eval'],
  ['new Function(text);', 'Function'],
  ['Temporal.Now.instant();', 'Temporal.Now'],
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
  ["import { exit } from 'process';", 'process.exit'],
  ["import { default as own } from 'process';", 'node:process'],
  ["const { exit } = await import('process');", 'node:process'],
  ["process.getBuiltinModule('process').exit();", 'node:process'],
  ['(process as any).exit(1);', 'process.exit'],
  ['process!.exit(1);', 'process.exit'],
  ['const p = process;', 'process as a value'],
  ['({ exit } = process);', 'process as a value'],
  ['process[name]();', 'process as a value'],
  ['const g = globalThis;', 'globalThis as a value'],
])('the end of the process outside main.ts: %s', (text, name) => {
  expect(theProcessEndsInMain(planted({ 'cli/banner.ts': text, 'main.ts': text }))).toEqual([
    `src/cli/banner.ts:1 uses ${name}: return a result to src/main.ts instead`,
  ]);
});

it.each(['Error', 'TypeError', 'RangeError', 'AggregateError'])('an error told by its class: %s', (name) => {
  const text = `try {} catch (error) { if (error instanceof ${name}) f(); }`;
  expect(errorsAreToldByTheirShape(planted({ 'net/gateway.ts': text, 'console/app.ts': text }))).toEqual([
    `src/net/gateway.ts:1 uses instanceof ${name}: call isError() instead`,
  ]);
});

it('errors of our own have their class', () => {
  const text = 'error instanceof UsageError; error instanceof StoreUnavailable; new Error();';
  expect(errorsAreToldByTheirShape(planted({ 'net/gateway.ts': text }))).toEqual([]);
});

it.each([
  'const x = { ...{ a }, b };',
  "const x = [...['a'], b];",
  "run(...['a', 'b']);",
  'const x = { ...({ a }), b };',
  'const x = { ...({ a } as const), b };',
  'const x = { ...({ a } satisfies A), b };',
  'const x = <A {...{ a }} />;',
  'const x = <A>{...[1]}</A>;',
  'const x = { ...({ a } ?? {}), b };',
  'const x = { ...(0, { a }), b };',
  'const x = { ...Object.freeze({ a }), b };',
  'const x = Object.assign({}, { a });',
])('a literal that is spread: %s', (text) => {
  expect(literalsAreWrittenOut(planted({ 'test/x.tsx': `\n${text}` }))).toEqual([
    'test/x.tsx:2 spreads a literal: write its members out',
  ]);
});

it.each([
  'const x = { ...y, b };',
  'const x = [...[...y].map(f), b];',
  'const x = { ...(y ? { a } : {}), b };',
  'const x = { ...(y && { a }), ...(y ?? {}) };',
  'const x = Object.assign(new Error(), { a });',
  'const x = Object.assign({}, ...y);',
  'const f = (...[a, b]: A) => a;',
  "const x = '{ ...{ a } }';",
])('what is spread there is no literal: %s', (text) => {
  expect(literalsAreWrittenOut(planted({ 'test/x.tsx': text }))).toEqual([]);
});
