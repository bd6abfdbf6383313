import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('docs/events.md', () => {
  it('has a row for every type of event, with its fields, and no other', () => {
    const source = read('src/events/events.ts');
    const vocabulary = source.slice(
      source.indexOf('export type EmulatorEvent'),
      source.indexOf('/** Why a request was refused'),
    );
    const declared = vocabulary
      .split(/readonly type: '/)
      .slice(1)
      .map((text) => {
        const fields = [...text.matchAll(/readonly (\w+)(\??):/g)].map(([, name, mark]) => `${name}${mark}`);
        return `${text.slice(0, text.indexOf("'"))}: ${fields.sort().join(' ')}`;
      });
    const rows = [...read('docs/events.md').matchAll(/^\| `([\w.-]+)` \|[^|]*\| (.*) \|$/gm)].map(
      ([, type, cells = '']) => {
        const fields = [...cells.replace(/\([^)]*\)/g, '').matchAll(/`(\w+\??)`/g)].map(([, name]) => name);
        return `${type}: ${fields.sort().join(' ')}`;
      },
    );
    // Several events of streams, rooms and lifecycles share fields.
    const ofOss = rows.filter((row) => !/^(live|room|viewer|lifecycle)\./.test(row));
    expect(ofOss.sort()).toEqual(declared.sort());
  });

  it('names every event of streams, rooms and lifecycles', () => {
    const sources = ['live', 'room', 'lifecycle'].map((of) => read(`src/events/${of}-events.ts`)).join('\n');
    const declared = [...sources.matchAll(/readonly type: '([\w.-]+)'/g)].map(([, type = '']) => type);
    const table = read('docs/events.md');
    const isNamed = (type: string) =>
      table.includes(`\`${type}\``) || table.includes(`\`${type.slice(type.lastIndexOf('-'))}\``);
    expect(declared.length).toBeGreaterThan(10);
    expect(declared.filter((type) => !isNamed(type))).toEqual([]);
  });
});
