/**
 * The documents as a site: `npm run docs:site`. README.md is its first page; links to other files of the repository lead there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** Where the files that are no pages are read. */
const SOURCES = `${(repository?.url ?? '').replace(/^git\+/, '').replace(/\.git$/, '')}/blob/main`;

function titleOf(path) {
  return /^# (.+)/m.exec(readFileSync(join(ROOT, path), 'utf8'))?.[1] ?? path;
}

function item(path) {
  return { text: titleOf(`docs/${path}`), link: `/${path.replace(/\.md$/, '').replace(/README$/, '')}` };
}

/** The pages that the list of a folder links, in its order. */
function listed(folder) {
  const list = readFileSync(join(ROOT, 'docs', folder, 'README.md'), 'utf8');
  const links = [...list.matchAll(/\]\((?<page>[\w-]+\.md)\)/g)].map(({ groups }) => groups.page);
  return [...new Set(links)].map((page) => item(`${folder}/${page}`));
}

/** Links to what is no page, as to a folder of examples, lead to the sources; the list of a folder is its first page. */
function adaptLinks(markdown) {
  const open =
    markdown.renderer.rules.link_open ??
    ((tokens, index, options, _, self) => self.renderToken(tokens, index, options));
  markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
    const token = tokens[index];
    const page = relative(ROOT, env.realPath ?? env.path);
    token.attrSet('href', adapted(token.attrGet('href') ?? '', page));
    return open(tokens, index, options, env, self);
  };
}

function adapted(href, page) {
  const [path, anchor] = href.split('#');
  if (path === '' || /^(\w+:|\/)/.test(path)) return href;
  const target = posix.join(dirname(page), path);
  if (!target.endsWith('.md') && existsSync(join(ROOT, target))) return `${SOURCES}/${target}`;
  const place = target.replace(/^docs\//, '').replace(/\bREADME\.md$/, 'index.md');
  return `/${place}${anchor === undefined ? '' : `#${anchor}`}`;
}

/** What GitHub calls a heading, so that links to it lead there in both places. */
function githubAnchor(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

// biome-ignore lint/style/noDefaultExport: VitePress reads its configuration from the default export
export default {
  title: 'OSS LiveChannel emulator',
  srcDir: '..',
  srcExclude: ['{examples,test,fixtures,node_modules,src,scripts,deploy,dist}/**', '**/node_modules/**'],
  outDir: '../site',
  cacheDir: '../node_modules/.cache/vitepress',
  rewrites: { 'README.md': 'index.md', 'docs/:folder/README.md': ':folder/index.md', 'docs/:page*': ':page*' },
  cleanUrls: true,
  // The documents have templates such as {AppName} in braces, which are no attributes.
  markdown: { config: adaptLinks, attrs: { disable: true }, anchor: { slugify: githubAnchor } },
  themeConfig: {
    search: { provider: 'local' },
    outline: 'deep',
    sidebar: [
      { text: 'Start', link: '/' },
      { text: 'Guides', items: listed('guides') },
      {
        text: 'Use',
        items: [
          'console.md',
          'options.md',
          'control-api.md',
          'events.md',
          'log.md',
          'metrics.md',
          'findings.md',
          'snapshots.md',
        ].map(item),
      },
      { text: 'Compared with the service', items: ['differences.md', 'compatibility.md'].map(item) },
      { text: 'Run', items: ['reliability.md', 'scale.md', 'performance.md'].map(item) },
      { text: 'Reference', collapsed: true, items: listed('reference') },
      { text: 'How it works', items: ['architecture.md', 'invariants.md'].map(item) },
      { text: 'Decisions', collapsed: true, items: listed('decisions') },
    ],
  },
};
