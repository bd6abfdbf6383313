/**
 * The file of an export: a tar archive of these entries, in this order.
 *
 * 1. `oss-livechannel-export.json`: what it is, and how much comes.
 * 2. `rows.ndjson`: a row of the metadata on each line; rows that others refer to come first.
 * 3. `bytes/1`, `bytes/2` ...: byte strings, in the order in which rows name them.
 * 4. `end.json`: the SHA-256 of the contents of all entries before it. Without it the file is not whole.
 */
import * as v from 'valibot';
import { parseJson } from '../../base/encoded-json.ts';
import { choice, fields, flag, integer, text } from '../../base/schema.ts';
import { BUCKET_ACLS, OBJECT_ACLS } from '../../storage/metadata/metadata-store.ts';
import type { STORED_COLUMNS, StoredTable } from '../../storage/metadata/stored-rows.ts';

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
/** Of the clock of the emulator, which may stand before the epoch. */
const timeMs = integer(Number.MIN_SAFE_INTEGER);
const anyText = v.string('must be a text');
const json = v.pipe(
  anyText,
  v.check((value) => parseJson(value) !== undefined, 'must be JSON'),
);
const bit = v.picklist([0, 1], 'must be 0 or 1');

/** What every version of the format has; the rest is read when the version is known. */
export const exportKind = v.looseObject({ format: v.literal(EXPORT_FORMAT), version: integer(1) });

export const exportHead = fields({
  format: v.literal(EXPORT_FORMAT),
  version: v.literal(EXPORT_VERSION),
  /** The version of the emulator that wrote it. */
  emulator: text,
  createdMs: timeMs,
  clock: fields({ nowMs: timeMs, frozen: flag, offsetMs: timeMs }),
  rows: count,
  byteStrings: count,
  /** Of all byte strings. */
  sizeBytes: count,
});

export type ExportHead = v.InferOutput<typeof exportHead>;

export const exportEnd = fields({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });

/**
 * Where the bytes of a row are: the number of their entry, the name of made bytes, which need none, or '' for a row without
 * bytes.
 */
const location = v.union([integer(1), anyText], 'must be a number or a text');

const versionTypes = ['Normal', 'Appendable', 'Multipart', 'Symlink', 'DeleteMarker'] as const;

/** The rows of each table: the columns of the database but for `location`. */
const rowSchemas = {
  buckets: fields({
    name: text,
    acl: choice(BUCKET_ACLS),
    storageClass: text,
    createdMs: timeMs,
    owner: text,
    configurations: json,
  }),
  objects: fields({
    id: integer(1),
    bucket: text,
    key: text,
    versionId: text,
    isCurrent: bit,
    type: choice(versionTypes),
    sizeBytes: count,
    etag: anyText,
    lastModifiedMs: timeMs,
    acl: choice(OBJECT_ACLS),
    location,
    crc64: v.nullable(text),
    contentMd5: v.nullable(text),
    headers: json,
    restore: v.nullable(json),
    accessedMs: v.nullable(timeMs),
  }),
  uploads: fields({
    uploadId: text,
    bucket: text,
    key: text,
    initiatedMs: timeMs,
    acl: choice(OBJECT_ACLS),
    headers: json,
    sequential: bit,
  }),
  parts: fields({
    uploadId: text,
    partNumber: integer(1),
    sizeBytes: count,
    etag: text,
    crc64: text,
    location,
    lastModifiedMs: timeMs,
  }),
  channels: fields({
    bucket: text,
    name: text,
    incarnation: text,
    description: anyText,
    status: choice(['enabled', 'disabled']),
    fragDurationSec: count,
    fragCount: count,
    playlistName: text,
    snapshot: v.nullable(json),
    lastModifiedMs: timeMs,
  }),
  sessions: fields({
    id: text,
    bucket: text,
    channel: text,
    incarnation: text,
    startedMs: timeMs,
    endedMs: v.nullable(timeMs),
    remoteAddr: anyText,
    playlistName: anyText,
  }),
  livePlaylists: fields({ number: integer(1), id: text, nextSequence: count, discontinuities: count }),
  fragments: fields({
    source: text,
    startMs: timeMs,
    uploadedMs: timeMs,
    durationMs: v.pipe(v.number('must be a number'), v.finite('must be a number')),
    sessionId: text,
    playlist: integer(1),
    sequence: count,
    discontinuity: bit,
    discontinuityCount: count,
    path: v.nullable(text),
    widthPx: v.nullable(count),
    heightPx: v.nullable(count),
    objectId: v.nullable(integer(1)),
    isCovered: bit,
  }),
  documents: fields({ kind: text, scope: anyText, name: anyText, createdMs: timeMs, body: json }),
} satisfies {
  readonly [Table in StoredTable]: v.GenericSchema<
    unknown,
    { readonly [Column in (typeof STORED_COLUMNS)[Table][number]]: string | number | null }
  >;
};

/** A line of `rows.ndjson`. */
export const exportedRow = v.variant('table', [
  fields({ table: v.literal('buckets'), row: rowSchemas.buckets }),
  fields({ table: v.literal('objects'), row: rowSchemas.objects }),
  fields({ table: v.literal('uploads'), row: rowSchemas.uploads }),
  fields({ table: v.literal('parts'), row: rowSchemas.parts }),
  fields({ table: v.literal('channels'), row: rowSchemas.channels }),
  fields({ table: v.literal('sessions'), row: rowSchemas.sessions }),
  fields({ table: v.literal('livePlaylists'), row: rowSchemas.livePlaylists }),
  fields({ table: v.literal('fragments'), row: rowSchemas.fragments }),
  fields({ table: v.literal('documents'), row: rowSchemas.documents }),
]);

export type ExportedRow = v.InferOutput<typeof exportedRow>;

/**
 * The kinds of documents that are exported: what was configured and what was recorded. Left out are the secrets (temporary keys,
 * the key that signs addresses of rooms, the key of the certificate of MNS) and what only the running nodes need (requests that
 * were seen, deliveries that wait, definitions of MNS).
 */
const EXPORTED_KINDS: ReadonlySet<string> = new Set([
  'public-access-block',
  'domain',
  'domain-mapping',
  'block',
  'push',
  'recording',
  'record-config',
  'index-file',
  'stream-notify',
  'record-notify',
  'room-event-subscription',
]);

export function isExportedKind(kind: string): boolean {
  return EXPORTED_KINDS.has(kind);
}
