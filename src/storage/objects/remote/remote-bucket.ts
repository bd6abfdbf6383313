import type { Readable } from 'node:stream';
import type { ByteRange } from '../byte-range.ts';

/** How long one request may take. It ends when the signal aborts; a client that has no signals goes by the time. */
export interface RequestLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** The store has taken the bytes. */
export interface Confirmed {
  readonly etag: string;
  /** False when the store has answered before it had received everything: then the request still reads the bytes. */
  readonly isSent: boolean;
}

export interface ListedKey {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedMs: number;
}

/**
 * A bucket in another store. Every call is one request, tried once. No key is written twice with different bytes, so
 * every call may be repeated.
 */
export interface RemoteBucket {
  /** `title` is for people: it is kept as metadata of the object. */
  put(key: string, bytes: Buffer, title: string, limits: RequestLimits): Promise<Confirmed>;
  beginUpload(key: string, title: string, limits: RequestLimits): Promise<string>;
  putPart(key: string, uploadId: string, partNumber: number, bytes: Buffer, limits: RequestLimits): Promise<Confirmed>;
  /** `etags`: of the parts, from number 1 on. */
  completeUpload(key: string, uploadId: string, etags: readonly string[], limits: RequestLimits): Promise<void>;
  abortUpload(key: string, uploadId: string, limits: RequestLimits): Promise<void>;
  /** The number of bytes; undefined when there is no such key. */
  size(key: string, limits: RequestLimits): Promise<number | undefined>;
  /** Resolves when the answer has begun. The limits do not apply to its body. Undefined when there is no such key. */
  read(key: string, range: ByteRange, limits: RequestLimits): Promise<Readable | undefined>;
  /** A thousand at most. Keys that do not exist count as deleted. */
  delete(keys: readonly string[], limits: RequestLimits): Promise<void>;
  /** Keys with the prefix in order, after one of them, a thousand at most; none when there are no more. */
  list(prefix: string, after: string, limits: RequestLimits): Promise<readonly ListedKey[]>;
  /** The first thousand uploads that were neither completed nor aborted. */
  listUploads(prefix: string, limits: RequestLimits): Promise<readonly UnfinishedUpload[]>;
  close(): void;
}

/** The name of the metadata that tells people what an object is. Sent percent-encoded: headers hold ASCII. */
export const TITLE = 'emulator-object';

/** Header values are bounded to 2 KiB by S3. */
const MAX_TITLE_CHARS = 1_000;

export function encodeTitle(title: string): string {
  return encodeURI(title.toWellFormed()).slice(0, MAX_TITLE_CHARS);
}
