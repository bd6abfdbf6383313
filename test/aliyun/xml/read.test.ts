import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childrenOf, readXml, textOf, textsOf, type XmlElement } from '../../../src/aliyun/xml/read.ts';
import { writeXml } from '../../../src/aliyun/xml/write.ts';
import { OssError } from '../../../src/base/errors.ts';
import { refused } from '../auth/refused.ts';

function read(text: string | Buffer, maxBytes = 100_000): XmlElement {
  return readXml(Buffer.from(text), 'Root', maxBytes);
}

describe('readXml', () => {
  it('gives text and children by name', () => {
    const root = read('<?xml version="1.0"?>\n<Root a="1"><B> x </B><C><D>1</D></C><B>2</B></Root>\n');
    expect(textsOf(root, 'B')).toEqual([' x ', '2']);
    expect(textOf(childrenOf(root, 'C')[0], 'D')).toBe('1');
    expect(textOf(root, 'b')).toBeUndefined();
  });

  it.each([
    ['no declaration', '<Root><A>v</A></Root>'],
    ['a byte order mark', '\uFEFF<Root><A>v</A></Root>'],
    ['the declaration of C#', '<?xml version="1.0" encoding="utf-16"?>\r\n<Root><A>v</A></Root>'],
    ['stray text between elements, as Node sends for null', '<Root>Description<A>v</A> Status </Root>'],
    ['attributes and a namespace', '<Root xmlns="http://doc.oss.aliyuncs.com" a=">"><A b=\'"\'>v</A></Root>'],
    ['comments and instructions around the root', '<!-- < --><?pi <?><Root><!-- <A>w</A> --><A>v</A></Root><!-- > -->'],
    ['CDATA', '<Root><A><![CDATA[v]]></A></Root>'],
    ['a character reference', '<Root><A>&#118;</A></Root>'],
  ])('takes %s', (_what, text) => {
    expect(textOf(read(text), 'A')).toBe('v');
  });

  it.each(['<Root><A/></Root>', '<Root><A /></Root>', '<Root><A></A></Root>', '<Root><A a="1"/></Root>'])(
    'tells an empty element from an absent one: %s',
    (text) => {
      expect(textOf(read(text), 'A')).toBe('');
      expect(textOf(read('<Root/>'), 'A')).toBeUndefined();
    },
  );

  it('is not confused by names that objects have of themselves', () => {
    expect(textOf(read('<Root><__proto__>x</__proto__></Root>'), 'toString')).toBeUndefined();
    expect(textOf(read('<Root><constructor>x</constructor><A>v</A></Root>'), 'A')).toBe('v');
  });

  it.each([
    ['nothing', '', 'there is no root element'],
    ['only text', 'hello', 'there is no root element'],
    ['only a declaration', '<?xml version="1.0"?>', 'there is no root element'],
    ['another root', '<root/>', 'the root element is root, not Root'],
    ['an open root', '<Root><A>', 'Unclosed root tag'],
    ['crossed tags', '<Root><A></Root></A>', 'Unexpected close tag'],
    ['an unfinished tag', '<Root', 'a tag is not closed'],
    ['an unfinished comment', '<Root/><!-- ', '<!-- is not closed'],
    ['an unknown entity', '<Root>&nope;</Root>', 'Invalid character entity'],
    ['a DOCTYPE', '<!DOCTYPE Root [<!ENTITY a "b">]><Root>&a;</Root>', 'a DOCTYPE is not allowed'],
    ['a DOCTYPE inside', '<Root><!DOCTYPE x></Root>', 'a DOCTYPE is not allowed'],
    ['text before the root', 'x<Root/>', 'text outside the root element'],
    ['text behind the root', '<Root/>x', 'text outside the root element'],
    ['text between roots', '<Root/>x<Root/>', 'text outside the root element'],
    ['CDATA behind the root', '<Root/><![CDATA[x]]>', 'text outside the root element'],
    ['a second root', '<Root/><Root/>', 'a second root element'],
    ['a second, open root', '<Root></Root><Root>', 'a second root element'],
    ['an end tag too many', '<Root></Root></Root>', 'an end tag without a start tag'],
    ['a control character', '<Root>\u0001</Root>', 'the document contains a control character'],
    ['a control character by reference', '<Root><A>&#1;</A></Root>', 'Invalid character entity'],
    ['NUL by reference', '<Root><A>&#x0;</A></Root>', 'Invalid character entity'],
    ['17 levels too many', '<Root>'.repeat(49) + '</Root>'.repeat(49), 'elements are nested deeper than 32 levels'],
  ])('refuses %s', (_what, text, detail) => {
    const error = refused(() => read(text));
    expect(error).toMatchObject({ code: 'MalformedXML', status: 400, ec: '0016-00000608' });
    expect(error.details.ErrorDetail).toContain(detail);
  });

  it('refuses what is not UTF-8', () => {
    const error = refused(() => read(Buffer.from('<Root>é</Root>', 'latin1')));
    expect(error.details).toEqual({ ErrorDetail: 'the document is not UTF-8' });
  });

  it('refuses more than the limit before it looks at it', () => {
    expect(textOf(read('<Root><A>1</A></Root>', 21), 'A')).toBe('1');
    const error = refused(() => read('<Root><A>1</A></Root>', 20));
    expect(error.details).toEqual({ ErrorDetail: 'the document is larger than 20 bytes' });
  });

  it.each(['a', ' a="b"', '"', '<', '<a "', '!--', 'a><', 'a b="<'])(
    'is not slow on a megabyte of %s',
    (piece) => {
      const text = `<${piece.repeat(Math.ceil(1_000_000 / piece.length))}`;
      expect(refused(() => read(text, 2_000_000)).code).toBe('MalformedXML');
    },
    2000,
  );

  it('reads back what writeXml wrote', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\p{Cc}\uFFFE\uFFFF]/u.test(value));
    fc.assert(
      fc.property(fc.array(text), (values) => {
        expect(textsOf(read(writeXml('Root', { A: values })), 'A')).toEqual(values);
      }),
    );
  });

  it('never throws anything but OssError', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '_',
      'constructor',
      'Root',
      '<Root>',
      '</Root>',
      '<A/>',
      '&',
      '&#',
      ';',
      '<!--',
      '-->',
      '"',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '=',
    );
    const anything = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.array(piece).map((pieces) => Buffer.from(pieces.join(''))),
      fc.array(piece).map((pieces) => Buffer.from(`<Root>${pieces.join('')}</Root>`)),
    );
    fc.assert(
      fc.property(anything, (body) => {
        try {
          read(body);
        } catch (error) {
          expect(error).toBeInstanceOf(OssError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
