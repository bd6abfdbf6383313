import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childrenOf, readXml, textOf, textsOf, type XmlElement } from '../../../src/aliyun/xml/read.ts';
import { writeXml } from '../../../src/aliyun/xml/write.ts';
import { OssError } from '../../../src/base/errors.ts';
import { refused } from '../auth/refused.ts';

function read(text: string | Buffer, maxBytes = 100_000): XmlElement {
  return readXml(Buffer.from(text), 'Root', maxBytes);
}

/** XML with so many attributes of different names. */
function attributes(count: number): string {
  return Array.from({ length: count }, (_, index) => `a${index}=""`).join(' ');
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
    [
      'attributes named like the properties of every object',
      '<Root hasOwnProperty="" __proto__=""><A b="">v</A></Root>',
    ],
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

  it('reads elements named like the properties of every object', () => {
    expect(textOf(read('<Root><__proto__>x</__proto__></Root>'), 'toString')).toBeUndefined();
    expect(textOf(read('<Root><constructor>x</constructor><A>v</A></Root>'), 'A')).toBe('v');
  });

  it.each([
    ['nothing', '', 'there is no root element'],
    ['only text', 'hello', 'Non-whitespace before first tag'],
    ['only a declaration', '<?xml version="1.0"?>', 'there is no root element'],
    ['another root', '<root/>', 'the root element is root, not Root'],
    ['an open root', '<Root><A>', 'Unclosed root tag'],
    ['crossed tags', '<Root><A></Root></A>', 'Unexpected close tag'],
    ['an unfinished tag', '<Root', 'Unexpected end'],
    ['an unfinished comment', '<Root/><!-- ', 'Unexpected end'],
    ['an unknown entity', '<Root>&nope;</Root>', 'Invalid character entity'],
    ['a DOCTYPE', '<!DOCTYPE Root [<!ENTITY a "b">]><Root>&a;</Root>', 'a DOCTYPE is not allowed'],
    ['an entity of HTML', '<Root>&nbsp;</Root>', 'Invalid character entity'],
    ['an entity named as a property of every object', '<Root>&constructor;</Root>', 'Invalid character entity'],
    ['an entity in an attribute', '<Root a="&nope;"/>', 'Invalid character entity'],
    ['a DOCTYPE inside', '<Root><!DOCTYPE x></Root>', 'Inappropriately located doctype declaration'],
    ['text before the root', 'x<Root/>', 'Non-whitespace before first tag'],
    ['text behind the root', '<Root/>x', 'Text data outside of root node'],
    ['text between roots', '<Root/>x<Root/>', 'Text data outside of root node'],
    ['CDATA behind the root', '<Root/><![CDATA[x]]>', 'text outside the root element'],
    ['a no-break space behind the root', '<Root/>\u00A0', 'Text data outside of root node'],
    ['a reference behind the root', '<Root/>&amp;', 'Text data outside of root node'],
    ['another declaration', '<!ENTITY a><Root/>', 'a declaration is not allowed'],
    ['CDATA in lower case', '<Root><![cdata[x]]></Root>', 'a tag does not begin with its name'],
    ['a blank before the name of a start tag', '<Root>< A/></Root>', 'a tag does not begin with its name'],
    ['a blank before the name of an end tag', '<Root></ Root>', 'a tag does not begin with its name'],
    ['a blank before the slash of an end tag', '<Root>< /Root>', 'a tag does not begin with its name'],
    ['a blank before a comment', '<Root>< !-- --></Root>', 'a tag does not begin with its name'],
    ['a blank before an instruction', '<Root>< ?a?></Root>', 'a tag does not begin with its name'],
    ['a second root', '<Root/><Root/>', 'a second root element'],
    ['a second, open root', '<Root></Root><Root>', 'a second root element'],
    ['an end tag too many', '<Root></Root></Root>', 'Unmatched closing tag'],
    ['NUL', '<Root>\0</Root>', 'the document contains a NUL'],
    ['NUL by a long reference', '<Root><A>&#x0000;</A></Root>', 'Invalid character entity'],
    ['NUL by a decimal reference', '<Root><A>&#0;</A></Root>', 'Invalid character entity'],
    ['a surrogate by reference', '<Root><A>&#xD800;</A></Root>', 'Invalid character entity'],
    ['a pair of surrogates by reference', '<Root><A>&#xD83D;&#xDE00;</A></Root>', 'Invalid character entity'],
    ['a reference beyond Unicode', '<Root><A>&#x110000;</A></Root>', 'Invalid character entity'],
    ['more zeros than anybody writes', '<Root><A>&#x00000001;</A></Root>', 'Invalid character entity'],
    ['an absurd reference', `<Root><A>&#${'9'.repeat(1000)};</A></Root>`, 'Invalid character entity'],
    ['a reference without digits', '<Root><A>&#x;</A></Root>', 'Invalid character entity'],
    ['a negative reference', '<Root><A>&#-1;</A></Root>', 'Invalid character'],
    ['a hexadecimal digit in a decimal reference', '<Root><A>&#1f;</A></Root>', 'Invalid character entity'],
    ['a control character in the name of an element', '<Root><A\u0001/></Root>', 'Invalid character in tag name'],
    ['a control character behind the root', '<Root/>\u0001', 'Text data outside of root node'],
    ['a control character behind the root, by reference', '<Root/>&#1;', 'Text data outside of root node'],
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

  describe('limits', () => {
    it.each([
      ['32 levels', '<Root>'.repeat(32) + '</Root>'.repeat(32)],
      ['2,000 elements', `<Root>${'<A/>'.repeat(1_999)}</Root>`],
      ['32 attributes of each element', `<Root ${attributes(32)}><A ${attributes(32)}/></Root>`],
      ['names of 256 characters', `<Root><${'A'.repeat(256)} ${'b'.repeat(256)}=""/></Root>`],
      ['a megabyte of text', `<Root>${'x'.repeat(1_000_000)}</Root>`],
      ['a megabyte of CDATA', `<Root><![CDATA[${']'.repeat(1_000_000)}]]></Root>`],
      ['50,000 references', `<Root>${'&lt;'.repeat(50_000)}</Root>`],
      ['5,000 comments', `<Root>${'<!---->'.repeat(5_000)}</Root>`],
    ])('allow %s', (_what, text) => {
      expect(read(text, 2_000_000)).toBeDefined();
    });

    it('do not change text that is longer than a piece', () => {
      const value = 'a\u{1F600}é\r\n'.repeat(20_000);
      expect(textOf(read(`<Root><A>${value}</A></Root>`, 2_000_000), 'A')).toBe(value);
      expect(textOf(read(`<Root><A><![CDATA[${value}]]></A></Root>`, 2_000_000), 'A')).toBe(value);
    });

    /**
     * After the part that exceeds the limit there is a character that would be refused for another reason if it were
     * read.
     */
    it.each([
      ['depth', '<Root>'.repeat(33), 'elements are nested deeper than 32 levels'],
      ['depth, a megabyte of it', '<Root>'.repeat(170_000), 'elements are nested deeper than 32 levels'],
      ['elements', `<Root>${'<a/>'.repeat(2_000)}`, 'there are more than 2000 elements'],
      ['elements, a megabyte of them', `<Root>${'<a/>'.repeat(250_000)}`, 'there are more than 2000 elements'],
      ['attributes of all elements', `<Root>${`<a ${attributes(32)}/>`.repeat(63)}`, 'more than 2000 attributes'],
      ['references', `<Root>${'&#1;'.repeat(50_001)}`, 'there are more than 50000 references'],
      ['comments', `<Root>${'<!---->'.repeat(5_001)}`, 'there are more than 5000 comments'],
      ['CDATA', `<Root>${'<![CDATA[]]>'.repeat(5_001)}`, 'there are more than 5000 comments'],
      ['instructions', `<Root>${'<?a?>'.repeat(5_001)}`, 'there are more than 5000 comments'],
      ['a declaration that does not end', `<!${'a'.repeat(1_000_000)}`, 'a declaration is not allowed'],
      ['declarations, a megabyte of them', '<!'.repeat(500_000), 'a declaration is not allowed'],
      ['attributes', `<Root ${attributes(33)}`, 'an element has more than 32 attributes'],
      ['one attribute again and again', `<Root ${'a="" '.repeat(33)}`, 'an element has more than 32 attributes'],
      ['attributes, a megabyte of them', `<Root ${attributes(100_000)}`, 'an element has more than 32 attributes'],
      ['the name of an element', `<${'R'.repeat(257)}>`, 'a name is longer than 256 characters'],
      ['the name of an attribute', `<Root ${'a'.repeat(257)}="">`, 'a name is longer than 256 characters'],
      ['an unfinished name', `<${'R'.repeat(1_000_000)}`, 'Max buffer length exceeded: tagName'],
      [
        'an unfinished name of an attribute',
        `<Root ${'a'.repeat(1_000_000)}`,
        'Max buffer length exceeded: attribName',
      ],
      ['an unfinished value', `<Root a="${'x'.repeat(1_000_000)}`, 'Max buffer length exceeded: attribValue'],
      ['an unfinished entity', `<Root>&${'a'.repeat(1_000_000)}`, 'Max buffer length exceeded: entity'],
      ['an unfinished comment', `<Root><!--${'x'.repeat(1_000_000)}`, 'Max buffer length exceeded: comment'],
      ['an unfinished instruction', `<?a ${'x'.repeat(1_000_000)}`, 'Max buffer length exceeded: procInstBody'],
      ['an unfinished DOCTYPE', `<!DOCTYPE ${'x'.repeat(1_000_000)}`, 'Max buffer length exceeded: doctype'],
    ])('hold while reading: %s', (_what, text, detail) => {
      const error = refused(() => read(`${text}${' '.repeat(20_000)}\0`, 2_000_000));
      expect(error.details.ErrorDetail).toContain(detail);
    });

    it.each(['a', ' a="b"', '"', '<', '<a "', '!--', 'a><', 'a b="<'])('refuse a megabyte of %s', (piece) => {
      const text = `<${piece.repeat(Math.ceil(1_000_000 / piece.length))}`;
      expect(refused(() => read(text, 2_000_000)).code).toBe('MalformedXML');
    });
  });

  describe('characters that XML forbids and names may have', () => {
    it.each([
      ['raw', '\u0001\u0008\u000B\u000C\u001B\u001F\uFFFE\uFFFF'],
      ['in hexadecimal', '&#x1;&#x8;&#xB;&#xc;&#x1B;&#X1f;&#xFFFE;&#xffff;'],
      ['in decimal', '&#1;&#8;&#11;&#12;&#27;&#31;&#65534;&#65535;'],
      ['with zeros before the digits', '&#x0001;&#08;&#x00B;&#0012;&#x001b;&#00031;&#x00FFFE;&#00000065535;'],
    ])('are read: %s', (_how, text) => {
      const value = '\u0001\u0008\u000B\u000C\u001B\u001F\uFFFE\uFFFF';
      expect(textOf(read(`<Root><A>${text}</A></Root>`), 'A')).toBe(value);
      expect(textOf(read(`<Root a="${text}"><A>${text}</A></Root>`), 'A')).toBe(value);
    });

    it('are all of them', () => {
      for (let code = 1; code < 0x20; code++) {
        const character = String.fromCharCode(code);
        expect(textOf(read(`<Root><A>&#${code};&#x${code.toString(16)};</A></Root>`), 'A')).toBe(character.repeat(2));
      }
    });

    it('are not made of text that only looks like a reference', () => {
      expect(textOf(read('<Root><A><![CDATA[&#1;]]>&amp;#1;<!-- &#1; --></A></Root>'), 'A')).toBe('&#1;&#1;');
    });
  });

  it('reads back what writeXml wrote', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0') && value.isWellFormed());
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.record({ B: text, C: fc.array(text) })), (texts, entries) => {
        const root = read(writeXml('Root', { A: texts, E: entries }));
        expect(textsOf(root, 'A')).toEqual(texts);
        expect(childrenOf(root, 'E').map((entry) => ({ B: textOf(entry, 'B'), C: textsOf(entry, 'C') }))).toEqual(
          entries,
        );
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
      ' ',
      'hasOwnProperty=""',
      '<!DOCTYPE a>',
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
