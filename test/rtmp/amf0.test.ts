import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AmfValue, decodeAmf0, encodeAmf0 } from '../../src/rtmp/amf0.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';
import { RtmpProtocolError } from '../../src/rtmp/protocol-error.ts';

const limits = DEFAULT_RTMP_LIMITS.amf0;
const decodeHex = (hex: string) => decodeAmf0(Buffer.from(hex.replaceAll(' ', ''), 'hex'), limits);

describe('decodeAmf0', () => {
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
    ['an object without end', '03 0001 61 05'],
    ['an array that claims 2^32 - 1 elements', '0a ffffffff 05 05'],
    ['a string that claims 4 GiB', '0c ffffffff 61'],
    ['a reference', '07 0000'],
    ['AMF 3', '11 01'],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeHex(hex)).toThrow(RtmpProtocolError);
  });

  it('refuses nesting beyond the limit and takes nesting up to it', () => {
    const nested = (depth: number) =>
      Buffer.concat([...Array(depth).fill(Buffer.from('0a00000001', 'hex')), Buffer.of(5)]);
    expect(decodeAmf0(nested(limits.maxDepth), limits)).toHaveLength(1);
    expect(() => decodeAmf0(nested(limits.maxDepth + 1), limits)).toThrow('nested deeper');
    expect(() => decodeAmf0(nested(100_000), limits)).toThrow('nested deeper');
  });

  it('refuses more values than the limit', () => {
    expect(decodeAmf0(Buffer.alloc(limits.maxValues, 5), limits)).toHaveLength(limits.maxValues);
    expect(() => decodeAmf0(Buffer.alloc(limits.maxValues + 1, 5), limits)).toThrow('more than');
  });

  it('fails only with a protocol error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeAmf0(Buffer.from(bytes), limits);
        } catch (error) {
          expect(error).toBeInstanceOf(RtmpProtocolError);
        }
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
        expect(decodeAmf0(encodeAmf0(values), generous)).toEqual(values);
      }),
    );
  });
});
