import { OBJECT_RETRY_MS, type ObjectHint, type ObjectWriter } from '../object-store.ts';
import type { Attempts } from './attempts.ts';
import type { RemoteBucket } from './remote-bucket.ts';
import type { WaitingBytes } from './waiting-bytes.ts';

/** Up to this size an object is one request. S3 wants 5 MiB at least in all parts but the last, some stores equal ones. */
export const PART_BYTES = 8 * 1024 * 1024;

/** What failed waits for no more than this. */
const ABORT_LIMIT_MS = 2_000;

export interface RemoteWriterOptions {
  readonly bucket: RemoteBucket;
  readonly attempts: Attempts;
  readonly waiting: WaitingBytes;
  readonly hint: ObjectHint;
  /** Below the prefix. */
  readonly location: string;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onCommitted: () => void;
  /** Something of it may be in the store. */
  readonly onGivenUp: () => void;
}

/**
 * One PUT, or parts of equal size where the bytes are more than one of them. Bytes are kept until the store has confirmed
 * them, so that each request can be repeated.
 */
export class RemoteWriter implements ObjectWriter {
  sizeBytes = 0;
  readonly #options: RemoteWriterOptions;
  readonly #limitMs: number;
  #chunks: Buffer[] = [];
  #gatheredBytes = 0;
  /** Of all bytes in memory. */
  #keptBytes = 0;
  #uploadId: string | undefined;
  readonly #etags: string[] = [];
  #sending: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: RemoteWriterOptions) {
    this.#options = options;
    this.#limitMs = options.hint.retryMs ?? OBJECT_RETRY_MS;
  }

  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#failure) throw this.#failure.error;
    this.#options.waiting.take(chunk.length);
    this.#keptBytes += chunk.length;
    this.#chunks.push(Buffer.from(chunk));
    this.#gatheredBytes += chunk.length;
    this.sizeBytes += chunk.length;
    if (this.#gatheredBytes <= PART_BYTES) return undefined;
    // A second part is gathered while one is sent. Who records cannot wait; the bound is that of all bytes.
    const before = this.#sending;
    this.#sendParts();
    return this.#options.hint.retryMs === undefined ? before : undefined;
  }

  async commit(): Promise<string> {
    const { bucket, attempts, hint, key, location, signal, onCommitted } = this.#options;
    try {
      await this.#sending;
      if (this.#failure) throw this.#failure.error;
      const rest = Buffer.concat(this.#chunks, this.#gatheredBytes);
      if (this.#uploadId === undefined) {
        await attempts.run({
          what: 'PUT',
          limitMs: this.#limitMs,
          bodyBytes: rest.length,
          signal,
          act: (limits) => bucket.put(key, rest, `${hint.bucket}/${hint.key}`, limits),
        });
      } else {
        await this.#sendPart(rest);
        await this.#complete(this.#uploadId);
      }
      this.#release();
      onCommitted();
      return location;
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    await this.#sending;
    this.#release();
    const { bucket, attempts, key, signal, onGivenUp } = this.#options;
    const uploadId = this.#uploadId;
    this.#uploadId = undefined;
    onGivenUp();
    if (uploadId === undefined) return;
    const act = attempts.run({
      what: 'abort',
      limitMs: ABORT_LIMIT_MS,
      signal,
      act: (limits) => bucket.abortUpload(key, uploadId, limits),
    });
    // The sweep aborts what is left.
    await act.catch(() => {});
  }

  #sendParts(): void {
    const all = Buffer.concat(this.#chunks, this.#gatheredBytes);
    let at = 0;
    for (; all.length - at > PART_BYTES; at += PART_BYTES) {
      const part = all.subarray(at, at + PART_BYTES);
      this.#sending = (this.#sending ?? Promise.resolve())
        .then(() => (this.#failure ? undefined : this.#sendPart(part)))
        .catch((error) => {
          this.#failure ??= { error };
        });
    }
    this.#chunks = [Buffer.from(all.subarray(at))];
    this.#gatheredBytes = all.length - at;
  }

  async #sendPart(part: Buffer): Promise<void> {
    const { bucket, attempts, hint, key, signal } = this.#options;
    const limitMs = this.#limitMs;
    this.#uploadId ??= await attempts.run({
      what: 'begin of a multipart upload',
      limitMs,
      signal,
      act: (limits) => bucket.beginUpload(key, `${hint.bucket}/${hint.key}`, limits),
    });
    const uploadId = this.#uploadId;
    const etag = await attempts.run({
      what: 'PUT of a part',
      limitMs: limitMs + part.length / 1024,
      bodyBytes: part.length,
      signal,
      act: (limits) => bucket.putPart(key, uploadId, this.#etags.length + 1, part, limits),
    });
    this.#etags.push(etag);
    this.#options.waiting.give(part.length);
    this.#keptBytes -= part.length;
  }

  /** An upload whose answer was lost is gone when it is completed again: then the object tells. */
  async #complete(uploadId: string): Promise<void> {
    const { bucket, attempts, key, signal } = this.#options;
    const limitMs = this.#limitMs;
    try {
      const act = attempts.run({
        what: 'end of a multipart upload',
        limitMs,
        // The store may join the parts before it answers.
        bodyBytes: Math.min(this.sizeBytes, 64 * PART_BYTES),
        signal,
        act: (limits) => bucket.completeUpload(key, uploadId, this.#etags, limits),
      });
      await act;
    } catch (error) {
      const sizeBytes = await attempts.run({
        what: 'HEAD',
        limitMs,
        signal,
        act: (limits) => bucket.size(key, limits),
      });
      if (sizeBytes !== this.sizeBytes) throw error;
    }
  }

  #release(): void {
    this.#options.waiting.give(this.#keptBytes);
    this.#keptBytes = 0;
    this.#chunks = [];
    this.#gatheredBytes = 0;
  }
}
