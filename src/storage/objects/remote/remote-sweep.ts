import type { Clock } from '../../../base/clock.ts';
import { wait } from '../../../base/wait.ts';
import { collectLocations, type NamedLocations } from '../location-set.ts';
import type { Attempts } from './attempts.ts';
import type { RemoteBucket, RequestLimits } from './remote-bucket.ts';

/** What is younger may get its row yet, or is read by somebody whose row was there a moment ago. */
const MIN_AGE_MS = 60 * 60_000;
/** A client may send the parts of one object for long. */
const MIN_UPLOAD_AGE_MS = 24 * 60 * 60_000;
const PERIOD_MS = 60 * 60_000;
const REQUEST_LIMIT_MS = 30_000;
/** Of one pass; the next one goes on. */
const MAX_CANDIDATES = 10_000;
const BATCH = 1_000;

export interface RemoteSwept {
  readonly count: number;
  readonly sizeBytes: number;
  readonly uploads: number;
}

export interface RemoteSweepOptions {
  readonly clock: Clock;
  readonly bucket: RemoteBucket;
  readonly attempts: Attempts;
  readonly prefix: string;
  /** Below which all locations are. */
  readonly folder: string;
  /** Whether this process keeps the location for another reason. */
  readonly isKept: (location: string) => boolean;
  readonly onSwept: (swept: RemoteSwept) => void;
  readonly onFailure: (error: unknown) => void;
  readonly graceMs: number;
}

/** Removes bytes that no row names and uploads that nobody ends, once in an hour. Every node may do it. */
export class RemoteSweep {
  readonly #options: RemoteSweepOptions;
  readonly #ending = new AbortController();
  #done: Promise<void> | undefined;

  constructor(options: RemoteSweepOptions) {
    this.#options = options;
  }

  start(named: () => NamedLocations): void {
    this.#done ??= this.#run(named);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  /**
   * One pass. What was found without a row is looked up again after the grace, before it goes: a row may have been on its
   * way, and a reader of another node too.
   */
  async pass(named: () => NamedLocations): Promise<RemoteSwept> {
    const { clock, graceMs } = this.#options;
    const { signal } = this.#ending;
    const uploads = await this.#abortUploads();
    const candidates = await this.#unnamed(named);
    if (candidates.size === 0) return { count: 0, sizeBytes: 0, uploads };
    await wait(clock, graceMs, signal);
    const known = await collectLocations(named(), signal);
    let count = 0;
    let sizeBytes = 0;
    const doomed = [...candidates].filter(([location]) => !known.has(location));
    for (let at = 0; at < doomed.length && !signal.aborted; at += BATCH) {
      const batch = doomed.slice(at, at + BATCH);
      await this.#request('DELETE', (limits) =>
        this.#options.bucket.delete(
          batch.map(([location]) => this.#options.prefix + location),
          limits,
        ),
      );
      count += batch.length;
      for (const [, size] of batch) sizeBytes += size;
    }
    return { count, sizeBytes, uploads };
  }

  async #run(named: () => NamedLocations): Promise<void> {
    const { clock, onSwept, onFailure } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const swept = await this.pass(named);
        if (swept.count + swept.uploads > 0) onSwept(swept);
      } catch (error) {
        if (!signal.aborted) onFailure(error);
      }
      await wait(clock, PERIOD_MS, signal);
    }
  }

  /** Rows are read first: bytes that are listed after that and have none are young, or belong to nobody. */
  async #unnamed(named: () => NamedLocations): Promise<ReadonlyMap<string, number>> {
    const { bucket, prefix, folder, clock, isKept } = this.#options;
    const { signal } = this.#ending;
    const known = await collectLocations(named(), signal);
    const found = new Map<string, number>();
    for (let after = ''; found.size < MAX_CANDIDATES && !signal.aborted; ) {
      const from = after;
      const page = await this.#request('list', (limits) => bucket.list(prefix + folder, from, limits));
      const last = page.at(-1);
      if (!last) break;
      after = last.key;
      for (const { key, sizeBytes, modifiedMs } of page) {
        const location = key.slice(prefix.length);
        const isOld = modifiedMs < clock.now() - MIN_AGE_MS;
        if (isOld && !known.has(location) && !isKept(location)) found.set(location, sizeBytes);
      }
    }
    return signal.aborted ? new Map() : found;
  }

  async #abortUploads(): Promise<number> {
    const { bucket, prefix, folder, clock } = this.#options;
    const uploads = await this.#request('list of uploads', (limits) => bucket.listUploads(prefix + folder, limits));
    const old = uploads.filter(({ initiatedMs }) => initiatedMs < clock.now() - MIN_UPLOAD_AGE_MS);
    for (const { key, uploadId } of old) {
      await this.#request('abort', (limits) => bucket.abortUpload(key, uploadId, limits));
    }
    return old.length;
  }

  #request<Result>(what: string, act: (limits: RequestLimits) => Promise<Result>): Promise<Result> {
    return this.#options.attempts.run({ what, limitMs: REQUEST_LIMIT_MS, signal: this.#ending.signal, act });
  }
}
