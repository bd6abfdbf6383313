/**
 * When objects were last read, in buckets whose access monitor is enabled. Sources: PutBucketAccessMonitor and
 * GetObjectMeta pages.
 */
import type { Clock } from '../../base/clock.ts';
import type { Bucket, ObjectRecord } from '../../storage/metadata/metadata-store.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import { type ConfiguredBucket, configurationOf } from '../bucket/bucket-configurations.ts';

/** Within this time only the first access counts, so that reading seldom writes. */
const ACCESS_PERIOD_MS = 24 * 60 * 60 * 1000;

/** Since when accesses are noted in this bucket; undefined when they are not. */
export function accessNotedSinceMs(bucket: ConfiguredBucket): number | undefined {
  const monitor = configurationOf(bucket, 'accessMonitor');
  return monitor?.status === 'Enabled' ? monitor.sinceMs : undefined;
}

/**
 * When the object was last written or read; the time of enabling counts as an access to every object. Undefined without
 * an enabled monitor.
 */
export function lastAccessMs(
  bucket: ConfiguredBucket,
  object: Pick<ObjectRecord, 'lastModifiedMs' | 'accessedMs'>,
): number | undefined {
  const sinceMs = accessNotedSinceMs(bucket);
  return sinceMs === undefined ? undefined : Math.max(sinceMs, object.lastModifiedMs, object.accessedMs ?? 0);
}

/**
 * For an operation that reads the bytes of `object`, in `bucket`.
 *
 * @throws OssError NoSuchKey when it was deleted meanwhile
 */
export async function noteAccess(
  bucket: Bucket,
  object: ObjectRecord,
  { objects, clock }: { readonly objects: Objects; readonly clock: Clock },
): Promise<void> {
  const lastMs = lastAccessMs(bucket, object);
  const nowMs = clock.now();
  if (lastMs === undefined || nowMs - lastMs < ACCESS_PERIOD_MS) return;
  const note = (current: ObjectRecord) =>
    current.location === object.location ? { ...current, accessedMs: nowMs } : current;
  await objects.amend(object.bucket, object.key, note, object.versionId);
}
