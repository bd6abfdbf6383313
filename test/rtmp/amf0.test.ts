import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AmfValue, encodeAmf0, readAmf0 } from '../../src/rtmp/amf0.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';

const limits = DEFAULT_RTMP_LIMITS.amf0;
const readHex = (hex: string) => readAmf0(Buffer.from(hex.replaceAll(' ', ''), 'hex'), limits);
const decodeHex = (hex: string) => readHex(hex).values;

describe('readAmf0', () => {
  it.each<[string, string, AmfValue]>([
    ['number', '00 3ff8000000000000', 1.5],
    ['boolean', '01 01', true],
    ['string', '02 0002 c3a9', 'é'],
    ['null', '05', null],
    ['undefined', '06', undefined],
    ['unsupported', '0d', undefined],
    ['long string', '0c 00000002 6162', 'ab'],
    ['XML document', '0f 00000002 6162', 'ab'],
    ['date', '0b 4059000000000000 0000', new Date(100)],
    ['reference', '07 0001', undefined],
    ['AMF 3 undefined', '11 00', undefined],
    ['AMF 3 null', '11 01', null],
    ['AMF 3 false', '11 02', false],
    ['AMF 3 true', '11 03', true],
    ['AMF 3 integer', '11 04 7f', 127],
    ['AMF 3 integer of two bytes', '11 04 8100', 128],
    ['AMF 3 integer of four bytes', '11 04 bfffffff', 0x0fffffff],
    ['negative AMF 3 integer', '11 04 ffffffff', -1],
    ['AMF 3 double', '11 05 3ff8000000000000', 1.5],
    ['AMF 3 string', '11 06 05 c3a9', 'é'],
    ['strict array', '0a 00000002 0100 05', [false, null]],
  ])('reads a %s', (_, hex, value) => {
    expect(decodeHex(hex)).toEqual([value]);
  });

  it('reads objects, ECMA arrays with a wrong count, and typed objects alike', () => {
    const properties = '0001 61 00 3ff0000000000000 0001 62 02 0000 000009';
    for (const head of ['03', '08 0000000f', '10 0003 466f6f']) {
      expect({ ...Object(decodeHex(`${head} ${properties}`)[0]) }).toEqual({ a: 1, b: '' });
    }
  });

  it('gives objects no prototype that a property could reach', () => {
    const [object] = decodeHex('03 0009 5f5f70726f746f5f5f 01 01 000009');
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.keys(Object(object))).toEqual(['__proto__']);
  });

  it.each([
    ['a cut number', '00 3ff8'],
    ['a cut string', '02 0005 61'],
    ['an array that claims 2^32 - 1 elements', '0a ffffffff 05 05'],
    ['a string that claims 4 GiB', '0c ffffffff 61'],
    ['a cut reference', '07 00'],
    ['a movie clip', '04 0001 61'],
    ['a record set', '0e'],
    ['an unknown marker', '12'],
    ['an AMF 3 object', '11 0a 0b 01 01'],
    ['an AMF 3 reference', '11 06 00'],
    ['an AMF 3 string that is cut short', '11 06 07 6161'],
    ['an AMF 3 string beyond the limit', '11 06 bfffffff 61'],
    ['an AMF 3 integer that is cut short', '11 04 ff'],
    ['AMF 3 without a value', '11'],
  ])('reads what comes before %s', (_, hex) => {
    const { values, problem } = readHex(`02 0001 61 05 ${hex}`);
    expect(values).toEqual(['a', null]);
    expect(problem).toMatch(/^AMF[03] /);
  });

  it.each([
    ['that has no end', '03 0001 61 01 01'],
    ['with a value that is cut short', '03 0001 61 01 01 0001 62 00 3f'],
    ['with an AMF 3 object', '03 0001 61 01 01 0001 62 11 0a 0b 01 01 000009'],
    ['with an object that has no end', '03 0001 61 01 01 0001 62 03 0001 63 05'],
  ])('reads the first properties of an object %s', (_, hex) => {
    const { values, problem } = readHex(`05 ${hex}`);
    expect(values.map((value) => value && { ...Object(value) })).toEqual([null, { a: true }]);
    expect(problem).toBeDefined();
  });

  it('gives an object of which all was read once', () => {
    expect(readHex('03 000009 00').values).toHaveLength(1);
  });

  it('stops at nesting beyond the limit and takes nesting up to it', () => {
    const nested = (depth: number) =>
      Buffer.concat([...Array(depth).fill(Buffer.from('0a00000001', 'hex')), Buffer.of(5)]);
    expect(readAmf0(nested(limits.maxDepth), limits)).toMatchObject({ problem: undefined });
    for (const depth of [limits.maxDepth + 1, 100_000]) {
      expect(readAmf0(nested(depth), limits)).toEqual({
        values: [],
        problem: expect.stringContaining('nested deeper'),
      });
    }
  });

  it('stops at more values than the limit', () => {
    const { values, problem } = readAmf0(Buffer.alloc(limits.maxValues, 5), limits);
    expect([values.length, problem]).toEqual([limits.maxValues, undefined]);
    expect(readAmf0(Buffer.alloc(limits.maxValues + 1, 5), limits).problem).toContain('more than');
  });

  it('never throws, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      // Mostly markers.
      fc.array(fc.integer({ min: 0, max: 0x12 }), { maxLength: 100 }).map((markers) => Uint8Array.from(markers)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const { values, problem } = readAmf0(Buffer.from(input), limits);
        if (input.length > 0) expect(values.length > 0 || problem !== undefined).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('encodeAmf0', () => {
  it('writes the bytes of a command', () => {
    expect(encodeAmf0(['a', 1, null, { b: true }]).toString('hex')).toBe(
      '020001' + '61' + '003ff0000000000000' + '05' + '03' + '000162' + '0101' + '000009',
    );
  });

  it('gives back through the decoder what went in', () => {
    const { value } = fc.letrec<{ value: AmfValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.double({ noNaN: true }),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.string({ minLength: 65_530, maxLength: 65_540 }),
        fc.boolean(),
        fc.constantFrom(null, undefined),
        fc.date({ noInvalidDate: true }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), tie('value'), { maxKeys: 4, noNullPrototype: false }),
      ),
    }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), (values) => {
        const generous = { maxDepth: 16, maxValues: 10_000, maxStringBytes: 1_000_000 };
        expect(readAmf0(encodeAmf0(values), generous)).toEqual({ values, problem: undefined });
      }),
    );
  });
});
