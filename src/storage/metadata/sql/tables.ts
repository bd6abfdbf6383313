import type { Generated, GeneratedAlways } from 'kysely';
import type { BucketAcl, ChannelStatus, DocumentRecord, ObjectAcl, ObjectVersion, Versioning } from '../records.ts';

/**
 * The tables as the migrations leave them. Columns have the names of the fields in `metadata-store.ts`, so that a row
 * needs no conversion; only booleans (0 and 1) and JSON texts differ.
 */
export interface Tables {
  buckets: BucketTable;
  objects: ObjectTable;
  uploads: UploadTable;
  parts: PartTable;
  channels: ChannelTable;
  sessions: SessionTable;
  livePlaylists: LivePlaylistTable;
  fragments: FragmentTable;
  documents: DocumentRecord;
}

/** Those that others refer to come first. */
export const TABLE_NAMES = [
  'buckets',
  'objects',
  'uploads',
  'parts',
  'channels',
  'sessions',
  'livePlaylists',
  'fragments',
  'documents',
] as const satisfies readonly (keyof Tables)[];

interface BucketTable {
  name: string;
  acl: BucketAcl;
  storageClass: string;
  createdMs: number;
  owner: string;
  /** JSON object of texts. */
  configurations: string;
  /** As `configurations` says; null when it was never configured. */
  versioning: GeneratedAlways<Versioning | null>;
  /** In SQLite alone, where triggers update them. This code never writes the counters. */
  objectCount: Generated<number>;
  deleteMarkerCount: Generated<number>;
  storageBytes: Generated<number>;
  liveChannelCount: Generated<number>;
  multipartUploadCount: Generated<number>;
}

/** A row is a version. */
interface ObjectTable {
  /** Of two versions of a key the newer one has the higher number. */
  id: Generated<number>;
  bucket: string;
  key: string;
  versionId: string;
  /** 1 for the newest version of a key, also when it is a delete marker. */
  isCurrent: number;
  type: ObjectVersion['type'];
  sizeBytes: number;
  etag: string;
  lastModifiedMs: number;
  acl: ObjectAcl;
  location: string;
  crc64: string | null;
  contentMd5: string | null;
  /** JSON object of texts. */
  headers: string;
  /** JSON of a Restore. */
  restore: string | null;
  accessedMs: number | null;
}

interface UploadTable {
  uploadId: string;
  bucket: string;
  key: string;
  initiatedMs: number;
  acl: ObjectAcl;
  /** JSON object of texts. */
  headers: string;
  sequential: number;
}

interface PartTable {
  uploadId: string;
  partNumber: number;
  sizeBytes: number;
  etag: string;
  crc64: string;
  location: string;
  lastModifiedMs: number;
}

interface ChannelTable {
  bucket: string;
  name: string;
  incarnation: string;
  description: string;
  status: ChannelStatus;
  fragDurationSec: number;
  fragCount: number;
  playlistName: string;
  /** JSON of a SnapshotConfig. */
  snapshot: string | null;
  lastModifiedMs: number;
}

interface SessionTable {
  number: Generated<number>;
  id: string;
  bucket: string;
  channel: string;
  incarnation: string;
  startedMs: number;
  endedMs: number | null;
  remoteAddr: string;
  playlistName: string;
}

interface LivePlaylistTable {
  number: Generated<number>;
  id: string;
  nextSequence: number;
  /** How many of its fragments have begun with a discontinuity, those included that were deleted. */
  discontinuities: Generated<number>;
}

interface FragmentTable {
  source: string;
  startMs: number;
  uploadedMs: number;
  durationMs: number;
  sessionId: string;
  /** `livePlaylists.number`. */
  playlist: number;
  sequence: number;
  discontinuity: number;
  /** `livePlaylists.discontinuities` when it was stored, its own included. */
  discontinuityCount: Generated<number>;
  path: string | null;
  widthPx: number | null;
  heightPx: number | null;
  /** `objects.id`: the version that contains its bytes; null when it was deleted. */
  objectId: number | null;
  /** A trigger sets it: 1 while that version is not the current one. */
  isCovered: Generated<number>;
}
