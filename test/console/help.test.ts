/** The documents that the page links are there, with the heading that is meant. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { HELP, type HelpTopic, helpUrl } from '../../src/console/help.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const TOPICS = Object.entries(HELP) as readonly (readonly [HelpTopic, { readonly path: string }])[];

/** As GitHub makes the anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

it.each(TOPICS)('the help about %s is in the documents', async (topic, { path }) => {
  const [file = '', anchor] = path.split('#');
  const headings = (await readFile(new URL(file, DOCS), 'utf8')).match(/^#+ .*$/gm) ?? [];
  const anchors = headings.map((heading) => anchorOf(heading.replace(/^#+ /, '')));
  expect(anchors).toContain(anchor ?? anchors[0]);
  expect(helpUrl(topic)).toMatch(/^https:\/\/github\.com\/.*\/docs\/.*\.md/);
});
