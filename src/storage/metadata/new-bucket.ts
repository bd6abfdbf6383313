import { DEFAULT_ACCOUNT } from '../../base/account.ts';
import type { Bucket, BucketAcl } from './records.ts';

/** A bucket without configurations, as it is when it is created. */
export function newBucket(
  name: string,
  acl: BucketAcl,
  createdMs: number,
  storageClass = 'Standard',
  owner = DEFAULT_ACCOUNT,
): Bucket {
  return { name, acl, storageClass, createdMs, owner, configurations: {} };
}
