/** What is stored. All times are milliseconds since the Unix epoch. */

export const BUCKET_ACLS = ['private', 'public-read', 'public-read-write'] as const;
export type BucketAcl = (typeof BUCKET_ACLS)[number];
export const OBJECT_ACLS = ['default', ...BUCKET_ACLS] as const;
export type ObjectAcl = (typeof OBJECT_ACLS)[number];

export interface Bucket {
  readonly name: string;
  readonly acl: BucketAcl;
  /** Of its objects, unless they have one of their own. */
  readonly storageClass: string;
  readonly createdMs: number;
  /** UID of the account that created it. */
  readonly owner: string;
  /** Parsed bucket configurations by sub-resource name (`cors`, `referer`, ...), as JSON text. */
  readonly configurations: Readonly<Record<string, string>>;
}

export type Versioning = 'Enabled' | 'Suspended';

/**
 * The id of a version that was stored without versioning, or while it was suspended. At most one version of a key has it.
 */
export const NULL_VERSION = 'null';

export type ObjectType = 'Normal' | 'Appendable' | 'Multipart' | 'Symlink';

/** The faster it is, the more it costs at the service. */
export type RestoreTier = 'Expedited' | 'Standard' | 'Bulk';

/** The latest restore of an archived object, which can be read from `readyMs` until `expiresMs`. */
export interface Restore {
  readonly tier: RestoreTier;
  readonly readyMs: number;
  readonly expiresMs: number;
}

/** An object that is to be stored; the store gives it its version. */
export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** Without quotes, 32 upper-case hex digits (followed by `-n` for a multipart upload). */
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly acl: ObjectAcl;
  /** Where the bytes are: what `ObjectWriter.commit` resolved to. */
  readonly location: string;
  /** CRC-64/ECMA in decimal; null for recorded fragments, for which it is not computed. */
  readonly crc64: string | null;
  /** Base64 MD5; null when the ETag is not an MD5. */
  readonly contentMd5: string | null;
  /** Stored response headers by lower-case name: content-type, cache-control, x-oss-meta-*, ... */
  readonly headers: Readonly<Record<string, string>>;
  /** Null when it was never restored. */
  readonly restore: Restore | null;
  /** When its bytes were last read; null unless that is kept, which an access monitor of the bucket asks for. */
  readonly accessedMs: number | null;
}

export interface ObjectRecord extends NewObject {
  readonly versionId: string;
}

/** A version that says that the object is deleted. It has no bytes. */
export interface DeleteMarker {
  readonly type: 'DeleteMarker';
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly lastModifiedMs: number;
}

export type ObjectVersion = ObjectRecord | DeleteMarker;

export interface SnapshotConfig {
  readonly roleName: string;
  readonly destBucket: string;
  readonly notifyTopic: string;
  readonly intervalSec: number;
}

export type ChannelStatus = 'enabled' | 'disabled';

export interface ChannelRecord {
  readonly bucket: string;
  readonly name: string;
  /** Differs after delete and create. History and live playlists belong to one incarnation. */
  readonly incarnation: string;
  readonly description: string;
  readonly status: ChannelStatus;
  readonly fragDurationSec: number;
  readonly fragCount: number;
  readonly playlistName: string;
  readonly snapshot: SnapshotConfig | null;
  readonly lastModifiedMs: number;
}

/** One push. `endedMs` is null while it lasts. */
export interface SessionRecord {
  readonly id: string;
  readonly bucket: string;
  readonly channel: string;
  readonly incarnation: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** `ip:port`. */
  readonly remoteAddr: string;
  /** The live playlist it writes. */
  readonly playlistName: string;
}

export type SessionName = Pick<SessionRecord, 'id' | 'bucket' | 'channel'>;

/**
 * One recorded fragment. For a channel the row exists as long as its object: deleting or replacing the object removes
 * it, and while a later version or a delete marker covers its version it is left out. For a stream of ApsaraVideo Live the
 * row remains without the object.
 */
export interface FragmentRecord {
  /** Whose recording it is: `sourceId`. */
  readonly source: string;
  /**
   * Wall clock at opening, or a little later where another fragment had that start; followed by `.ts` it is the name of a
   * channel's fragment. Unique within the source. When the clock is set back, a later fragment has an earlier start.
   */
  readonly startMs: number;
  /** Wall clock when it was stored. */
  readonly uploadedMs: number;
  readonly durationMs: number;
  readonly sessionId: string;
  /** The playlist that lists it: `incarnation/playlistName` of a channel, the recording of a stream. */
  readonly playlistId: string;
  /** Position in that playlist, from 0. */
  readonly sequence: number;
  /** The timeline is not continuous before it (first fragment of a session, or after a time jump). */
  readonly discontinuity: boolean;
  /** `bucket/key` of a stream's fragment; null for a channel's, because its name follows from source and start. */
  readonly path: string | null;
  /** For a stream's fragment, if its configuration record could be parsed. */
  readonly picture: PictureSize | null;
}

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The fields of a fragment that a playlist needs. */
export interface FragmentEntry
  extends Pick<FragmentRecord, 'startMs' | 'durationMs' | 'sessionId' | 'sequence' | 'discontinuity' | 'path'> {
  /** Its object was deleted, or is covered by a later version. */
  readonly isGone: boolean;
  /**
   * How many discontinuities its playlist had when it was stored, its own included. It stays the same when fragments
   * before it are deleted.
   */
  readonly discontinuityCount: number;
}

/** A finished push with everything it recorded, to be stored in one step. */
export interface PastPush {
  /** Finished; replaces one of the same id. */
  readonly session: SessionRecord & { readonly endedMs: number };
  readonly playlistId: string;
  /** Ascending, in consecutive sequence; no object has the name of one of them. */
  readonly fragments: readonly RecordedFragment[];
  /** Response headers of the fragments' objects. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RecordedFragment {
  readonly startMs: number;
  readonly durationMs: number;
  readonly sequence: number;
  readonly discontinuity: boolean;
  readonly sizeBytes: number;
  readonly location: string;
}

export interface MultipartUpload {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedMs: number;
  readonly acl: ObjectAcl;
  readonly headers: Readonly<Record<string, string>>;
  /** Its parts come in the order of their numbers, from 1. */
  readonly sequential: boolean;
}

export interface UploadedPart {
  readonly uploadId: string;
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly crc64: string;
  readonly location: string;
  readonly lastModifiedMs: number;
}

/** Bytes that a row names. */
export interface NamedBytes {
  readonly location: string;
  readonly sizeBytes: number;
}

export type NamedLocation = Pick<NamedBytes, 'location'>;

/** A small value that is always written and read as a whole: configuration and history of ApsaraVideo Live. */
export interface DocumentRecord {
  readonly kind: string;
  /** What it belongs to, e.g. a domain. */
  readonly scope: string;
  /** Unique within kind and scope. */
  readonly name: string;
  readonly createdMs: number;
  /** JSON. */
  readonly body: string;
}

/** The kind of the document that says where the bytes are. A database that is emptied still belongs to that place. */
export const BYTES_PLACE_KIND = 'bytes-place';

/** The kinds of documents that have an end: the pushes and the recordings of streams. */
export const OPEN_KINDS = ['push', 'recording'] as const;

export type OpenKind = (typeof OPEN_KINDS)[number];
