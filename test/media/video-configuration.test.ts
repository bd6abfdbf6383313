import { describe, expect, it } from 'vitest';
import { accessUnitContent, withLengths } from '../../src/media/access-units.ts';
import { avcConfigRecord, parseAvcConfig } from '../../src/media/codecs/avc.ts';
import { VideoConfiguration } from '../../src/media/video-configuration.ts';
import { readClip } from '../recording/segmenter/clips.ts';

const { videoConfig: RECORD = Buffer.alloc(0) } = readClip('h264-aac');
const [SPS = Buffer.alloc(0)] = parseAvcConfig(RECORD)?.sequenceParameterSets ?? [];
const [PPS = Buffer.alloc(0)] = parseAvcConfig(RECORD)?.pictureParameterSets ?? [];
/** Another one with the same id. */
const NEW_PPS = Buffer.concat([PPS, Buffer.from([0x80])]);
const IDR = Buffer.from([0x65, 0x88, 0x84]);
const SLICE = Buffer.from([0x41, 0x9a, 0x02]);

function recordOf(sps: readonly Buffer[], pps: readonly Buffer[], lengthSizeBytes = 4): Buffer {
  return avcConfigRecord(sps, pps, lengthSizeBytes) ?? expect.fail('they fit into no record');
}

function setUp() {
  const records: Buffer[] = [];
  let mendings = 0;
  const configuration = new VideoConfiguration({
    videoConfig: (record) => records.push(Buffer.from(record)),
    mended: () => mendings++,
  });
  const prepare = (keyFrame: boolean, ...nalUnits: readonly Buffer[]) => {
    const { lengthSizeBytes } = configuration;
    const data = withLengths(nalUnits, lengthSizeBytes) ?? expect.fail('too long for the lengths');
    return configuration.prepare(data, keyFrame, accessUnitContent(data, lengthSizeBytes));
  };
  return { configuration, records, prepare, mendings: () => mendings };
}

describe('VideoConfiguration', () => {
  it('gives a sequence header on as it is, once', () => {
    const { configuration, records, prepare, mendings } = setUp();
    expect([configuration.hasHeader, prepare(true, IDR)]).toEqual([false, false]);
    for (const _ of [1, 2]) expect(configuration.takeHeader(RECORD)).toBe(true);
    expect(records).toEqual([RECORD]);
    expect([configuration.hasHeader, prepare(true, IDR), prepare(false, SLICE), mendings()]).toEqual([
      true,
      true,
      true,
      0,
    ]);
  });

  it('takes the size of the lengths from the sequence header', () => {
    const { configuration } = setUp();
    configuration.takeHeader(recordOf([SPS], [PPS], 2));
    expect(configuration.lengthSizeBytes).toBe(2);
  });

  it('gives a new record when pictures have lengths of another size', () => {
    const { configuration, records, prepare } = setUp();
    configuration.takeHeader(RECORD);
    configuration.lengthSizeBytes = 2;
    expect(prepare(false, SLICE)).toBe(true);
    expect(records.slice(1)).toEqual([recordOf([SPS], [PPS], 2)]);
  });

  it('makes a record of the sets of a key frame, and says so', () => {
    const { records, prepare, mendings } = setUp();
    expect(prepare(false, SPS, PPS, SLICE)).toBe(false);
    expect(prepare(true, IDR)).toBe(true);
    expect([records, mendings()]).toEqual([[recordOf([SPS], [PPS])], 1]);
  });

  it('takes one kind of sets from the sequence header and the other from the stream', () => {
    const { configuration, records, prepare } = setUp();
    const half = Buffer.concat([RECORD.subarray(0, 8), SPS, Buffer.from([0])]);
    expect(configuration.takeHeader(half)).toBe(true);
    expect([prepare(true, IDR), prepare(true, PPS, IDR)]).toEqual([false, true]);
    expect(records).toEqual([recordOf([SPS], [PPS])]);
  });

  it('finds the sets in a sequence header that is no record', () => {
    const { configuration, records, mendings } = setUp();
    const startCode = Buffer.from([0, 0, 0, 1]);
    expect(configuration.takeHeader(Buffer.concat([startCode, SPS, startCode, PPS]))).toBe(true);
    expect([records, mendings()]).toEqual([[recordOf([SPS], [PPS])], 1]);
    expect(configuration.takeHeader(Buffer.from([1, 2, 3]))).toBe(false);
  });

  it('lets new sets wait for the next key frame', () => {
    const { configuration, records, prepare } = setUp();
    configuration.takeHeader(RECORD);
    expect(prepare(false, NEW_PPS, SLICE)).toBe(true);
    expect(records).toHaveLength(1);
    expect(prepare(true, IDR)).toBe(true);
    expect(records.slice(1)).toEqual([recordOf([SPS], [NEW_PPS])]);
  });
});
