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

/**
 * One recorded fragment. That of a channel lives and dies with its object: deleting or replacing the object removes this
 * row. That of a stream of ApsaraVideo Live is remembered without its object too.
 */
export interface FragmentRecord {
  /** Whose recording it is: `sourceId`. */
  readonly source: string;
  /** Wall clock at opening; with `.ts` behind it, the name of a channel's fragment. Unique within the source. */
  readonly startMs: number;
  /** Wall clock when it was stored. */
  readonly uploadedMs: number;
  readonly durationMs: number;
  readonly sessionId: string;
  /** Which playlist it was listed in: `incarnation/playlistName` of a channel, the recording of a stream. */
  readonly playlistId: string;
  /** Position in that playlist, from 0. */
  readonly sequence: number;
  /** The timeline breaks before it (first fragment of a session, or after a time jump). */
  readonly discontinuity: boolean;
  /** `bucket/key` of a stream's fragment; null of a channel's, whose name follows from source and start. */
  readonly path: string | null;
  /** Of a stream's fragment, if its configuration record could be read. */
  readonly picture: PictureSize | null;
}

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What a playlist needs of a fragment. */
export interface FragmentEntry
  extends Pick<FragmentRecord, 'startMs' | 'durationMs' | 'sessionId' | 'sequence' | 'discontinuity' | 'path'> {
  /** Its object was deleted. */
  readonly isGone: boolean;
}

/** A range of time. Both ends are inclusive. */
export interface TimelineQuery {
  /** Fragments of any of them. */
  readonly sources: readonly string[];
  /** Which of its times decides on a fragment: that of its opening, or that of its storing. */
  readonly by: 'start' | 'upload';
  readonly fromMs: number;
  readonly toMs: number;
}

/** A push of the past with everything it recorded, to be stored in one step. */
export interface PastPush {
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

/** A small thing that is only ever put and read whole: what ApsaraVideo Live is configured to do, and what it did. */
export interface DocumentRecord {
  readonly kind: string;
  /** Whose it is, e.g. a domain. */
  readonly scope: string;
  /** Unique within kind and scope. */
  readonly name: string;
  readonly createdMs: number;
  /** JSON. */
  readonly body: string;
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
  putRecording(recording: PastPush): Promise<void>;
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
  /** The fragments of a range, ascending by the time it is about. */
  timeline(query: TimelineQuery): Promise<readonly FragmentEntry[]>;
  /** The last `limit` fragments of one playlist, ascending. */
  lastFragments(playlistId: string, limit: number): Promise<readonly FragmentEntry[]>;
  /** The latest start of this source, over all sessions; for unique names. */
  lastFragmentStart(source: string): Promise<number | undefined>;
  /** The picture of one fragment; undefined when it is unknown. */
  fragmentPicture(source: string, startMs: number): Promise<PictureSize | undefined>;
  /** The sequence number after the highest one ever used in this playlist, 0 at first; survives deletions. */
  nextSequence(playlistId: string): Promise<number>;
  /** Forgets the fragments of streams that were stored before; their objects stay. */
  forgetStreamFragments(beforeMs: number): Promise<void>;

  // documents
  /** Inserts or replaces. */
  putDocument(document: DocumentRecord): Promise<void>;
  getDocument(kind: string, scope: string, name: string): Promise<DocumentRecord | undefined>;
  /** All of a kind, or those of one scope; the oldest first. */
  listDocuments(kind: string, scope?: string): Promise<readonly DocumentRecord[]>;
  /** `false` when there was none. */
  deleteDocument(kind: string, scope: string, name: string): Promise<boolean>;
  /** Deletes those of a kind that were created before. */
  forgetDocuments(kind: string, beforeMs: number): Promise<void>;

  /** Forgets everything; of one bucket, all that is in it and the pushes to it, but not the bucket. */
  clear(bucket?: string): Promise<void>;

  close(): Promise<void>;
}
