import { OBJECT_RETRY_MS, type ObjectHint, type ObjectWriter } from '../object-store.ts';
import type { Attempts } from './attempts.ts';
import type { BufferPool } from './buffer-pool.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import type { Confirmed, RemoteBucket, RequestLimits } from './remote-bucket.ts';
import type { WaitingBytes, WaitingObject } from './waiting-bytes.ts';

/** Up to this size an object is one request. S3 wants 5 MiB at least in all parts but the last, some stores equal ones. */
export const PART_BYTES = 8 * 1024 * 1024;

/** What failed waits for no more than this. */
const ABORT_LIMIT_MS = 2_000;

export interface RemoteWriterOptions {
  readonly bucket: RemoteBucket;
  readonly attempts: Attempts;
  readonly waiting: WaitingBytes;
  readonly buffers: BufferPool;
  readonly hint: ObjectHint;
  /** Below the prefix. */
  readonly location: string;
  readonly key: string;
  /** Of the store: the emulator stops. */
  readonly signal: AbortSignal;
  readonly onCommitted: () => void;
  /** Something of it may be in the store. */
  readonly onGivenUp: () => void;
}

/**
 * One PUT, or parts of equal size where the bytes are more than one of them. Bytes are kept until the store has confirmed
 * them, so that each request can be repeated.
 */
export class RemoteWriter implements ObjectWriter, WaitingObject {
  readonly isUpload: boolean;
  sizeBytes = 0;
  keptBytes = 0;
  readonly #options: RemoteWriterOptions;
  readonly #limitMs: number;
  readonly #ending = new AbortController();
  #part: GatheredBytes;
  #uploadId: string | undefined;
  readonly #etags: string[] = [];
  #sending: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: RemoteWriterOptions) {
    this.#options = options;
    this.isUpload = options.hint.retryMs === undefined;
    this.#limitMs = options.hint.retryMs ?? OBJECT_RETRY_MS;
    this.#part = new GatheredBytes(options.buffers, PART_BYTES);
    for (const signal of this.#followed()) {
      if (signal.aborted) this.#ending.abort(signal.reason);
      signal.addEventListener('abort', this);
    }
  }

  /** One of the signals that it follows is aborted. */
  handleEvent(): void {
    this.#ending.abort(this.#followed().find(({ aborted }) => aborted)?.reason);
  }

  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#failure) throw this.#failure.error;
    const room = this.#take(chunk.length);
    // A second part is gathered while one is sent. Who records need not wait for that; the bound is that of all bytes.
    const before = this.#sending;
    for (let rest = chunk; rest.length > 0; rest = this.#part.add(rest)) {
      if (this.#part.isFull) this.#sendInTurn();
    }
    const isSent = this.#sending !== before;
    return room ?? (isSent && this.isUpload ? before : undefined);
  }

  commit(): Promise<string> {
    return this.#options.waiting.whileSending(this, () => this.#commit());
  }

  async #commit(): Promise<string> {
    const { bucket, hint, key, location, onCommitted } = this.#options;
    const part = this.#part;
    try {
      await this.#sending;
      if (this.#failure) throw this.#failure.error;
      if (this.#uploadId === undefined) {
        await this.#send('PUT', part, this.#limitMs, (bytes, limits) =>
          bucket.put(key, bytes, `${hint.bucket}/${hint.key}`, limits),
        );
      } else {
        await this.#sendPart(part);
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

  /** What is being sent is freed when that ends. */
  giveUp(error: unknown): void {
    this.#failure ??= { error };
    this.#options.waiting.remove(this);
    const part = this.#part;
    this.#part = new GatheredBytes(this.#options.buffers, PART_BYTES);
    this.#drop(part);
  }

  /** @throws StoreUnavailable when there is no room, and what it has written makes room for others */
  #take(sizeBytes: number): Promise<void> | undefined {
    try {
      const room = this.#options.waiting.take(sizeBytes, this);
      this.keptBytes += sizeBytes;
      this.sizeBytes += sizeBytes;
      return room;
    } catch (error) {
      this.giveUp(error);
      throw error;
    }
  }

  /** After the parts before it, while the next one is gathered. */
  #sendInTurn(): void {
    const part = this.#part;
    this.#part = new GatheredBytes(this.#options.buffers, PART_BYTES);
    const before = this.#sending;
    this.#sending = this.#options.waiting.whileSending(this, async () => {
      await before;
      try {
        if (this.#failure) throw this.#failure.error;
        await this.#sendPart(part);
      } catch (error) {
        this.#failure ??= { error };
        this.#drop(part);
      }
    });
  }

  async #sendPart(part: GatheredBytes): Promise<void> {
    const { bucket, attempts, hint, key } = this.#options;
    const { signal } = this.#ending;
    const limitMs = this.#limitMs;
    this.#uploadId ??= await attempts.run({
      what: 'begin of a multipart upload',
      limitMs,
      signal,
      act: (limits) => bucket.beginUpload(key, `${hint.bucket}/${hint.key}`, limits),
    });
    const uploadId = this.#uploadId;
    const number = this.#etags.length + 1;
    const { etag } = await this.#send('PUT of a part', part, limitMs + part.sizeBytes / 1024, (bytes, limits) =>
      bucket.putPart(key, uploadId, number, bytes, limits),
    );
    this.#etags.push(etag);
    this.#give(part.sizeBytes);
  }

  /** Where a request may still read the bytes - one that was given up, or answered early - their memory is not used again. */
  async #send(
    what: string,
    part: GatheredBytes,
    limitMs: number,
    act: (bytes: Buffer, limits: RequestLimits) => Promise<Confirmed>,
  ): Promise<Confirmed> {
    const bytes = part.bytes();
    let attemptCount = 0;
    try {
      const confirmed = await this.#options.attempts.run({
        what,
        limitMs,
        bodyBytes: bytes.length,
        signal: this.#ending.signal,
        act(limits) {
          attemptCount += 1;
          return act(bytes, limits);
        },
      });
      if (attemptCount === 1 && confirmed.isSent) part.release();
      return confirmed;
    } finally {
      part.abandon();
    }
  }

  /** An upload whose answer was lost is gone when it is completed again: then the object tells. */
  async #complete(uploadId: string): Promise<void> {
    const { bucket, attempts, key } = this.#options;
    const { signal } = this.#ending;
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

  /** What ends its requests. `AbortSignal.any` would keep a kilobyte for each writer, as long as the store lives (Node 20). */
  #followed(): readonly AbortSignal[] {
    const { signal, hint } = this.#options;
    return hint.signal ? [signal, hint.signal] : [signal];
  }

  #release(): void {
    for (const signal of this.#followed()) signal.removeEventListener('abort', this);
    this.#options.waiting.remove(this);
    this.#give(this.keptBytes);
    this.#part.release();
  }

  #drop(part: GatheredBytes): void {
    part.release();
    this.#give(part.sizeBytes);
  }

  #give(sizeBytes: number): void {
    this.keptBytes -= sizeBytes;
    this.#options.waiting.give(sizeBytes);
  }
}
