/** What a read changes in a bucket whose access monitor is enabled. Source: PutBucketAccessMonitor page. */
import type { Clock } from '../../base/clock.ts';
import type { Bucket, ObjectRecord } from '../../storage/metadata/records.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import { storageClassOf } from '../../storage/objects/storage-class.ts';
import { STORAGE_CLASS_HEADER } from '../../storage/objects/stored-headers.ts';
import { configurationOf } from '../bucket/bucket-configurations.ts';
import { indexRules, returnsWhenVisited } from '../lifecycle/lifecycle-rules.ts';
import { subjectOf } from '../lifecycle/lifecycle-subject.ts';
import { lastAccessMs } from './last-access.ts';

/** Within this time only the first access counts, so that reading seldom writes. */
const ACCESS_PERIOD_MS = 24 * 60 * 60 * 1000;

/**
 * For an operation that reads the bytes of `object`, in `bucket`: the time of the access, and the storage class when a
 * lifecycle rule returns what is visited to Standard.
 *
 * @throws OssError NoSuchKey when it was deleted meanwhile
 */
export async function noteAccess(
  bucket: Bucket,
  object: ObjectRecord,
  { objects, clock }: { readonly objects: Objects; readonly clock: Clock },
): Promise<void> {
  const lastMs = lastAccessMs(bucket, object);
  if (lastMs === undefined) return;
  const nowMs = clock.now();
  const accessed = nowMs - lastMs < ACCESS_PERIOD_MS ? {} : { accessedMs: nowMs };
  const returned = returnsToStandard(bucket, object)
    ? { headers: { ...object.headers, [STORAGE_CLASS_HEADER]: 'Standard' } }
    : {};
  const changes = { ...accessed, ...returned };
  if (Object.keys(changes).length === 0) return;
  const note = (current: ObjectRecord) => (current.location === object.location ? { ...current, ...changes } : current);
  await objects.amend(object.bucket, object.key, note, object.versionId);
}

function returnsToStandard(bucket: Bucket, object: ObjectRecord): boolean {
  if (storageClassOf(object, bucket.storageClass) !== 'IA') return false;
  const lifecycle = configurationOf(bucket, 'lifecycle');
  return lifecycle !== undefined && returnsWhenVisited(indexRules(lifecycle.rules), subjectOf(object, bucket));
}
