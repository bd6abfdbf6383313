/** How the operations of a bucket change what is configured with it. */
import type { Bucket } from '../../../storage/metadata/records.ts';
import {
  type ConfigurationName,
  type Configurations,
  configurationOf,
  withConfiguration,
  withoutConfiguration,
} from '../../bucket/bucket-configurations.ts';
import { noSuchBucket } from '../authorize.ts';
import type { BucketCall, Services } from '../rest-call.ts';

/** @throws OssError NoSuchBucket when the bucket was deleted meanwhile */
export async function putConfiguration<Name extends ConfigurationName>(
  call: BucketCall,
  services: Services,
  name: Name,
  document: Configurations[Name],
): Promise<void> {
  await changeExisting(call, services, (bucket) => withConfiguration(bucket, name, document));
}

/**
 * Writes what `change` makes of the present document.
 * @throws OssError NoSuchBucket when the bucket was deleted meanwhile
 */
export async function changeConfiguration<Name extends ConfigurationName>(
  call: BucketCall,
  services: Services,
  name: Name,
  change: (current: Configurations[Name] | undefined) => Configurations[Name],
): Promise<void> {
  await changeExisting(call, services, (bucket) =>
    withConfiguration(bucket, name, change(configurationOf(bucket, name))),
  );
}

/**
 * Also when there is none.
 * @throws OssError NoSuchBucket when the bucket was deleted meanwhile
 */
export async function deleteConfiguration(
  call: BucketCall,
  services: Services,
  name: ConfigurationName,
): Promise<void> {
  await changeExisting(call, services, (bucket) => withoutConfiguration(bucket, name));
}

async function changeExisting(
  { bucketName }: BucketCall,
  { metadata }: Services,
  change: (current: Bucket) => Bucket,
): Promise<void> {
  await metadata.changeBucket(bucketName, (current) => {
    if (!current) throw noSuchBucket(bucketName);
    return change(current);
  });
}
