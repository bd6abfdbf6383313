import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from 'xml2js';
import { writeXml, type XmlContent, xmlTime } from '../../../src/aliyun/xml/write.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const text = fc.stringMatching(/^[\w$%]*$/);
const name = fc.constantFrom('A', 'B', 'C', 'D', 'Entry');

function byXml2js(content: XmlContent): string {
  // xml2js has no elements that are left out.
  const present = JSON.parse(JSON.stringify(content));
  const renderOpts = { pretty: true, indent: '  ', newline: '\n', allowEmpty: true };
  return `${new Builder({ xmldec: { version: '1.0', encoding: 'UTF-8' }, renderOpts }).buildObject({ Root: present })}\n`;
}

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

  it('writes long lists as short ones, whatever form their entries have', () => {
    const entries = [{ A: '%1', B: { C: '&' } }, { A: '2' }, { A: '', B: { C: '$&' } }, { A: [] }, { A: {} }, 'x'];
    const one = (entry: XmlContent) =>
      writeXml('Root', { E: [entry] }).slice(`${DECLARATION}<Root>\n`.length, -'</Root>\n'.length);
    const written = writeXml('Root', {
      Before: 1,
      E: entries,
      Between: '\0',
      F: [1, 2],
      None: [],
      After: { G: [1, 2] },
    });
    expect(written).toBe(
      `${DECLARATION}<Root>\n  <Before>1</Before>\n${entries.map(one).join('')}  <Between>\uFFFD</Between>\n` +
        '  <F>1</F>\n  <F>2</F>\n  <After>\n    <G>1</G>\n    <G>2</G>\n  </After>\n</Root>\n',
    );
  });

  it('writes what xml2js writes for each document alone, whatever was written before', () => {
    const { content } = fc.letrec<{ content: XmlContent; entry: XmlContent }>((tie) => ({
      entry: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        text,
        fc.dictionary(name, fc.option(tie('content'), { nil: undefined })),
      ),
      content: fc.oneof(tie('entry'), fc.array(tie('entry'), { maxLength: 3 })),
    }));
    fc.assert(
      fc.property(fc.array(fc.dictionary(name, content), { minLength: 1, maxLength: 5 }), (documents) => {
        for (const document of documents) expect(writeXml('Root', document)).toBe(byXml2js(document));
      }),
    );
  });

  it('writes attributes of the root, with content of every kind', () => {
    const xmlns = 'http://mns.example/v1/';
    const root = '<Root xmlns="http://mns.example/v1/">';
    expect(writeXml('Root', { A: '"' }, { xmlns })).toBe(`${DECLARATION}${root}\n  <A>"</A>\n</Root>\n`);
    expect(writeXml('Root', 'x', { xmlns })).toBe(`${DECLARATION}${root}x</Root>\n`);
    expect(writeXml('Root', {}, { xmlns })).toBe(`${DECLARATION}${root}</Root>\n`);
    expect(writeXml('Root', { A: '"' })).toBe(`${DECLARATION}<Root>\n  <A>"</A>\n</Root>\n`);
  });

  it('writes what XML 1.0 forbids as it is, and NUL and single surrogates, which no name has, as U+FFFD', () => {
    const document = writeXml('Root', 'a<b>&"c"\r\n\t\u0000\u001F\uD800\uFFFE]]>频😀');
    expect(document).toBe(`${DECLARATION}<Root>a&lt;b&gt;&amp;"c"&#xD;\n\t\uFFFD\u001F\uFFFD\uFFFE]]&gt;频😀</Root>\n`);
  });
});

describe('xmlTime', () => {
  it('has whole seconds', () => {
    expect(xmlTime(Date.parse('2024-12-31T23:45:00.999Z'))).toBe('2024-12-31T23:45:00.000Z');
  });
});
