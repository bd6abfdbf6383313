import { existsSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Page, proseOf, ROOT, readPages } from './pages.ts';

interface Link {
  /** As it is written. */
  readonly href: string;
  /** The file below the root of the repository. */
  readonly path: string;
  readonly anchor: string;
}

/** The links and pictures of a page that do not lead out of the repository. */
function linksOf({ path, text }: Page): readonly Link[] {
  const prose = proseOf(text).replaceAll(/`[^`\n]*`/g, '');
  const hrefs = [...prose.matchAll(/\]\(([^()\s]+)\)|src="([^"]+)"/g)].map(([, link, source]) => link ?? source ?? '');
  return hrefs
    .filter((href) => !/^\w+:/.test(href))
    .map((href) => {
      const [file = '', anchor = ''] = href.split('#');
      return { href, path: file === '' ? path : posix.join(dirname(path), file), anchor };
    });
}

/** What the headings of a page are called in its address, as GitHub makes it. */
function anchorsOf({ text }: Page): readonly string[] {
  const headings = [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
  const ids = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id);
  return [...headings, ...ids];
}

function deadLinks(pages: readonly Page[]): readonly string[] {
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
  return pages.flatMap((page) =>
    linksOf(page)
      .filter(({ path, anchor }) => {
        if (!existsSync(`${ROOT}${path}`) && !anchors.has(path)) return true;
        return anchor !== '' && anchors.get(path)?.includes(anchor) !== true;
      })
      .map(({ href }) => `${page.path}: ${href}`),
  );
}

/** The pages to which no way of links leads from README.md. */
function unreached(pages: readonly Page[]): readonly string[] {
  const reached = new Set(['README.md']);
  for (const path of reached) {
    const page = pages.find((candidate) => candidate.path === path);
    for (const link of page ? linksOf(page) : []) reached.add(link.path);
  }
  return pages.map(({ path }) => path).filter((path) => !reached.has(path) && path !== 'CHANGELOG.md');
}

describe('the documents', () => {
  it('have no dead links', () => expect(deadLinks(readPages())).toEqual([]));

  it('are all reached from README', () => expect(unreached(readPages())).toEqual([]));
});

describe('a link is dead', () => {
  const target = { path: 'docs/b.md', text: '# B\n\n## What `it` is, and not\n' };
  it.each([
    ['that leads to no file', '[a](nothing.md)', ['docs/a.md: nothing.md']],
    ['that leads to no heading', '[a](b.md#what)', ['docs/a.md: b.md#what']],
    ['of a picture that is not there', '<img src="images/none.png">', ['docs/a.md: images/none.png']],
  ])('%s', (_, text, dead) => expect(deadLinks([{ path: 'docs/a.md', text }, target])).toEqual(dead));

  it('but not one that leads to a page, a heading or a folder, or is code', () => {
    const text = '[a](b.md) [b](b.md#what-it-is-and-not) [c](../examples/go) `[d](none.md)` [e](https://example.com)';
    expect(deadLinks([{ path: 'docs/a.md', text }, target])).toEqual([]);
  });
});
