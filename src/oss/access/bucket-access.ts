/** What is configured with a bucket about who may use it. Each is stored as JSON below the name of its sub-resource. */
import type { Policy } from '../../aliyun/policy/policy.ts';
import { readPolicy } from '../../aliyun/policy/read-policy.ts';
import type { Bucket } from '../../storage/metadata/metadata-store.ts';

type Configured = Pick<Bucket, 'configurations'>;

export const PAYERS = ['BucketOwner', 'Requester'] as const;
export type Payer = (typeof PAYERS)[number];

/** The bucket policy, which was checked when it was stored. */
export function policyOf(bucket: Configured): Policy | undefined {
  const text = policyTextOf(bucket);
  return text === undefined ? undefined : readPolicy(text, 'bucket');
}

/** As it was sent. */
export function policyTextOf({ configurations }: Configured): string | undefined {
  const { policy } = configurations;
  return policy === undefined ? undefined : JSON.parse(policy);
}

export function payerOf({ configurations }: Configured): Payer {
  return configurations.requestPayment === undefined ? 'BucketOwner' : JSON.parse(configurations.requestPayment);
}

export function blocksPublicAccess({ configurations }: Configured): boolean {
  return configurations.publicAccessBlock !== undefined && JSON.parse(configurations.publicAccessBlock);
}
