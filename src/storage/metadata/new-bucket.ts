import type { Bucket, BucketAcl } from './metadata-store.ts';

/** A bucket without configurations, as it is when it is created. */
export function newBucket(name: string, acl: BucketAcl, createdMs: number, storageClass = 'Standard'): Bucket {
  return { name, acl, storageClass, createdMs, configurations: {} };
}
