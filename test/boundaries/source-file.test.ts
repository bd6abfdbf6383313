import { describe, expect, it } from 'vitest';
import { parseSource } from './source-file.ts';

function parsed(text: string, path = 'x.ts') {
  return parseSource({ path, text });
}

describe('imports', () => {
  it.each([
    ["import x from './y.ts';", false],
    ["import { x } from './y.ts';", false],
    ["import { type x } from './y.ts';", false],
    ["import * as x from './y.ts';", false],
    ["import x, {\n  y,\n} from './y.ts';", false],
    ["import type { x } from './y.ts';", true],
    ["import './y.ts';", false],
    ['import "./y.ts";', false],
    ["import/* why */'./y.ts';", false],
    ["import x from './y.ts' with { type: 'json' };", false],
    ["export { x } from './y.ts';", false],
    ["export type { x } from './y.ts';", true],
    ["export * from './y.ts';", false],
    ["export * as x from './y.ts';", false],
    ["export type * from './y.ts';", true],
    ["await import('./y.ts');", false],
    ['await import(`./y.ts`);', false],
    ["const f = () => import(\n  './y.ts'\n);", false],
    ["import x = require('./y.ts');", false],
    ["import type x = require('./y.ts');", true],
    ["export import x = require('./y.ts');", false],
    ["require('./y.ts');", false],
    ["require.resolve('./y.ts');", false],
    ["createRequire(import.meta.url)('./y.ts');", false],
    ["module.createRequire(import.meta.url).resolve('./y.ts');", false],
    ["const load = createRequire(import.meta.url); load('./y.ts');", false],
    ["import.meta.resolve('./y.ts');", false],
    ["process.getBuiltinModule('./y.ts');", false],
    ["let x: import('./y.ts').X;", true],
    ["let x: typeof import('./y.ts');", true],
    ["new Worker(new URL('./y.ts', import.meta.url));", false],
    ["declare module './y.ts' { interface X {} }", true],
    ['/// <reference path="./y.ts" />', true],
  ])('%s', (text, typeOnly) => {
    const [first, ...others] = parsed(text).imports;
    expect(first).toMatchObject({ specifier: './y.ts', typeOnly });
    expect(others).toEqual([]);
  });

  it('are read in JSX', () => {
    const { imports } = parsed("const x = <A b={() => import('./y.tsx')} />;", 'x.tsx');
    expect(imports).toEqual([{ line: 1, specifier: './y.tsx', typeOnly: false }]);
  });

  it('by a computed name have no specifier', () => {
    const { imports } = parsed('import(name);\n\nrequire(name);');
    expect(imports).toEqual([
      { line: 1, specifier: undefined, typeOnly: false },
      { line: 3, specifier: undefined, typeOnly: false },
    ]);
  });

  it('are not what looks like one in text, comments or URLs of other files', () => {
    const text = "// import './y.ts'\nconst a = \"import './y.ts'\";\nnew URL('./y.flv', import.meta.url);";
    expect(parsed(text).imports).toEqual([]);
  });
});

describe('exports', () => {
  it.each([
    ['export const x = 1;', [{ name: 'x' }]],
    ['export const { x, y: [z] } = v;', [{ name: 'x' }, { name: 'z' }]],
    ['export function x() {}', [{ name: 'x' }]],
    ['export class x {}', [{ name: 'x' }]],
    ['export abstract class x {}', [{ name: 'x' }]],
    ['export interface x {}', [{ name: 'x' }]],
    ['export type x = 1;', [{ name: 'x' }]],
    ['export enum x {}', [{ name: 'x' }]],
    ['export declare const x: 1;', [{ name: 'x' }]],
    ['export namespace x {}', [{ name: 'x' }]],
    ['const x = 1; export { x as y };', [{ name: 'y' }]],
    ['export default 1;', [{ name: 'default' }]],
    ["export { x } from './y.ts';", [{ name: 'x', from: { specifier: './y.ts', name: 'x' } }]],
    ["export { x as z } from './y.ts';", [{ name: 'z', from: { specifier: './y.ts', name: 'x' } }]],
    ["import { x as z } from './y.ts'; export { z };", [{ name: 'z', from: { specifier: './y.ts', name: 'x' } }]],
    ["export * from './y.ts';", []],
  ])('%s', (text, exports) => {
    expect(parsed(text).exports).toEqual(exports);
  });
});

describe('uses', () => {
  const namesIn = (text: string) => parsed(text).uses.map(({ name }) => name);

  it.each([
    ['f(fetch);', 'fetch'],
    ['const x = { fetch };', 'fetch'],
    ['Date.now();', 'Date.now'],
    ["Date['now']();", 'Date.now'],
    ['globalThis.Date.now();', 'Date.now'],
    ['window.setTimeout(f);', 'setTimeout'],
    ['const { now } = Date;', 'Date.now'],
    ['const { setTimeout } = globalThis;', 'setTimeout'],
    ['new Date();', 'new Date()'],
    ['new Date;', 'new Date()'],
    ['Date();', 'Date()'],
    ['process?.exit();', 'process.exit'],
    ["import { setTimeout as wait } from 'node:timers/promises';", 'setTimeout'],
    ["import { exit as end } from 'node:process';", 'process.exit'],
    ["import * as timers from 'node:timers';", 'node:timers'],
  ])('%s', (text, name) => {
    expect(namesIn(text)).toContain(name);
  });

  it.each([
    ['clock.setTimeout(f);', 'setTimeout'],
    ['interface Clock { setTimeout(f: () => void): void }', 'setTimeout'],
    ['const clock = { setTimeout() {} };', 'setTimeout'],
    ['class Clock { setTimeout() {} }', 'setTimeout'],
    ['class Clock { setTimeout = f; }', 'setTimeout'],
    ['let f: typeof fetch;', 'fetch'],
    ['new Date(0);', 'new Date()'],
    ["import type { exit } from 'node:process';", 'process.exit'],
  ])('not in %s', (text, name) => {
    expect(namesIn(text)).not.toContain(name);
  });
});

it('what is no TypeScript is refused by its path', () => {
  expect(() => parsed('const = ;', 'base/x.ts')).toThrow('base/x.ts: ');
});
