import { expect, it } from 'vitest';
import {
  pesHeaderSizeBytes,
  STREAM_ID_AUDIO,
  STREAM_ID_VIDEO,
  writePesHeader,
} from '../../../src/media/mpeg-ts/pes.ts';

function header(streamId: number, ptsTicks: number, dtsTicks: number, payloadSizeBytes: number): string {
  const times = { ptsTicks, dtsTicks };
  const target = Buffer.alloc(40, 0xee);
  const end = writePesHeader(target, 2, streamId, times, payloadSizeBytes);
  expect(end).toBe(2 + pesHeaderSizeBytes(times));
  return target.subarray(2, end).toString('hex');
}

it('has a decoding time only where it is another, and no length for video', () => {
  // ffmpeg 5.1 wrote these for an access unit at 0.067 s, decoded at 0, and for an audio frame at 0.023 s.
  expect(header(STREAM_ID_VIDEO, 6030, 0, 4337)).toBe('000001e0000080c00a' + '3100012f1d' + '1100010001');
  expect(header(STREAM_ID_AUDIO, 2070, 2070, 243)).toBe('000001c000fb808005' + '210001102d');
});

it('wraps time stamps at 33 bits', () => {
  expect(header(STREAM_ID_VIDEO, 2 ** 33 - 1, 2 ** 33 - 1, 1).slice(18)).toBe('2fffffffff');
  expect(header(STREAM_ID_VIDEO, 2 ** 33, 2 ** 33 - 1, 1).slice(18)).toBe('3100010001' + '1fffffffff');
});
