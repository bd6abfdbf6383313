import { describe, expect, it } from 'vitest';
import { writeXml, xmlTime } from '../../../src/aliyun/xml/write.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

describe('writeXml', () => {
  it('indents by two blanks and ends in one LF', () => {
    const document = writeXml('Root', { A: 1, B: { C: true, D: '' }, E: ['x', 'y'], F: [{ G: 'z' }] });
    expect(document).toBe(
      `${DECLARATION}<Root>\n  <A>1</A>\n  <B>\n    <C>true</C>\n    <D></D>\n  </B>\n  <E>x</E>\n  <E>y</E>\n  <F>\n    <G>z</G>\n  </F>\n</Root>\n`,
    );
  });

  it('leaves out what is undefined, and lists without items', () => {
    expect(writeXml('Root', { A: undefined, B: [] })).toBe(`${DECLARATION}<Root></Root>\n`);
    expect(writeXml('Root', 'text')).toBe(`${DECLARATION}<Root>text</Root>\n`);
  });

  it('escapes markup and replaces what XML cannot carry', () => {
    const document = writeXml('Root', 'a<b>&"c"\r\n\t\u0000\u001F\uD800\uFFFE]]>频😀');
    expect(document).toBe(`${DECLARATION}<Root>a&lt;b&gt;&amp;"c"&#xD;\n\t\uFFFD\uFFFD\uFFFD\uFFFD]]&gt;频😀</Root>\n`);
  });
});

describe('xmlTime', () => {
  it('has whole seconds', () => {
    expect(xmlTime(Date.parse('2024-12-31T23:45:00.999Z'))).toBe('2024-12-31T23:45:00.000Z');
  });
});
