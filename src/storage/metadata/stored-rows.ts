/**
 * All rows as they are moved from one database to another. The columns have the same names and the same values in every database;
 * what a database numbers or counts by itself is left out.
 */
export const STORED_COLUMNS = {
  buckets: ['name', 'acl', 'storageClass', 'createdMs', 'owner', 'configurations'],
  objects: [
    'id',
    'bucket',
    'key',
    'versionId',
    'isCurrent',
    'type',
    'sizeBytes',
    'etag',
    'lastModifiedMs',
    'acl',
    'location',
    'crc64',
    'contentMd5',
    'headers',
    'restore',
    'accessedMs',
  ],
  uploads: ['uploadId', 'bucket', 'key', 'initiatedMs', 'acl', 'headers', 'sequential'],
  parts: ['uploadId', 'partNumber', 'sizeBytes', 'etag', 'crc64', 'location', 'lastModifiedMs'],
  channels: [
    'bucket',
    'name',
    'incarnation',
    'description',
    'status',
    'fragDurationSec',
    'fragCount',
    'playlistName',
    'snapshot',
    'lastModifiedMs',
  ],
  sessions: ['id', 'bucket', 'channel', 'incarnation', 'startedMs', 'endedMs', 'remoteAddr', 'playlistName'],
  livePlaylists: ['number', 'id', 'nextSequence', 'discontinuities'],
  fragments: [
    'source',
    'startMs',
    'uploadedMs',
    'durationMs',
    'sessionId',
    'playlist',
    'sequence',
    'discontinuity',
    'discontinuityCount',
    'path',
    'widthPx',
    'heightPx',
    'objectId',
    'isCovered',
  ],
  documents: ['kind', 'scope', 'name', 'createdMs', 'body'],
} as const;

export type StoredTable = keyof typeof STORED_COLUMNS;

export type StoredValue = string | number | null;

export interface StoredRow {
  readonly table: StoredTable;
  /** By column, each of STORED_COLUMNS. */
  readonly row: Readonly<Record<string, StoredValue>>;
}
