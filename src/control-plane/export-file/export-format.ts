/**
 * The file of an export: a tar archive of these entries, in this order.
 *
 * 1. `oss-livechannel-export.json`: what it is, and how much comes.
 * 2. `rows.ndjson`: a row of the metadata on each line (exported-rows.ts); rows that others refer to come first.
 * 3. `bytes/1`, `bytes/2` ...: byte strings, in the order in which rows name them.
 * 4. `end.json`: the SHA-256 of the contents of all entries before it. Without it the file is not whole.
 */
import * as v from 'valibot';
import { fields, flag, integer, text } from '../../base/schema.ts';
import { clockTime } from '../../base/time-schema.ts';

export const EXPORT_TYPE = 'application/x-tar';
export const EXPORT_FORMAT = 'oss-livechannel-export';
/** Raised when an earlier version of this program could not read the file correctly. */
export const EXPORT_VERSION = 1;

export const HEAD_ENTRY = 'oss-livechannel-export.json';
export const ROWS_ENTRY = 'rows.ndjson';
export const END_ENTRY = 'end.json';

export function bytesEntry(number: number): string {
  return `bytes/${number}`;
}

const count = integer(0);

/** What every version of the format has; the rest is read when the version is known. */
export const exportKind = v.looseObject({ format: v.literal(EXPORT_FORMAT), version: integer(1) });

export const exportHead = fields({
  format: v.literal(EXPORT_FORMAT),
  version: v.literal(EXPORT_VERSION),
  /** The version of the emulator that wrote it. */
  emulator: text,
  createdMs: clockTime,
  clock: fields({
    nowMs: clockTime,
    frozen: flag,
    offsetMs: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  }),
  rows: count,
  byteStrings: count,
  /** Of all byte strings. */
  sizeBytes: count,
});

export type ExportHead = v.InferOutput<typeof exportHead>;

export const exportEnd = fields({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });
