/** What lifecycle rules see of objects and their versions. */
import type { Bucket, ObjectRecord, ObjectVersion } from '../../storage/metadata/records.ts';
import { STORAGE_CLASS_HEADER, TAGGING_HEADER } from '../../storage/objects/stored-headers.ts';
import { lastAccessMs } from '../access-monitor/last-access.ts';
import { storedTags } from '../tagging/tag-rules.ts';
import type { LifecycleSubject, NoncurrentSubject } from './lifecycle-rules.ts';

export function subjectOf(
  record: ObjectRecord,
  bucket: Pick<Bucket, 'storageClass' | 'configurations'>,
): LifecycleSubject {
  const { key, type, sizeBytes, lastModifiedMs, headers } = record;
  return {
    key,
    type,
    sizeBytes,
    storageClass: headers[STORAGE_CLASS_HEADER] ?? bucket.storageClass,
    modifiedMs: lastModifiedMs,
    accessedMs: lastAccessMs(bucket, record) ?? lastModifiedMs,
    tags: readOnce(headers[TAGGING_HEADER] ?? ''),
  };
}

/** Many rules may ask for the tags of an object, and most for none. */
function readOnce(text: string): LifecycleSubject['tags'] {
  let tags: ReadonlyMap<string, string> | undefined;
  return () => {
    tags ??= new Map(storedTags(text).map(({ key, value }) => [key, value]));
    return tags;
  };
}

/** A delete marker counts as an empty version. */
export function noncurrentSubjectOf(
  version: ObjectVersion,
  noncurrentSinceMs: number,
  bucket: Pick<Bucket, 'storageClass' | 'configurations'>,
): NoncurrentSubject {
  if (version.type !== 'DeleteMarker') return { ...subjectOf(version, bucket), noncurrentSinceMs };
  const { key, lastModifiedMs } = version;
  return {
    key,
    type: 'DeleteMarker',
    sizeBytes: 0,
    storageClass: bucket.storageClass,
    modifiedMs: lastModifiedMs,
    accessedMs: lastModifiedMs,
    tags: () => new Map(),
    noncurrentSinceMs,
  };
}
