import { describe, expect, it } from 'vitest';
import { readFlvTags } from '../../src/media/flv/file.ts';
import { encodeAmf0 } from '../../src/rtmp/amf0.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';
import { parseMetadata } from '../../src/rtmp/metadata.ts';
import { readFixture } from './support.ts';

const parse = (payload: Buffer) => parseMetadata(payload, DEFAULT_RTMP_LIMITS.amf0);

describe('parseMetadata', () => {
  it('reads onMetaData with and without @setDataFrame', () => {
    expect({ ...parse(encodeAmf0(['@setDataFrame', 'onMetaData', { width: 64 }])) }).toEqual({ width: 64 });
    expect({ ...parse(encodeAmf0(['onMetaData', { width: 64 }])) }).toEqual({ width: 64 });
  });

  it('reads what ffmpeg writes', () => {
    const [first] = readFlvTags(readFixture('clip.flv'));
    expect(first && { ...parse(first.payload) }).toMatchObject({
      width: 64,
      height: 64,
      framerate: 10,
      videocodecid: 7,
    });
  });

  it('knows nothing of other data messages', () => {
    expect(parse(encodeAmf0(['onTextData', { text: 'x' }]))).toBeUndefined();
    expect(parse(encodeAmf0(['onMetaData', null]))).toBeUndefined();
    expect(parse(encodeAmf0(['@setDataFrame']))).toBeUndefined();
    expect(parse(Buffer.from('0200ff', 'hex'))).toBeUndefined();
    expect(parse(Buffer.alloc(0))).toBeUndefined();
  });
});
