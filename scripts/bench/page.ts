/** The pages of docs/ that have measured tables. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map(line).join('\n');
}

/** Replaces the text between `<!-- name: … -->` and `<!-- /name -->`. */
export function updatePage(name: string, content: string, page = 'performance.md'): void {
  const path = join(DOCS, page);
  const before = readFileSync(path, 'utf8');
  const section = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(\n<!-- /${name} -->)`);
  if (!section.test(before)) throw new Error(`${path} must hold <!-- ${name}: ... --> and <!-- /${name} -->`);
  writeFileSync(
    path,
    before.replace(section, (_, begin: string, end: string) => `${begin}\n${content}\n${end}`),
  );
}
