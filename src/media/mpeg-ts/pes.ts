/** Headers of PES packets. ISO/IEC 13818-1 clause 2.4.3.6. */
import { wrapTicks } from './packets.ts';

export const STREAM_ID_VIDEO = 0xe0;
export const STREAM_ID_AUDIO = 0xc0;

/** Positions of the time stamps in the header, and the four bits before each. */
export const PTS_POSITION = 9;
export const DTS_POSITION = 14;
export const PTS_ONLY_PREFIX = 0b0010;
const PTS_WITH_DTS_PREFIX = 0b0011;
const DTS_PREFIX = 0b0001;

const FIXED_SIZE_BYTES = 9;
const TIMESTAMP_SIZE_BYTES = 5;
/** PES_packet_length counts the bytes after it. */
const LENGTH_FIELD_END = 6;

/** Presentation and decoding time in 90 kHz ticks, not wrapped. */
export interface PesTimes {
  readonly ptsTicks: number;
  readonly dtsTicks: number;
}

/** The decoding time is only written where it differs from the presentation time. */
export function pesHeaderSizeBytes(times: PesTimes): number {
  return FIXED_SIZE_BYTES + (times.ptsTicks === times.dtsTicks ? 1 : 2) * TIMESTAMP_SIZE_BYTES;
}

/**
 * Writes a PES header at `start` and returns its end.
 *
 * @param payloadSizeBytes the bytes after the header. Video may be longer than the length field allows and is written
 *   with 0, "not specified", which the standard allows only for video in a transport stream.
 */
export function writePesHeader(
  target: Buffer,
  start: number,
  streamId: number,
  times: PesTimes,
  payloadSizeBytes: number,
): number {
  const end = start + pesHeaderSizeBytes(times);
  const hasDts = times.ptsTicks !== times.dtsTicks;
  const length = streamId === STREAM_ID_VIDEO ? 0 : end - start - LENGTH_FIELD_END + payloadSizeBytes;
  target[start] = 0x00;
  target[start + 1] = 0x00;
  target[start + 2] = 0x01;
  target[start + 3] = streamId;
  target[start + 4] = length >> 8;
  target[start + 5] = length & 0xff;
  target[start + 6] = 0x80;
  target[start + 7] = hasDts ? 0xc0 : 0x80;
  target[start + 8] = end - start - FIXED_SIZE_BYTES;
  writeTimestamp(target, start + PTS_POSITION, hasDts ? PTS_WITH_DTS_PREFIX : PTS_ONLY_PREFIX, times.ptsTicks);
  if (hasDts) writeTimestamp(target, start + DTS_POSITION, DTS_PREFIX, times.dtsTicks);
  return end;
}

/** Four bits of prefix, then 33 bits in groups of 3, 15 and 15, each with a marker bit after it. */
export function writeTimestamp(target: Buffer, position: number, prefix: number, ticks: number): void {
  const wrapped = wrapTicks(ticks);
  const high = Math.floor(wrapped / 2 ** 30);
  const low = wrapped % 2 ** 30;
  target[position] = (prefix << 4) | (high << 1) | 1;
  target[position + 1] = low >> 22;
  target[position + 2] = ((low >> 14) & 0xfe) | 1;
  target[position + 3] = (low >> 7) & 0xff;
  target[position + 4] = ((low << 1) & 0xfe) | 1;
}
