import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DISTRICTS } from '../boundaries/layout.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(`${ROOT}docs/architecture.md`, 'utf8');

/** The files of one of the page's lists of files, in the order of the page. */
function filesOfWay(name: string): readonly string[] {
  const section = PAGE.split(`<!-- way: ${name} -->`)[1]?.split('<!-- /way -->')[0] ?? '';
  return [...section.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path = '']) => path);
}

describe('docs/architecture.md', () => {
  it('has a row for every district, in the order of the rule', () => {
    const rows = [...PAGE.matchAll(/^\| `([a-z-]+)\/` \|/gm)].map(([, district = '']) => district);
    expect(rows).toEqual(DISTRICTS);
  });

  it.each(['frame', 'vod'])('lists the way of a %s by files that exist, each once', (name) => {
    const files = filesOfWay(name);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((path) => !existsSync(`${ROOT}src/${path}`))).toEqual([]);
    expect(new Set(files).size).toBe(files.length);
  });
});
