/** The lines of `rows.ndjson`. What is imported must be what the operations of the service could have stored. */
import * as v from 'valibot';
import { isAccountId } from '../../aliyun/credentials.ts';
import { isBucketName } from '../../base/bucket-name.ts';
import { cutText, MAX_TEXT_CHARS } from '../../base/cut-text.ts';
import { jsonMembers, parseJson } from '../../base/encoded-json.ts';
import { keeping, refusalBy } from '../../base/kept-rule.ts';
import { unknownName } from '../../base/nearest.ts';
import { STREAM_ID, streamOf } from '../../base/push-source.ts';
import { choice, fields, integer, isLostName, issueText } from '../../base/schema.ts';
import { clockTime, plannedTime } from '../../base/time-schema.ts';
import { isStreamName } from '../../live/streams/stream-name.ts';
import { checkChannelConfig, checkChannelName, checkPlaylistName } from '../../oss/channel/channel.ts';
import { isConfigurationName, STORED_CONFIGURATIONS } from '../../oss/rest/bucket/stored-configurations.ts';
import { checkStoredHeaders } from '../../oss/rest/object/check-stored-headers.ts';
import { checkObjectKey } from '../../oss/rest/object/object-names.ts';
import { BUCKET_ACLS, OBJECT_ACLS } from '../../storage/metadata/records.ts';
import type { STORED_COLUMNS, StoredTable } from '../../storage/metadata/stored-rows.ts';
import { isVersionId } from '../../storage/metadata/version-id.ts';
import { isStorageClass } from '../../storage/objects/storage-class.ts';
import { exportedKind } from './exported-documents.ts';

/** Deeper than every document of the service; SQLite reads 1,000 levels. */
const MAX_JSON_DEPTH = 100;

/**
 * Of what the service counts on from: as many numbers as this are left before they are not exact any more. Objects keep their
 * numbers, because the ids of versions have them, too.
 */
const MAX_COUNTED = 2 ** 52;
/** `integer` of PostgreSQL. */
const MAX_PIXELS = 2 ** 31 - 1;
/** Timestamps of RTMP have 32 bits. */
const MAX_DURATION_MS = 2 ** 32;

/** Of a name in a refusal. */
const MAX_SHOWN_CHARS = 100;

const sizeBytes = integer(0);
const counted = integer(0, MAX_COUNTED);
const seconds = integer(0);
const anyText = v.pipe(
  v.string('must be a text'),
  v.check((value) => !value.includes('\0'), 'must not have a NUL'),
  v.check((value) => value.isWellFormed(), 'must be Unicode without halves of surrogate pairs'),
);
const shortText = v.pipe(anyText, v.maxLength(MAX_TEXT_CHARS, `must not be longer than ${MAX_TEXT_CHARS} characters`));
const text = v.pipe(shortText, v.minLength(1, 'must not be empty'));
const bit = v.picklist([0, 1], 'must be 0 or 1');
/** A checksum, which is sent in a header of an answer; empty for a delete marker. */
const checksum = v.pipe(
  v.string('must be a text'),
  v.regex(/^[\x21\x23-\x7e]{0,128}$/, 'must be up to 128 visible ASCII characters without a quotation mark'),
);
const asciiLine = v.pipe(shortText, v.regex(/^[\x20-\x7e]*$/, 'must be of visible ASCII characters'));
const bucketName = v.pipe(v.string('must be a text'), v.check(isBucketName, 'must be the name of a bucket'));
const objectKey = v.pipe(text, keeping(checkObjectKey));
const storageClass = v.pipe(v.string('must be a text'), v.check(isStorageClass, 'must be a storage class'));
const durationMs = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must not be negative'),
  v.maxValue(MAX_DURATION_MS, `must not be more than ${MAX_DURATION_MS}`),
);
const pixels = integer(0, MAX_PIXELS);

const headers = jsonOf(
  v.pipe(v.record(v.string(), v.string('must be a text')), keeping(checkStoredHeaders)),
  'must be headers that an object can have: ',
);
/** Each of them is JSON again. */
const configurations = v.pipe(
  v.string('must be a text'),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed ? whyNotConfigurations(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  }),
);
const restore = jsonOf(
  fields({ tier: choice(['Expedited', 'Standard', 'Bulk']), readyMs: plannedTime, expiresMs: plannedTime }),
);
const snapshotConfig = fields({ roleName: text, destBucket: text, notifyTopic: text, intervalSec: seconds });

/**
 * Where the bytes of a row are: the number of their entry, the name of made bytes, which need none, or '' for a delete
 * marker, which has none.
 */
const location = v.union([integer(1), shortText], 'must be a number or a text');

const versionTypes = ['Normal', 'Appendable', 'Multipart', 'Symlink', 'DeleteMarker'] as const;

/** The rows of each table: the columns of the database but for `location`. */
const rowSchemas = {
  buckets: fields({
    name: bucketName,
    acl: choice(BUCKET_ACLS),
    storageClass,
    createdMs: clockTime,
    owner: v.pipe(text, v.check(isAccountId, 'must be the UID of an account: 1 to 32 digits')),
    configurations,
  }),
  objects: v.pipe(
    fields({
      id: integer(1, MAX_COUNTED),
      bucket: bucketName,
      key: objectKey,
      versionId: v.pipe(text, v.check(isVersionId, 'must be the id of a version')),
      isCurrent: bit,
      type: choice(versionTypes),
      sizeBytes,
      etag: checksum,
      lastModifiedMs: clockTime,
      acl: choice(OBJECT_ACLS),
      location,
      crc64: v.nullable(checksum),
      contentMd5: v.nullable(checksum),
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
    uploadId: v.pipe(asciiLine, v.minLength(1, 'must not be empty')),
    bucket: bucketName,
    key: objectKey,
    initiatedMs: clockTime,
    acl: choice(OBJECT_ACLS),
    headers,
    sequential: bit,
  }),
  parts: v.pipe(
    fields({
      uploadId: v.pipe(asciiLine, v.minLength(1, 'must not be empty')),
      partNumber: integer(1, 10_000),
      sizeBytes,
      etag: checksum,
      crc64: checksum,
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
      description: shortText,
      status: choice(['enabled', 'disabled']),
      fragDurationSec: seconds,
      fragCount: counted,
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
    remoteAddr: asciiLine,
    playlistName: v.pipe(text, keeping(checkPlaylistName)),
  }),
  livePlaylists: fields({ number: integer(1), id: text, nextSequence: counted, discontinuities: counted }),
  fragments: fields({
    source: v.pipe(text, v.check(isSource, 'must be a channel of a bucket or a stream')),
    startMs: clockTime,
    uploadedMs: clockTime,
    durationMs,
    sessionId: text,
    playlist: integer(1),
    sequence: counted,
    discontinuity: bit,
    discontinuityCount: counted,
    path: v.nullable(v.pipe(text, v.check(isObjectPath, 'must be a bucket and a key'))),
    widthPx: v.nullable(pixels),
    heightPx: v.nullable(pixels),
    objectId: v.nullable(integer(1, MAX_COUNTED)),
    isCovered: bit,
  }),
  documents: v.pipe(
    fields({ kind: text, scope: shortText, name: shortText, createdMs: clockTime, body: anyText }),
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

function isSource(source: string): boolean {
  if (source.startsWith(STREAM_ID)) {
    const stream = streamOf(source);
    return stream !== undefined && isStreamName(stream.app) && isStreamName(stream.stream);
  }
  const [bucket, channel] = halves(source);
  return isBucketName(bucket) && refusalBy(() => checkChannelName(channel)) === undefined;
}

function isObjectPath(path: string): boolean {
  const [bucket, key] = halves(path);
  return isBucketName(bucket) && key !== '' && refusalBy(() => checkObjectKey(key)) === undefined;
}

/** What is before the first slash, and what is behind it. */
function halves(path: string): readonly [string, string] {
  const slash = path.indexOf('/');
  return slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
}

function whyNotOfItsKind({ kind, body }: { readonly kind: string; readonly body: string }): string | undefined {
  const documents = exportedKind(kind);
  if (!documents) return 'has a kind of document that is not imported';
  const unfit = whyNot(documents.body, body);
  return unfit === undefined ? undefined : `is no document of the kind ${kind}: ${unfit}`;
}

function whyNotConfigurations(stored: string): string | undefined {
  const documents = jsonMembers(parseJson(stored));
  if (!documents) return 'must be configurations by name';
  for (const [name, document] of documents) {
    if (!isConfigurationName(name)) {
      return `has an ${unknownName('configuration', cutText(name, MAX_SHOWN_CHARS), Object.keys(STORED_CONFIGURATIONS))}`;
    }
    const unfit = typeof document === 'string' ? whyNot(STORED_CONFIGURATIONS[name], document) : 'must be a text';
    if (unfit !== undefined) return `has a ${name} that cannot be one: it ${unfit}`;
  }
  return undefined;
}

/** A text that is such a document as JSON; it stays a text. */
function jsonOf(schema: v.GenericSchema, what = '') {
  return v.pipe(
    v.string('must be a text'),
    v.rawCheck(({ dataset, addIssue }) => {
      const unfit = dataset.typed ? whyNot(schema, dataset.value) : undefined;
      if (unfit !== undefined) addIssue({ message: `${what}${unfit}` });
    }),
  );
}

/** Why a text is no such document as JSON. */
function whyNot(schema: v.GenericSchema, encoded: string): string | undefined {
  const document = parseJson(encoded);
  if (document === undefined) return 'must be JSON';
  const unfit = whyNotStored(document, MAX_JSON_DEPTH);
  if (unfit !== undefined) return unfit;
  const read = v.safeParse(schema, document, { abortEarly: true });
  return read.success ? undefined : issueText(read.issues[0]);
}

/** Why no document that is stored has such a value in it. */
function whyNotStored(value: unknown, levels: number): string | undefined {
  if (typeof value === 'string') {
    return value.isWellFormed() && !value.includes('\0')
      ? undefined
      : 'must be Unicode without NUL and halves of surrogate pairs';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return `must not be nested deeper than ${MAX_JSON_DEPTH} levels`;
  for (const [name, inner] of Object.entries(value)) {
    if (isLostName(name)) return `must not have anything named ${name}`;
    const unfit = whyNotStored(name, levels) ?? whyNotStored(inner, levels - 1);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}
