/**
 * When objects were last read, in buckets whose access monitor is enabled. Sources: PutBucketAccessMonitor and
 * GetObjectMeta pages.
 */
import type { ObjectRecord } from '../../storage/metadata/records.ts';
import { type ConfiguredBucket, configurationOf } from '../bucket/bucket-configurations.ts';

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
