/** The documents that people read, as files below the root of the repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Page {
  /** e.g. `docs/guides/obs.md`. */
  readonly path: string;
  readonly text: string;
}

export function readPages(): readonly Page[] {
  const below = readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' }).map(
    (path) => `docs/${path.replaceAll(sep, '/')}`,
  );
  const paths = ['README.md', 'CHANGELOG.md', ...below.filter((path) => path.endsWith('.md')).toSorted()];
  return paths.map((path) => ({ path, text: readFileSync(`${ROOT}${path}`, 'utf8') }));
}

export interface Fence {
  /** The language behind the fence; '' when it has none. */
  readonly language: string;
  readonly text: string;
  /** The latest heading of level 2 before it; '' when there is none. */
  readonly section: string;
}

/** The blocks between fences of a page, in its order. */
export function fencesOf(text: string): readonly Fence[] {
  let section = '';
  const found: Fence[] = [];
  for (const { groups } of text.matchAll(/^```(?<language>\w*)\n(?<code>[\s\S]*?)^```$|^## (?<heading>.+)$/gm)) {
    if (groups?.heading !== undefined) section = groups.heading;
    else found.push({ language: groups?.language ?? '', text: groups?.code ?? '', section });
  }
  return found;
}

/** Without what stands between fences. */
export function proseOf(text: string): string {
  return text.replaceAll(/^```\w*\n[\s\S]*?^```$/gm, '');
}
