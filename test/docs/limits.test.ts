/** docs/reference/limits.md names every collection that an object keeps, so that nobody adds one without a bound. */
import { readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const PAGE = readFileSync(fileURLToPath(new URL('../../docs/reference/limits.md', import.meta.url)), 'utf8');

/** A field that begins as a collection, or whose type is one. */
const FIELD =
  /^ {2}(?:readonly )?(#\w+)(?:: [^=\n]+)? = (?:new (?:Map|Set|WeakMap|RecentEntries)\b|\[\]|\w+\.map\(\(\) => new Map)|^ {2}(?:readonly )?(#\w+): (?:[^=\n]*(?:Map|Set|RecentEntries)<|\w+\[\] \|)/gm;

function collectionsIn(text: string): readonly string[] {
  return [...text.matchAll(FIELD)].map(([, begun, typed]) => begun ?? typed ?? '');
}

it('the table has every collection of the sources, and a bound of each', () => {
  const found = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll(sep, '/'))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('console/'))
    .flatMap((path) => collectionsIn(readFileSync(`${SRC}${path}`, 'utf8')).map((field) => `${path} ${field}`));
  const listed = [...PAGE.matchAll(/^\| `([^`]+ #\w+)` \| (.+) \|$/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(found.toSorted());
});

it('a collection is found in every form', () => {
  const source = [
    'class A {',
    '  readonly #a = new Map<string, number>();',
    '  #b: string[] = [];',
    '  readonly #c: RecentEntries<string>;',
    '  readonly #d = new Set<string>();',
    '  #e: string[] | undefined;',
    '  #f = 0;',
    '  readonly #g: readonly string[];',
    '}',
  ].join('\n');
  expect(collectionsIn(source)).toEqual(['#a', '#b', '#c', '#d', '#e']);
});
