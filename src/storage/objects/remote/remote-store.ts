import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../base/clock.ts';
import { UsageError } from '../../../base/errors.ts';
import type { Outages } from '../../outages.ts';
import type { NamedLocations } from '../location-set.ts';
import { LocationNotFound, OBJECT_RETRY_MS, type ObjectStore } from '../object-store.ts';
import { Attempts } from './attempts.ts';
import { BufferPool } from './buffer-pool.ts';
import { DELETION_GRACE_MS, LateDeletions } from './late-deletions.ts';
import type { RemoteBucket, RequestLimits } from './remote-bucket.ts';
import { remoteReader } from './remote-reader.ts';
import { RemoteSweep, type RemoteSwept, type RunAlone } from './remote-sweep.ts';
import { RemoteWriter } from './remote-writer.ts';
import { MAX_WAITING_BYTES, WaitingBytes } from './waiting-bytes.ts';

export interface RemoteStoreOptions {
  readonly bucket: RemoteBucket;
  /** Empty, or ends with `/`. Nobody else may write below it. */
  readonly prefix: string;
  /** The store, for people, without credentials. */
  readonly shown: string;
  readonly clock: Clock;
  readonly graceMs?: number;
  readonly maxNewNotes?: number;
  readonly maxNotes?: number;
  readonly maxWaitingBytes?: number;
  readonly onSwept?: (swept: RemoteSwept) => void;
  /** Told of requests that are not answered. */
  readonly outages?: Pick<Outages, 'failed'>;
  /** Deletions or a sweep have failed; both are tried again. */
  readonly onUndeleted?: (error: unknown) => void;
}

export interface RemoteStore extends ObjectStore {
  /** The store, for people, without credentials. */
  readonly shown: string;
  /**
   * Whose prefix it is: only the rows of one database tell which bytes are garbage.
   *
   * @throws UsageError when the store cannot be used
   */
  readOwner(): Promise<string | undefined>;
  /** @throws UsageError when the store cannot be used */
  writeOwner(owner: string): Promise<void>;
  /** Resolves when the store has answered, if only that it refuses; rejects when it does not, or cannot. */
  probe(): Promise<void>;
  /** From now on requests fail, also those under way. */
  giveUp(): void;
  /** For bytes that nobody else can be reading. */
  deleteNow(location: string): Promise<void>;
  /**
   * Begins to remove, once in an hour, bytes that no row names.
   * @param alone runs a pass, unless another node runs one now
   */
  sweep(named: () => NamedLocations, alone: RunAlone): void;
  /** One pass of it. */
  sweepOnce(named: () => NamedLocations): Promise<RemoteSwept>;
}

/** The first part is the version of this layout. No bucket of ours has a name of two characters. */
const FOLDER = 'v1/';
const LOCATION = /^v1\/[a-z0-9-]{3,63}\/[0-9a-f-]{36}$/;
const OWNER_KEY = 'owner';
const MAX_OWNER_BYTES = 64;

/**
 * Keeps the bytes of objects in a bucket of another store, under names of its own: `v1/<bucket>/<uuid>`. What a key may be in the
 * other store does not matter so, and no name is written twice, so that no condition on a write is needed.
 */
export function openRemoteStore(options: RemoteStoreOptions): RemoteStore {
  const { bucket, prefix, shown, clock, graceMs = DELETION_GRACE_MS, onSwept, onUndeleted, outages } = options;
  const attempts = new Attempts(clock, shown, outages);
  const waiting = new WaitingBytes(options.maxWaitingBytes ?? MAX_WAITING_BYTES);
  const buffers = new BufferPool(clock);
  const ending = new AbortController();
  const { signal } = ending;
  const giveUp = () => ending.abort(new Error('the emulator stops'));
  // Every write under way listens to it, and removes its listener.
  setMaxListeners(0, signal);
  const remove = (locations: readonly string[]) =>
    attempts.run({
      what: 'DELETE',
      limitMs: OBJECT_RETRY_MS,
      signal,
      act: (limits) =>
        bucket.delete(
          locations.map((location) => prefix + location),
          limits,
        ),
    });
  const deletions = new LateDeletions({
    clock,
    remove,
    graceMs,
    onFailure: (error) => onUndeleted?.(error),
  });
  /** Of this process, without a row yet. */
  const unfinished = new Set<string>();
  const sweep = new RemoteSweep({
    clock,
    bucket,
    attempts,
    prefix,
    folder: FOLDER,
    isKept: (location) => unfinished.has(location) || deletions.has(location),
    onSwept: (swept) => onSwept?.(swept),
    onFailure: (error) => onUndeleted?.(error),
    graceMs,
    maxNewNotes: options.maxNewNotes,
    maxNotes: options.maxNotes,
  });
  const sizeOf = (location: string) =>
    attempts.run({
      what: 'HEAD',
      limitMs: OBJECT_RETRY_MS,
      signal,
      act: (limits) => bucket.size(prefix + location, limits),
    });
  const ofOwner = async <Result>(what: string, act: (limits: RequestLimits) => Promise<Result>): Promise<Result> => {
    try {
      return await attempts.run({ what, limitMs: OBJECT_RETRY_MS, signal, act });
    } catch (error) {
      const { message } = attempts.failure({ what }, error);
      throw new UsageError(`The object store cannot be used: ${message}. Mend that, or choose another --objects.`);
    }
  };
  return {
    create(hint) {
      const location = `${FOLDER}${hint.bucket}/${randomUUID()}`;
      unfinished.add(location);
      return new RemoteWriter({
        bucket,
        attempts,
        waiting,
        buffers,
        hint,
        location,
        key: prefix + location,
        signal,
        onCommitted: () => unfinished.delete(location),
        onGivenUp() {
          unfinished.delete(location);
          deletions.add(location);
        },
      });
    },
    async open(location) {
      if (!LOCATION.test(location) || deletions.has(location)) throw new LocationNotFound(location);
      const sizeBytes = await sizeOf(location);
      if (sizeBytes === undefined) throw new LocationNotFound(location);
      return remoteReader({ bucket, attempts, clock, location, key: prefix + location, sizeBytes, signal });
    },
    async delete(location) {
      if (LOCATION.test(location)) deletions.add(location);
    },
    deleteNow: (location) => remove([location]),
    giveUp,
    async close() {
      giveUp();
      await sweep.stop();
      await deletions.stop();
      buffers.close();
      bucket.close();
    },
    shown,
    readOwner: () =>
      ofOwner('GET', async (limits) => {
        const body = await bucket.read(prefix + OWNER_KEY, { start: 0, end: MAX_OWNER_BYTES - 1 }, limits);
        return body && Buffer.concat(await body.toArray()).toString();
      }),
    writeOwner: (owner) =>
      ofOwner('PUT', async (limits) => {
        await bucket.put(prefix + OWNER_KEY, Buffer.from(owner), OWNER_KEY, limits);
      }),
    probe: () => attempts.probe((limits) => bucket.size(prefix + OWNER_KEY, limits), signal),
    sweep: (named, alone) => sweep.start(named, alone),
    sweepOnce: (named) => sweep.pass(named),
  };
}
