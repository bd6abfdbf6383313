/** What is configured with a bucket about who may use it. */
import type { Policy } from '../../aliyun/policy/policy.ts';
import { readPolicy } from '../../aliyun/policy/read-policy.ts';
import type { Payer } from '../../aliyun/xml/access-documents.ts';
import { type ConfiguredBucket, configurationOf } from '../bucket/bucket-configurations.ts';

/** The bucket policy, which was checked when it was stored. */
export function policyOf(bucket: ConfiguredBucket): Policy | undefined {
  const text = configurationOf(bucket, 'policy');
  return text === undefined ? undefined : readPolicy(text, 'bucket');
}

export function payerOf(bucket: ConfiguredBucket): Payer {
  return configurationOf(bucket, 'requestPayment') ?? 'BucketOwner';
}

export function blocksPublicAccess(bucket: ConfiguredBucket): boolean {
  return configurationOf(bucket, 'publicAccessBlock') ?? false;
}
