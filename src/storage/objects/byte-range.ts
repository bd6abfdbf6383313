import { OssError } from '../../base/errors.ts';

/** Bytes `start` to `end`, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a Range header selects in `sizeBytes` bytes; undefined means all of them, with status 200.
 *
 * OSS differs from RFC 9110 ("Use HTTP Range requests to get OSS resources in segments" page): of several ranges only
 * the first counts, and a range that is malformed or extends beyond the object has no effect. `standard` is its
 * compatible mode (`x-oss-range-behavior: standard`), in which an end beyond the object is cut off.
 *
 * @throws OssError InvalidRange when `standard` is set and the start is beyond the object
 */
export function selectRange(header: string | undefined, sizeBytes: number, standard: boolean): ByteRange | undefined {
  const match = /^bytes=\s*(\d*)-(\d*)\s*(?:,.*)?$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const range =
    first === ''
      ? { start: sizeBytes - Number(last), end: sizeBytes - 1 }
      : { start: Number(first), end: last === '' ? sizeBytes - 1 : Number(last) };
  if (first !== '' && last !== '' && range.end < range.start) return undefined;
  if (standard) return clip(range, sizeBytes);
  const inside = range.start >= 0 && range.start <= range.end && range.end < sizeBytes;
  return inside ? range : undefined;
}

function clip(range: ByteRange, sizeBytes: number): ByteRange {
  const clipped = { start: Math.max(0, range.start), end: Math.min(range.end, sizeBytes - 1) };
  if (clipped.start <= clipped.end) return clipped;
  throw new OssError('InvalidRange', 'The requested range cannot be satisfied', {
    headers: { 'content-range': `bytes */${sizeBytes}` },
  });
}
