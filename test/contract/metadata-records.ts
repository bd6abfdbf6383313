import type {
  Bucket,
  ChannelRecord,
  FragmentRecord,
  MultipartUpload,
  ObjectRecord,
  SessionRecord,
  UploadedPart,
} from '../../src/storage/metadata/records.ts';

/** Records with sensible content; a test gives only the fields that it checks. */

export const NOON_MS = Date.UTC(2025, 0, 1, 12);

/**
 * The first character in the order of names. The node:sqlite of Node 22 ends a text at a NUL when it reads it, and
 * refuses to store one.
 */
export const FIRST_CHARACTER = process.versions.node.startsWith('22.') ? '\u0001' : '\0';

/** What differs between the stores that have the contract. */
export interface StoreTraits {
  /** The first character that a name can have. */
  readonly firstCharacter?: string;
  /** How many random cases a property is tried with. */
  readonly runs?: number;
}

export function bucket(fields: Partial<Bucket> = {}): Bucket {
  return {
    name: 'examplebucket',
    acl: 'private',
    storageClass: 'Standard',
    createdMs: NOON_MS,
    owner: '1234567890123456',
    configurations: {},
    ...fields,
  };
}

export function object(key: string, fields: Partial<ObjectRecord> = {}): ObjectRecord {
  return {
    bucket: 'examplebucket',
    key,
    type: 'Normal',
    sizeBytes: 3,
    etag: '900150983CD24FB0D6963F7D28E17F72',
    lastModifiedMs: NOON_MS,
    acl: 'default',
    location: `at/${key}`,
    crc64: '11051210869376104954',
    contentMd5: 'kAFQmDzST7DWlj99KOF/cg==',
    versionId: 'null',
    headers: { 'content-type': 'text/plain', 'x-oss-meta-name': 'Zürich 🎥' },
    restore: null,
    accessedMs: null,
    ...fields,
  };
}

export function channel(name: string, fields: Partial<ChannelRecord> = {}): ChannelRecord {
  return {
    bucket: 'examplebucket',
    name,
    incarnation: 'first',
    description: 'door cam',
    status: 'enabled',
    fragDurationSec: 5,
    fragCount: 3,
    playlistName: 'playlist.m3u8',
    snapshot: null,
    lastModifiedMs: NOON_MS,
    ...fields,
  };
}

export function session(id: string, fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id,
    bucket: 'examplebucket',
    channel: 'door',
    incarnation: 'first',
    startedMs: NOON_MS,
    endedMs: null,
    remoteAddr: '192.0.2.1:50000',
    playlistName: 'playlist.m3u8',
    ...fields,
  };
}

/** The object of a fragment and its index row, `index` seconds after noon. */
export function fragment(index: number, fields: Partial<FragmentRecord> = {}): [ObjectRecord, FragmentRecord] {
  const row: FragmentRecord = {
    source: 'examplebucket/door',
    startMs: NOON_MS + index * 1000,
    uploadedMs: NOON_MS + index * 1000 + 1000,
    durationMs: 1000,
    sessionId: 'a-push',
    playlistId: 'first/playlist.m3u8',
    sequence: index,
    discontinuity: false,
    path: null,
    picture: null,
    ...fields,
  };
  const folder = row.source.slice('examplebucket/'.length);
  return [object(`${folder}/${row.startMs}.ts`, { crc64: null, contentMd5: null }), row];
}

/** The same for a stream of ApsaraVideo Live. */
export function streamFragment(index: number, fields: Partial<FragmentRecord> = {}): [ObjectRecord, FragmentRecord] {
  const key = `record/app/s1/${index}.ts`;
  const picture = { widthPx: 640, heightPx: 360 };
  const row = { source: 'live:*/app/s1', path: `examplebucket/${key}`, playlistId: 'a-recording', picture };
  return [object(key, { crc64: null, contentMd5: null }), fragment(index, { ...row, ...fields })[1]];
}

export function upload(key: string, uploadId: string, fields: Partial<MultipartUpload> = {}): MultipartUpload {
  return {
    bucket: 'examplebucket',
    key,
    uploadId,
    initiatedMs: NOON_MS,
    acl: 'private',
    headers: {},
    sequential: false,
    ...fields,
  };
}

export function part(uploadId: string, partNumber: number, fields: Partial<UploadedPart> = {}): UploadedPart {
  return {
    uploadId,
    partNumber,
    sizeBytes: 100,
    etag: '900150983CD24FB0D6963F7D28E17F72',
    crc64: '1',
    location: `part/${uploadId}/${partNumber}`,
    lastModifiedMs: NOON_MS,
    ...fields,
  };
}
