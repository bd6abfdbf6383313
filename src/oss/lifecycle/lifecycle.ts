/** Executes the lifecycle rules of all buckets, by the clock of the emulator. */
import type { Clock, Timer } from '../../base/clock.ts';
import { errorStack, errorText } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Events } from '../../events/events.ts';
import type { LifecycleEvent } from '../../events/lifecycle-events.ts';
import type { Leases } from '../../storage/leases/leases.ts';
import { runAlone } from '../../storage/leases/run-alone.ts';
import { isStoreAway, logFailure } from '../../storage/machine-fault.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { Bucket } from '../../storage/metadata/records.ts';
import { hasConfiguration } from '../bucket/bucket-configurations.ts';
import { type PassDeps, passOverBucket } from './lifecycle-pass.ts';
import { nextMidnight } from './lifecycle-rules.ts';
import { type BucketPass, beginTally, isEmpty } from './pass-tally.ts';

export interface LifecycleDeps extends PassDeps {
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  /** A pass runs on one node at a time. */
  readonly leases: Leases;
}

/** The key of a pass over all buckets among those that wait. */
const ALL_BUCKETS = '';
const BUCKETS_PER_PAGE = 1000;

/**
 * A pass begins at each midnight (UTC), because nothing becomes due at another time, at the start, when rules are stored,
 * and on demand. One follows the other, and callers that come before one has begun share it.
 */
export class Lifecycle {
  readonly #deps: LifecycleDeps;
  readonly #waiting = new Map<string, Promise<readonly BucketPass[]>>();
  #latest: Promise<unknown> = Promise.resolve();
  #ending = new AbortController();
  #timer: Timer | undefined;

  constructor(deps: LifecycleDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#ending = new AbortController();
    this.#arm();
    this.request();
  }

  /** Ends the present pass after the object that it is changing. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#ending.abort();
    await this.#latest;
  }

  /** A pass soon, over one bucket or all. */
  request(bucket = ALL_BUCKETS): void {
    // `stop` waits for it. What fails is in the log, and is due again at the next pass.
    this.run(bucket).catch(() => {});
  }

  /**
   * A pass now, over one bucket or all. Resolves when it is complete, to the buckets in which something was due. What fails is
   * logged, and is due again at the next pass.
   * @throws DatabaseFault, StoreUnavailable when a store is away: the pass ends then
   */
  run(bucket = ALL_BUCKETS): Promise<readonly BucketPass[]> {
    const waiting = this.#waiting.get(bucket);
    if (waiting) return waiting;
    const { signal } = this.#ending;
    const pass = this.#latest.then(() => {
      this.#waiting.delete(bucket);
      return this.#pass(bucket, signal);
    });
    this.#waiting.set(bucket, pass);
    this.#latest = pass.catch(() => {});
    return pass;
  }

  #arm(): void {
    const { clock } = this.#deps;
    const nowMs = clock.now();
    this.#timer = clock.setTimeout(() => {
      this.#arm();
      this.request();
    }, nextMidnight(nowMs) - nowMs);
  }

  async #pass(only: string, signal: AbortSignal): Promise<readonly BucketPass[]> {
    const passes: BucketPass[] = [];
    try {
      const passOverAll = async () => {
        for await (const bucket of configuredBuckets(this.#deps.metadata, only)) {
          if (signal.aborted) break;
          passes.push(await this.#passOver(bucket, signal));
        }
      };
      await runAlone(this.#deps.leases, 'lifecycle', passOverAll, signal);
    } catch (error) {
      this.#report(error, only);
      if (isStoreAway(error)) throw error;
    }
    return passes.filter((pass) => !isEmpty(pass));
  }

  async #passOver(bucket: Bucket, signal: AbortSignal): Promise<BucketPass> {
    const tally = beginTally(bucket.name);
    try {
      await passOverBucket(bucket, this.#deps.clock.now(), this.#deps, tally, signal);
    } catch (error) {
      // It is away for the other buckets too.
      if (isStoreAway(error)) throw error;
      this.#report(error, bucket.name);
    } finally {
      this.#tell(tally);
    }
    return tally;
  }

  #tell({ bucket, expired, expiredVersions, removedMarkers, transitioned, aborted }: BucketPass): void {
    this.#emit({ type: 'lifecycle.expired', bucket, what: 'objects', ...expired });
    this.#emit({ type: 'lifecycle.expired', bucket, what: 'previous versions', ...expiredVersions });
    this.#emit({ type: 'lifecycle.expired', bucket, what: 'delete markers', ...removedMarkers });
    for (const [storageClass, changed] of transitioned) {
      this.#emit({ type: 'lifecycle.transitioned', bucket, storageClass, ...changed });
    }
    this.#emit({ type: 'lifecycle.aborted', bucket, ...aborted });
  }

  #emit(event: LifecycleEvent): void {
    if (event.count === 0) return;
    const { type, keys: _keys, ...facts } = event;
    this.#deps.log.info(type, facts);
    this.#deps.events.emit(event);
  }

  #report(error: unknown, bucket: string): void {
    const { log } = this.#deps;
    const advice = 'what is due is tried again at the next pass';
    if (error instanceof OssError || isStoreAway(error))
      logFailure(log, 'error', error, 'lifecycle.failed', { bucket, error: errorText(error), advice });
    else log.error('lifecycle.failed', { bucket, stack: errorStack(error), advice });
  }
}

/** The buckets with lifecycle rules, or the one of that name if it has some. */
async function* configuredBuckets(metadata: MetadataStore, only: string): AsyncGenerator<Bucket> {
  if (only !== ALL_BUCKETS) {
    const bucket = await metadata.getBucket(only);
    if (bucket && hasConfiguration(bucket, 'lifecycle')) yield bucket;
    return;
  }
  let marker = '';
  for (;;) {
    const { items, truncated } = await metadata.listBuckets({ prefix: '', marker, limit: BUCKETS_PER_PAGE });
    for (const bucket of items) {
      if (hasConfiguration(bucket, 'lifecycle')) yield bucket;
    }
    marker = items.at(-1)?.name ?? marker;
    if (!truncated) return;
  }
}
