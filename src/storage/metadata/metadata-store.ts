import type { ChannelName } from '../../base/push-source.ts';
import type { Fence } from '../leases/leases.ts';
import type {
  Bucket,
  ChannelRecord,
  DeleteMarker,
  DocumentRecord,
  FragmentEntry,
  FragmentRecord,
  MultipartUpload,
  NamedBytes,
  NewObject,
  ObjectRecord,
  ObjectVersion,
  OpenKind,
  PastPush,
  PictureSize,
  SessionName,
  SessionRecord,
  UploadedPart,
} from './records.ts';
import type { StoredRow } from './stored-rows.ts';

/**
 * All stored data except the bytes of objects: buckets, objects, channels, sessions (push history), fragment index and
 * documents. One port for all of them, because an answer often needs two of them in a consistent state.
 *
 * All names sort by their UTF-8 bytes. All times are milliseconds since the Unix epoch.
 *
 * A write with a fence rejects with LeaseLost, and changes nothing, unless the lease is held: both in one transaction.
 */

/** A range of time. Both ends are inclusive. */
export interface TimelineQuery {
  /** Fragments of any of these. */
  readonly sources: readonly string[];
  /** The time that is compared: that of opening or that of storing. */
  readonly by: 'start' | 'upload';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TimelineTaker {
  /** Called with each fragment once. */
  add(fragments: readonly FragmentEntry[]): void;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly truncated: boolean;
}

/** Buckets of one account, or of all. */
export interface BucketQuery extends PageQuery {
  readonly owner?: string;
}

export interface PageQuery {
  readonly prefix: string;
  /** Exclusive: only names after it. Empty: from the start. */
  readonly marker: string;
  readonly limit: number;
}

/** Objects and common prefixes, sorted together by bytes, because both count towards `limit`. */
export type ObjectListing = { readonly object: ObjectRecord } | { readonly commonPrefix: string };

/** A version in a listing, newest first within its key. */
export interface ListedVersion {
  readonly version: ObjectVersion;
  readonly isLatest: boolean;
}

export type VersionListing = ListedVersion | { readonly commonPrefix: string };

export interface VersionQuery extends PageQuery {
  readonly delimiter: string;
  /** A version of the key `marker`: its older versions come next. Empty: the next key. */
  readonly versionIdMarker: string;
}

/** What putting an object did. */
export interface StoredObject {
  readonly versionId: string;
  /** The bytes that no version has any longer, for the caller to delete. */
  readonly replacedLocation: string | undefined;
}

/** What deleting an object did. */
export interface DeletedObject {
  /** In a bucket with versioning: the marker that was put on top of the versions. */
  readonly marker?: DeleteMarker;
  /** The bytes that no version has any longer, for the caller to delete. */
  readonly location: string | undefined;
}

/**
 * Decides on the object that is there at the moment of the write, undefined when there is none; what it throws refuses the
 * write. It may run again, so it has no effects.
 */
export type CheckCurrent = (current: ObjectRecord | undefined) => void;

/** A version at the moment at which something is decided on it. */
export interface PresentVersion {
  readonly version: ObjectVersion;
  readonly isCurrent: boolean;
}

/** A deletion as on request, one of the version for good, or another row for it. */
export type Revision =
  | { readonly kind: 'delete' }
  | { readonly kind: 'delete-version' }
  | { readonly kind: 'amend'; readonly record: ObjectRecord };

/** Undefined: nothing is to be done. What it throws refuses the write. It may run again, so it has no effects. */
export type Revise = (present: PresentVersion | undefined) => Revision | undefined;

/** What was carried out. */
export interface Revised {
  readonly revision: Revision | undefined;
  /** The bytes that no version has any longer, for the caller to delete. */
  readonly location: string | undefined;
}

export interface BucketUsage {
  /** Previous versions included. */
  readonly objectCount: number;
  readonly deleteMarkerCount: number;
  readonly storageBytes: number;
  readonly liveChannelCount: number;
  readonly multipartUploadCount: number;
  readonly multipartPartCount: number;
}

/** The objects of one storage class. */
export interface ClassUsage {
  readonly storageClass: string;
  readonly objectCount: number;
  readonly storageBytes: number;
}

export type DeleteBucketOutcome = 'deleted' | 'missing' | 'has-objects' | 'has-channels' | 'has-uploads';

/** Uploads and common prefixes, sorted together, because both count towards `limit`. */
export type UploadListing = { readonly upload: MultipartUpload } | { readonly commonPrefix: string };

export interface UploadQuery extends PageQuery {
  /** Only uploads after this one of the key `marker`; empty: none of that key. */
  readonly uploadIdMarker: string;
  readonly delimiter: string;
}

/** What completing an upload did. */
export interface CompletedUpload extends StoredObject {
  /** All that it had, also those that are not in the object, for the caller to delete their bytes. */
  readonly parts: readonly UploadedPart[];
}

export interface MetadataStore {
  // buckets
  putBucket(bucket: Bucket): Promise<void>;
  /** Writes what `change` makes of the bucket that there is, in one step. `change` may run again: it has no effects. */
  changeBucket(name: string, change: (current: Bucket | undefined) => Bucket): Promise<void>;
  getBucket(name: string): Promise<Bucket | undefined>;
  listBuckets(query: BucketQuery): Promise<Page<Bucket>>;
  /** Checks and deletes in one step. */
  deleteBucket(name: string): Promise<DeleteBucketOutcome>;
  bucketUsage(name: string): Promise<BucketUsage>;
  /** Of the objects that have a storage class of their own, by class. */
  classUsage(name: string): Promise<readonly ClassUsage[]>;

  // objects: the current versions, delete markers left out
  /** Inserts or replaces, or puts a new version on top of the others, as the versioning of the bucket says. */
  putObject(object: NewObject, check?: CheckCurrent, fence?: Fence): Promise<StoredObject>;
  /** Stores an object and the index row of the fragment it contains, in one step. */
  putFragment(object: NewObject, fragment: FragmentRecord, fence?: Fence): Promise<StoredObject>;
  /** Stores a finished push with its objects and index rows, thousands of fragments in one step. */
  putRecording(recording: PastPush): Promise<void>;
  getObject(bucket: string, key: string): Promise<ObjectRecord | undefined>;
  /** Deletes, or puts a delete marker of that time on top, as the versioning of the bucket says. */
  deleteObject(bucket: string, key: string, deletedMs: number): Promise<DeletedObject>;
  listObjects(bucket: string, query: PageQuery & { readonly delimiter: string }): Promise<Page<ObjectListing>>;

  // versions
  /** The version of that id, or the current one. */
  getVersion(bucket: string, key: string, versionId?: string): Promise<ObjectVersion | undefined>;
  /**
   * Decides on the version of that id, or the current one, and carries it out, in one step.
   * Deletions are of the time `atMs`.
   */
  reviseVersion(
    bucket: string,
    key: string,
    versionId: string | undefined,
    revise: Revise,
    atMs: number,
  ): Promise<Revised>;
  /** Deletes one version for good; resolves to it. When it was the current one, the next newest becomes current. */
  deleteVersion(bucket: string, key: string, versionId: string): Promise<ObjectVersion | undefined>;
  /** By key, then the newest first. Every version counts towards `limit`, and so does every common prefix. */
  listVersions(bucket: string, query: VersionQuery): Promise<Page<VersionListing>>;

  // multipart uploads
  putUpload(upload: MultipartUpload): Promise<void>;
  getUpload(uploadId: string): Promise<MultipartUpload | undefined>;
  /** By key, then upload id. `marker` is a key, `uploadIdMarker` an upload id within that key; both exclusive. */
  listUploads(bucket: string, query: UploadQuery): Promise<Page<UploadListing>>;
  /**
   * Stores the object that was made of `joined`, and removes the upload and its parts, in one step. Rejects with
   * NoSuchUpload when the upload has ended, with InvalidPart when one of these parts was replaced meanwhile.
   */
  completeUpload(
    uploadId: string,
    joined: readonly UploadedPart[],
    object: NewObject,
    check?: CheckCurrent,
  ): Promise<CompletedUpload>;
  /** Removes the upload and its parts; resolves to the parts. Rejects with NoSuchUpload when it has ended. */
  deleteUpload(uploadId: string): Promise<readonly UploadedPart[]>;
  /**
   * Inserts or replaces; resolves to the location that was replaced. Rejects with NoSuchUpload when the upload has ended.
   *
   * @param check decides on the highest part number that there is, 0 without one; what it throws refuses the part
   */
  putPart(part: UploadedPart, check?: (lastPartNumber: number) => void): Promise<string | undefined>;
  listParts(uploadId: string, afterPartNumber: number, limit: number): Promise<Page<UploadedPart>>;

  // channels
  putChannel(channel: ChannelRecord): Promise<void>;
  getChannel(bucket: string, name: string): Promise<ChannelRecord | undefined>;
  /** Every bucket's channel of this name; for RTMP addresses without a bucket. */
  findChannels(name: string): Promise<readonly ChannelRecord[]>;
  listChannels(bucket: string, query: PageQuery): Promise<Page<ChannelRecord>>;
  deleteChannel(bucket: string, name: string): Promise<void>;

  // sessions
  openSession(session: SessionRecord, fence?: Fence): Promise<void>;
  endSession(session: SessionName, endedMs: number, fence?: Fence): Promise<void>;
  /** If there is one. */
  deleteSession(session: SessionName): Promise<void>;
  /** The latest `limit` finished sessions, oldest first. */
  listSessions(bucket: string, channel: string, incarnation: string, limit: number): Promise<readonly SessionRecord[]>;
  /** Sessions without an end, of all channels or of one. */
  listOpenSessions(of?: ChannelName): Promise<readonly SessionRecord[]>;

  // fragments
  /**
   * Gives the fragments of a range, some at a time: pushes in the order of their first fragments, each in the order of recording.
   * Other calls go on meanwhile, and change what has not been read yet.
   *
   * @param begin makes the taker. Called again, where it turns out that what the first one took was in another order; a taker
   *   has no effects.
   * @returns the taker that has taken all of them
   */
  timeline<Taker extends TimelineTaker>(query: TimelineQuery, begin: () => Taker): Promise<Taker>;
  /** The first fragment of a stream that was stored at this time or later. */
  firstUploaded(sources: readonly string[], fromMs: number): Promise<FragmentEntry | undefined>;
  /** The last `limit` fragments of one playlist, ascending. */
  lastFragments(playlistId: string, limit: number): Promise<readonly FragmentEntry[]>;
  /** The fragments that one push added to a playlist, ascending. */
  sessionFragments(playlistId: string, sessionId: string): Promise<readonly FragmentEntry[]>;
  /** The latest start of this source, over all sessions. */
  lastFragmentStart(source: string): Promise<number | undefined>;
  /** The first start from `startMs` on that no fragment of the source has. */
  freeFragmentStart(source: string, startMs: number): Promise<number>;
  /** The picture of one fragment; undefined when it is unknown. */
  fragmentPicture(source: string, startMs: number): Promise<PictureSize | undefined>;
  /** The sequence number after the highest one ever used in this playlist, also by deleted fragments; 0 at first. */
  nextSequence(playlistId: string): Promise<number>;
  /** Deletes the index rows of stream fragments that were stored before `beforeMs`; their objects remain. */
  forgetStreamFragments(beforeMs: number): Promise<void>;

  // documents
  /** Inserts or replaces. */
  putDocument(document: DocumentRecord): Promise<void>;
  /** Inserts it unless there is one of its name; resolves to the one that there is then. */
  createDocument(document: DocumentRecord): Promise<DocumentRecord>;
  getDocument(kind: string, scope: string, name: string): Promise<DocumentRecord | undefined>;
  /** All of a kind, or those of one scope; the oldest first. */
  listDocuments(kind: string, scope?: string): Promise<readonly DocumentRecord[]>;
  /** Those of them whose `endedMs` is null, without reading the others. */
  listOpenDocuments(kind: OpenKind, scope?: string): Promise<readonly DocumentRecord[]>;
  /** `false` when there was none. */
  deleteDocument(kind: string, scope: string, name: string): Promise<boolean>;
  /** Deletes those of a kind that were created before `beforeMs`. */
  forgetDocuments(kind: string, beforeMs: number): Promise<void>;

  /**
   * Every location that a row names, some of them at a time. Rows may change meanwhile: what was named all the time is among
   * them.
   */
  locations(): AsyncIterable<readonly NamedBytes[]>;
  /** Writes everything as it is at this moment into a new database. */
  copyTo(path: string): Promise<void>;
  /**
   * Gives every row as it is at one moment, but the place of the bytes; some rows at a time, those that others refer to first,
   * each table in the order in which its rows were made. Other calls may wait until it has ended.
   */
  readAll(take: (rows: readonly StoredRow[]) => Promise<void>): Promise<void>;
  /**
   * Deletes what `clear` deletes and stores these rows instead, in one step. Resolves to the locations that the deleted rows
   * named.
   *
   * @param rows in the order of `readAll`; may be called again
   * @throws UsageError when rows contradict each other; then nothing has changed
   */
  replaceAll(rows: () => AsyncIterable<readonly StoredRow[]>, fence?: Fence): Promise<readonly string[]>;

  /**
   * Deletes everything but the place of the bytes, or for one bucket its content and the pushes to it, but not the bucket
   * itself. Resolves to the locations that the deleted rows named: bytes that are stored meanwhile are not among them.
   *
   * @param fence of the lease of the reset, where there are other nodes
   */
  clear(bucket?: string, fence?: Fence): Promise<readonly string[]>;

  close(): Promise<void>;
}
