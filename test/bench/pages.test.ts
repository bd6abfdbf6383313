/** The measured tables of the documents: each says above it by what it was made, and has rows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const DOCS = join(import.meta.dirname, '../../docs');

interface Section {
  readonly name: string;
  readonly command: string;
  readonly content: string;
}

const SECTIONS: readonly Section[] = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => {
    const marks = /<!-- (bench:[\w-]+): (.*) -->\n(.*?)\n<!-- \/\1 -->/gs;
    return [...readFileSync(join(DOCS, name), 'utf8').matchAll(marks)].map(
      ([, section = '', command = '', text = '']) => ({
        name: section,
        command,
        content: text.trim(),
      }),
    );
  });

it('there are some', () => expect(SECTIONS.length).toBeGreaterThan(6));

describe.each(SECTIONS)('$name', ({ command, content }) => {
  it('names the command that writes it', () => {
    const [, script = ''] = /^npm run (bench:\w+) -- (?:--[\w-]+ )*--write$/.exec(command) ?? [];
    expect(Object.keys(manifest.scripts)).toContain(script);
  });

  it('has the time, the command and the machine above its tables, and a row in each; or is not measured yet', () => {
    if (content.startsWith('Not measured yet')) return;
    expect(content).toMatch(/^\d{4}-\d\d-\d\d, `npm run bench:[^`]+`, .*Node \d+\.\d+\.\d+.*\n\n\|/);
    const rules = [...content.matchAll(/^\| --- \|.*\n(.*)/gm)];
    expect(rules.length).toBeGreaterThan(0);
    for (const [, row = ''] of rules) expect(row).toMatch(/^\| .*\d/);
  });
});
