/** The lines of `rows.ndjson`. What is imported must be what the operations of the service could have stored. */
import * as v from 'valibot';
import { isBucketName } from '../../base/bucket-name.ts';
import { parseJson, parseJsonObject } from '../../base/encoded-json.ts';
import { OssError } from '../../base/errors.ts';
import { choice, fields, integer, issueText } from '../../base/schema.ts';
import { clockTime, plannedTime } from '../../base/time-schema.ts';
import { isSendableHeader } from '../../http/sendable-header.ts';
import { checkChannelConfig, checkChannelName, checkPlaylistName } from '../../oss/channel/channel.ts';
import { isStoredHeader } from '../../oss/rest/object/object-headers.ts';
import { checkObjectKey } from '../../oss/rest/object/object-names.ts';
import { BUCKET_ACLS, OBJECT_ACLS } from '../../storage/metadata/metadata-store.ts';
import type { STORED_COLUMNS, StoredTable } from '../../storage/metadata/stored-rows.ts';
import { isStorageClass } from '../../storage/objects/storage-class.ts';
import { exportedKind } from './exported-documents.ts';

/** Deeper than every document of the service; SQLite reads 1,000 levels. */
const MAX_JSON_DEPTH = 100;

const count = integer(0);
const anyText = v.pipe(
  v.string('must be a text'),
  v.check((value) => !value.includes('\0'), 'must not have a NUL'),
);
const text = v.pipe(anyText, v.minLength(1, 'must not be empty'));
const bit = v.picklist([0, 1], 'must be 0 or 1');
/** Sent in a header of an answer. */
const sent = v.pipe(
  anyText,
  v.check((value) => isSendableHeader('etag', value), 'must be what a header can carry'),
);
const bucketName = v.pipe(v.string('must be a text'), v.check(isBucketName, 'must be the name of a bucket'));
const objectKey = v.pipe(text, keeping(checkObjectKey));
const storageClass = v.pipe(v.string('must be a text'), v.check(isStorageClass, 'must be a storage class'));
const durationMs = v.pipe(
  v.number('must be a number'),
  v.finite('must be a number'),
  v.minValue(0, 'must not be negative'),
);

const headers = v.pipe(
  v.string('must be a text'),
  v.check((value) => {
    const stored = parseJsonObject(value);
    return stored !== undefined && [...stored].every(([name, header]) => isHeaderOfObject(name, header));
  }, 'must be headers that an object can have'),
);
/** Each of them is JSON again. */
const configurations = v.pipe(
  v.string('must be a text'),
  v.check((value) => {
    const stored = parseJsonObject(value);
    return stored !== undefined && [...stored.values()].every((document) => isJson(document));
  }, 'must be configurations by name'),
);
const restore = jsonOf(
  fields({ tier: choice(['Expedited', 'Standard', 'Bulk']), readyMs: plannedTime, expiresMs: plannedTime }),
);
const snapshotConfig = fields({ roleName: text, destBucket: text, notifyTopic: text, intervalSec: count });

/**
 * Where the bytes of a row are: the number of their entry, the name of made bytes, which need none, or '' for a delete
 * marker, which has none.
 */
const location = v.union([integer(1), anyText], 'must be a number or a text');

const versionTypes = ['Normal', 'Appendable', 'Multipart', 'Symlink', 'DeleteMarker'] as const;

/** The rows of each table: the columns of the database but for `location`. */
const rowSchemas = {
  buckets: fields({
    name: bucketName,
    acl: choice(BUCKET_ACLS),
    storageClass,
    createdMs: clockTime,
    owner: text,
    configurations,
  }),
  objects: v.pipe(
    fields({
      id: integer(1),
      bucket: bucketName,
      key: objectKey,
      versionId: v.pipe(sent, v.minLength(1, 'must not be empty')),
      isCurrent: bit,
      type: choice(versionTypes),
      sizeBytes: count,
      etag: sent,
      lastModifiedMs: clockTime,
      acl: choice(OBJECT_ACLS),
      location,
      crc64: v.nullable(sent),
      contentMd5: v.nullable(sent),
      headers,
      restore: v.nullable(restore),
      accessedMs: v.nullable(clockTime),
    }),
    v.check(
      ({ type, location: place, sizeBytes }) =>
        type === 'DeleteMarker' ? place === '' && sizeBytes === 0 : place !== '',
      'must have bytes, unless it is a delete marker',
    ),
  ),
  uploads: fields({
    uploadId: text,
    bucket: bucketName,
    key: objectKey,
    initiatedMs: clockTime,
    acl: choice(OBJECT_ACLS),
    headers,
    sequential: bit,
  }),
  parts: v.pipe(
    fields({
      uploadId: text,
      partNumber: integer(1, 10_000),
      sizeBytes: count,
      etag: sent,
      crc64: sent,
      location,
      lastModifiedMs: clockTime,
    }),
    v.check(({ location: place }) => place !== '', 'must have bytes'),
  ),
  channels: v.pipe(
    fields({
      bucket: bucketName,
      name: v.pipe(text, keeping(checkChannelName)),
      incarnation: text,
      description: anyText,
      status: choice(['enabled', 'disabled']),
      fragDurationSec: count,
      fragCount: count,
      playlistName: text,
      snapshot: v.nullable(jsonOf(snapshotConfig)),
      lastModifiedMs: clockTime,
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed ? refusalBy(() => checkChannelRow(dataset.value)) : undefined;
      if (message !== undefined) addIssue({ message });
    }),
  ),
  sessions: fields({
    id: text,
    bucket: bucketName,
    channel: v.pipe(text, keeping(checkChannelName)),
    incarnation: text,
    startedMs: clockTime,
    endedMs: v.nullable(plannedTime),
    remoteAddr: anyText,
    playlistName: v.pipe(text, keeping(checkPlaylistName)),
  }),
  livePlaylists: fields({ number: integer(1), id: text, nextSequence: count, discontinuities: count }),
  fragments: fields({
    source: text,
    startMs: clockTime,
    uploadedMs: clockTime,
    durationMs,
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
  documents: v.pipe(
    fields({ kind: text, scope: anyText, name: anyText, createdMs: clockTime, body: anyText }),
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed ? whyNotOfItsKind(dataset.value) : undefined;
      if (message !== undefined) addIssue({ message });
    }),
  ),
} satisfies {
  readonly [Table in StoredTable]: v.GenericSchema<
    unknown,
    { readonly [Column in (typeof STORED_COLUMNS)[Table][number]]: string | number | null }
  >;
};

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

/** A rule of OSS about a name. */
function keeping(check: (name: string) => void) {
  return v.rawCheck<string>(({ dataset, addIssue }) => {
    const message = dataset.typed ? refusalBy(() => check(dataset.value)) : undefined;
    if (message !== undefined) addIssue({ message });
  });
}

function refusalBy(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof OssError)) throw error;
    return `is refused (${error.message.replace(/\.$/, '')})`;
  }
}

interface ChannelRow {
  readonly description: string;
  readonly status: string;
  readonly fragDurationSec: number;
  readonly fragCount: number;
  readonly playlistName: string;
  readonly snapshot: string | null;
}

/** @throws OssError when PutLiveChannel would refuse such a channel */
function checkChannelRow(row: ChannelRow): void {
  const { description, status, fragDurationSec, fragCount, playlistName } = row;
  const target = { type: 'HLS', fragDuration: String(fragDurationSec), fragCount: String(fragCount), playlistName };
  const snapshot = row.snapshot === null ? undefined : v.parse(snapshotConfig, parseJson(row.snapshot));
  const snapshots = snapshot ? [{ ...snapshot, interval: String(snapshot.intervalSec) }] : [];
  checkChannelConfig({ description, status, target, snapshots });
}

function whyNotOfItsKind({ kind, body }: { readonly kind: string; readonly body: string }): string | undefined {
  const documents = exportedKind(kind);
  if (!documents) return 'has a kind of document that is not imported';
  const read = v.safeParse(jsonOf(documents.body), body, { abortEarly: true });
  if (read.success) return undefined;
  return `is no document of the kind ${kind}: ${issueText(read.issues[0])}`;
}

/** A text that is such a document as JSON; it stays a text. */
function jsonOf(schema: v.GenericSchema) {
  return v.pipe(
    v.string('must be a text'),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const document = isJson(dataset.value) ? parseJson(dataset.value) : undefined;
      const read = v.safeParse(schema, document, { abortEarly: true });
      if (!read.success) addIssue({ message: issueText(read.issues[0]) });
    }),
  );
}

function isHeaderOfObject(name: string, value: unknown): boolean {
  return typeof value === 'string' && isStoredHeader(name) && isSendableHeader(name, value);
}

function isJson(text: unknown): boolean {
  const document = typeof text === 'string' ? parseJson(text) : undefined;
  return document !== undefined && !isDeeperThan(document, MAX_JSON_DEPTH);
}

function isDeeperThan(document: unknown, levels: number): boolean {
  if (typeof document !== 'object' || document === null) return false;
  return levels === 0 || Object.values(document).some((inner) => isDeeperThan(inner, levels - 1));
}
