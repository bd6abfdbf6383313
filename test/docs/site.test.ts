import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { ROOT, readPages } from './pages.ts';

const TIMEOUT_MS = 300_000;

/** Where the site has a page of the repository. */
function siteFile(path: string): string {
  return path
    .replace(/^docs\//, '')
    .replace(/README\.md$/, 'index.md')
    .replace(/\.md$/, '.html');
}

/** Links of the site to a page, or to a heading of one, that is not there. */
async function deadLinksOf(folder: string): Promise<readonly string[]> {
  const pages = new Map<string, string>();
  for (const { path } of readPages()) pages.set(siteFile(path), await readFile(join(folder, siteFile(path)), 'utf8'));
  const links = [...pages].flatMap(([file, html]) =>
    [...html.matchAll(/<a[^>]* href="([^":#]*)(?:#([^"]+))?"/g)].map(([, path = '', anchor]) => {
      const { pathname } = new URL(path, `http://site/${file}`);
      const target = path === '' ? file : `${pathname.slice(1)}${pathname.endsWith('/') ? 'index' : ''}.html`;
      return { file, target, anchor: anchor === undefined ? '' : decodeURIComponent(anchor) };
    }),
  );
  // The links of the outline and of headings lead to their own page.
  expect(links.filter(({ file, target }) => file !== target).length).toBeGreaterThan(10);
  return links
    .filter(({ target, anchor }) => pages.get(target)?.includes(anchor === '' ? '' : ` id="${anchor}"`) !== true)
    .map(({ file, target, anchor }) => `${file}: ${target}#${anchor}`);
}

describeWith(['npx'], 'the site of the documents', () => {
  it('has every page, and links to no page that there is not', { timeout: TIMEOUT_MS }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-site-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    // The build fails at a dead link.
    await promisify(execFile)('npm', ['run', '--silent', 'docs:site', '--', '--outDir', folder], { cwd: ROOT });
    const missing = readPages().filter(({ path }) => !existsSync(join(folder, siteFile(path))));
    expect(missing.map(({ path }) => path)).toEqual([]);
    expect(await deadLinksOf(folder)).toEqual([]);
    const first = await readFile(join(folder, 'index.html'), 'utf8');
    expect(first).toContain('href="/guides/network"');
    // Of a page, and of the file of an example, which is none.
    const guide = await readFile(join(folder, 'guides/ci.html'), 'utf8');
    expect(guide).toMatch(/href="https:\/\/github\.com\/[^"]+\/blob\/main\/examples\/pytest"/);
  });
});
