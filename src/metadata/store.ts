/**
 * Everything we know that is not bytes: buckets, objects, channels, sessions (push history) and the fragment index.
 * One port for all of it, because an answer often spans two of them and must be consistent.
 *
 * All names sort by their UTF-8 bytes. All times are milliseconds since the Unix epoch.
 */

export const BUCKET_ACLS = ['private', 'public-read', 'public-read-write'] as const;
export type BucketAcl = (typeof BUCKET_ACLS)[number];
export const OBJECT_ACLS = ['default', ...BUCKET_ACLS] as const;
export type ObjectAcl = (typeof OBJECT_ACLS)[number];

export interface Bucket {
  readonly name: string;
  readonly acl: BucketAcl;
  readonly storageClass: string;
  readonly createdMs: number;
  /** Parsed bucket configurations by sub-resource name (`cors`, `referer`, ...), as JSON text. */
  readonly configurations: Readonly<Record<string, string>>;
}

export type ObjectType = 'Normal' | 'Appendable' | 'Multipart' | 'Symlink';

export interface ObjectRecord {
  readonly bucket: string;
  readonly key: string;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** Without quotes, 32 upper-case hex digits (with `-n` behind it for a multipart upload). */
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly acl: ObjectAcl;
  /** Where the bytes are: what `ObjectWriter.commit` resolved to. */
  readonly location: string;
  /** CRC-64/ECMA in decimal; absent for recorded fragments, whose sums nobody has computed. */
  readonly crc64: string | null;
  /** Base64 MD5; absent where the ETag is not an MD5. */
  readonly contentMd5: string | null;
  /** Stored response headers by lower-case name: content-type, cache-control, x-oss-meta-*, ... */
  readonly headers: Readonly<Record<string, string>>;
}

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
  /** Differs after delete and create; history and live playlists belong to one incarnation. */
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

/** One recorded fragment. It lives and dies with its object: deleting or replacing the object removes this row. */
export interface FragmentRecord {
  readonly bucket: string;
  /** The folder it is in: the channel's name. */
  readonly channel: string;
  /** Wall clock at opening; with `.ts` behind it, its name. Unique in (bucket, channel). */
  readonly startMs: number;
  readonly durationMs: number;
  readonly sessionId: string;
  /** `incarnation/playlistName`: which live playlist it was listed in. */
  readonly playlistId: string;
  /** Position in that live playlist, from 0. */
  readonly sequence: number;
  /** The timeline breaks before it (first fragment of a session, or after a time jump). */
  readonly discontinuity: boolean;
}

/** A push of the past with everything it recorded, to be stored in one step. */
export interface Recording {
  /** Finished; replaces one of the same id. */
  readonly session: SessionRecord & { readonly endedMs: number };
  readonly playlistId: string;
  /** Ascending, in consecutive sequence; no object has the name of one of them. */
  readonly fragments: readonly RecordedFragment[];
  /** Of the fragments' objects. */
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

/** What a VOD or live playlist needs of a fragment. */
export type FragmentEntry = Pick<FragmentRecord, 'startMs' | 'durationMs' | 'sessionId' | 'sequence' | 'discontinuity'>;

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly truncated: boolean;
}

export interface PageQuery {
  readonly prefix: string;
  /** Exclusive: only names after it. Empty: from the start. */
  readonly marker: string;
  readonly limit: number;
}

/** Objects and common prefixes in one byte order, as they count against `limit` together. */
export type ObjectListing = { readonly object: ObjectRecord } | { readonly commonPrefix: string };

export interface BucketUsage {
  readonly objectCount: number;
  readonly storageBytes: number;
  readonly liveChannelCount: number;
  readonly multipartUploadCount: number;
}

export type DeleteBucketOutcome = 'deleted' | 'missing' | 'has-objects' | 'has-channels' | 'has-uploads';

export interface MultipartUpload {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedMs: number;
  readonly acl: ObjectAcl;
  readonly headers: Readonly<Record<string, string>>;
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

export interface MetadataStore {
  // buckets
  putBucket(bucket: Bucket): Promise<void>;
  getBucket(name: string): Promise<Bucket | undefined>;
  listBuckets(query: PageQuery): Promise<Page<Bucket>>;
  /** Checks and deletes in one step. */
  deleteBucket(name: string): Promise<DeleteBucketOutcome>;
  bucketUsage(name: string): Promise<BucketUsage>;

  // objects
  /** Inserts or replaces; resolves to the location of the bytes that were replaced, for the caller to delete. */
  putObject(object: ObjectRecord): Promise<string | undefined>;
  /** The same, together with the index row of the fragment it holds, in one step. */
  putFragment(object: ObjectRecord, fragment: FragmentRecord): Promise<void>;
  /** The same for a whole push, thousands of fragments at once. */
  putRecording(recording: Recording): Promise<void>;
  getObject(bucket: string, key: string): Promise<ObjectRecord | undefined>;
  /** Resolves to the location of the bytes, for the caller to delete; undefined when there was no such object. */
  deleteObject(bucket: string, key: string): Promise<string | undefined>;
  listObjects(bucket: string, query: PageQuery & { readonly delimiter: string }): Promise<Page<ObjectListing>>;

  // multipart uploads
  putUpload(upload: MultipartUpload): Promise<void>;
  getUpload(uploadId: string): Promise<MultipartUpload | undefined>;
  /** By key, then upload id. `marker` is a key, `uploadIdMarker` an upload id within that key; both exclusive. */
  listUploads(bucket: string, query: PageQuery & { readonly uploadIdMarker: string }): Promise<Page<MultipartUpload>>;
  /** Removes the upload and its parts; resolves to the parts. */
  deleteUpload(uploadId: string): Promise<readonly UploadedPart[]>;
  /** Inserts or replaces; resolves to the location that was replaced. */
  putPart(part: UploadedPart): Promise<string | undefined>;
  listParts(uploadId: string, afterPartNumber: number, limit: number): Promise<Page<UploadedPart>>;

  // channels
  putChannel(channel: ChannelRecord): Promise<void>;
  getChannel(bucket: string, name: string): Promise<ChannelRecord | undefined>;
  /** Every bucket's channel of this name; for RTMP addresses without a bucket. */
  findChannels(name: string): Promise<readonly ChannelRecord[]>;
  listChannels(bucket: string, query: PageQuery): Promise<Page<ChannelRecord>>;
  deleteChannel(bucket: string, name: string): Promise<void>;

  // sessions
  openSession(session: SessionRecord): Promise<void>;
  endSession(id: string, endedMs: number): Promise<void>;
  /** The latest `limit` finished sessions, oldest first. */
  listSessions(bucket: string, channel: string, incarnation: string, limit: number): Promise<readonly SessionRecord[]>;
  /** Sessions that were open when the process died. */
  listOpenSessions(): Promise<readonly SessionRecord[]>;

  // fragments
  /** Fragments whose start lies in `[fromMs, toMs]`, both inclusive, ascending. */
  listFragments(bucket: string, channel: string, fromMs: number, toMs: number): Promise<readonly FragmentEntry[]>;
  /** The last `limit` fragments of one live playlist, ascending. */
  lastFragments(bucket: string, channel: string, playlistId: string, limit: number): Promise<readonly FragmentEntry[]>;
  /** The latest start in the channel's folder, over all sessions; for unique names. */
  lastFragmentStart(bucket: string, channel: string): Promise<number | undefined>;
  /** The sequence number after the highest one ever used in this live playlist, 0 at first; survives deletions. */
  nextSequence(playlistId: string): Promise<number>;

  /** Forgets everything; of one bucket, all that is in it and the pushes to it, but not the bucket. */
  clear(bucket?: string): Promise<void>;

  close(): Promise<void>;
}
