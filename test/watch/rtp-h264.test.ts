import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadClip } from '../../src/control-plane/publisher/clip.ts';
import { type AvcConfig, parseAvcConfig } from '../../src/media/codecs/avc.ts';
import { parseVideoTag } from '../../src/media/flv/tags.ts';
import { h264Packetizer, hasIdrPicture, MAX_PAYLOAD_SIZE_BYTES } from '../../src/watch/rtp-h264.ts';
import { clip } from '../support/emulator.ts';
import { depacketize } from './support/depacketize.ts';

const SPS = Buffer.from('67640028acd940', 'hex');
const PPS = Buffer.from('68ebe3cb22c0', 'hex');
const OTHER_SPS = Buffer.from('6742c01fd90050', 'hex');
const OTHER_PPS = Buffer.from('68ce3c80', 'hex');
const IDR = Buffer.from('658884', 'hex');
/** first_mb_in_slice 0 and slice_type 5 (P): 1, 00110. */
const P_SLICE = Buffer.from('419a', 'hex');
/** first_mb_in_slice 0 and slice_type 6 (B): 1, 00111. */
const B_SLICE = Buffer.from('019e', 'hex');
const SEI = Buffer.from('0605ff80', 'hex');
const DELIMITER = Buffer.from('09f0', 'hex');
const FILLER = Buffer.from('0cffff80', 'hex');

function config(lengthSizeBytes = 4): AvcConfig {
  return {
    profileIdc: 100,
    profileCompatibility: 0,
    levelIdc: 40,
    nalLengthSizeBytes: lengthSizeBytes,
    sequenceParameterSets: [SPS],
    pictureParameterSets: [PPS],
  };
}

function accessUnit(nalUnits: readonly Buffer[], lengthSizeBytes = 4): Buffer {
  return Buffer.concat(
    nalUnits.flatMap((nalUnit) => {
      const length = Buffer.alloc(lengthSizeBytes);
      length.writeUIntBE(nalUnit.length, 0, lengthSizeBytes);
      return [length, nalUnit];
    }),
  );
}

function packetize(data: Buffer, keyFrame: boolean, avcConfig = config()): readonly Buffer[] {
  const payloads = h264Packetizer(avcConfig)(data, keyFrame);
  if (payloads === 'b-frame') throw new Error('taken for a B frame');
  return payloads.map(({ prefix, body }) => Buffer.concat([prefix, body]));
}

describe('RTP payloads of H.264', () => {
  it('give the NAL units back, whatever their sizes', () => {
    const slice = fc.uint8Array({ minLength: 0, maxLength: 5000 }).map((bytes) => Buffer.concat([P_SLICE, bytes]));
    const sizes = fc.constantFrom(2, 3, 4);
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1, maxLength: 6 }), sizes, (slices, lengthSizeBytes) => {
        const payloads = packetize(accessUnit(slices, lengthSizeBytes), false, config(lengthSizeBytes));
        expect(depacketize(payloads)).toEqual(slices);
        expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(MAX_PAYLOAD_SIZE_BYTES);
      }),
    );
  });

  it('take noise without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, keyFrame) => {
        const payloads = h264Packetizer(config())(Buffer.from(bytes), keyFrame);
        expect(payloads === 'b-frame' || payloads.every(({ prefix, body }) => prefix.length + body.length > 0)).toBe(
          true,
        );
      }),
    );
  });

  it('are single NAL units up to 1200 bytes, and pieces of 1198 beyond', () => {
    const largest = Buffer.concat([P_SLICE], MAX_PAYLOAD_SIZE_BYTES);
    expect(packetize(accessUnit([largest]), false)).toEqual([largest]);
    const tooLarge = Buffer.concat([P_SLICE], 1 + 2 * 1198 + 1);
    const pieces = packetize(accessUnit([tooLarge]), false);
    expect(pieces.map(({ length }) => length)).toEqual([1200, 1200, 3]);
    expect(pieces.map((piece) => piece.toString('hex', 0, 2))).toEqual(['5c81', '5c01', '5c41']);
  });

  it('of a key frame begin with the parameter sets of the stream, together', () => {
    const payloads = packetize(accessUnit([IDR]), true);
    expect(payloads).toHaveLength(2);
    expect(payloads[0]?.toString('hex')).toBe(`780007${SPS.toString('hex')}0006${PPS.toString('hex')}`);
    expect(depacketize(payloads)).toEqual([SPS, PPS, IDR]);
  });

  it('of a key frame begin with its own parameter sets, if it has both', () => {
    const own = [OTHER_SPS, OTHER_PPS];
    expect(depacketize(packetize(accessUnit([...own, IDR]), true))).toEqual([...own, IDR]);
    expect(depacketize(packetize(accessUnit([OTHER_PPS, IDR]), true))).toEqual([SPS, PPS, IDR]);
  });

  it('leave out what a browser has no use for', () => {
    const unit = accessUnit([DELIMITER, SEI, P_SLICE, FILLER]);
    expect(packetize(unit, false)).toEqual([P_SLICE]);
    expect(packetize(accessUnit([DELIMITER, SEI]), true)).toEqual([]);
  });

  it('leave out a NAL unit that claims more than there is', () => {
    const unit = Buffer.concat([accessUnit([P_SLICE]), Buffer.from('000000ff4101', 'hex')]);
    expect(packetize(unit, false)).toEqual([P_SLICE]);
  });

  it('tell a picture to begin with, whole and in pieces', () => {
    const isBeginning = (slice: Buffer) => {
      const payloads = h264Packetizer(config())(accessUnit([slice]), true);
      return payloads !== 'b-frame' && hasIdrPicture(payloads);
    };
    expect([IDR, Buffer.concat([IDR], 5_000)].map(isBeginning)).toEqual([true, true]);
    expect([P_SLICE, Buffer.concat([P_SLICE], 5_000)].map(isBeginning)).toEqual([false, false]);
  });

  it('are none of a B frame', () => {
    expect(h264Packetizer(config())(accessUnit([DELIMITER, B_SLICE]), false)).toBe('b-frame');
  });

  it('leave out the B frames of a clip, and nothing else', async () => {
    const { messages } = await loadClip(clip('h264-aac-b-frames-slices.flv'));
    let packetizer: ReturnType<typeof h264Packetizer> | undefined;
    const counts = { pictures: 0, bFrames: 0, keyFrames: 0 };
    for (const { kind, payload } of messages) {
      if (kind !== 'video') continue;
      const tag = parseVideoTag(payload);
      if (tag.kind === 'config') {
        const avcConfig = parseAvcConfig(tag.config);
        packetizer = avcConfig && h264Packetizer(avcConfig);
      } else if (tag.kind === 'frame' && packetizer) {
        const payloads = packetizer(tag.data, tag.keyFrame);
        counts.pictures++;
        if (payloads === 'b-frame') counts.bFrames++;
        else if (tag.keyFrame) counts.keyFrames++;
      }
    }
    expect(counts).toEqual({ pictures: 240, bFrames: 160, keyFrames: 4 });
  });
});
