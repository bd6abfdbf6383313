/** What is configured with a bucket, by sub-resource: the parsed document, stored as JSON. */
import type { CorsDocument, RefererDocument } from '../../../aliyun/xml/bucket-documents.ts';
import type { LifecycleDocument } from '../../../aliyun/xml/lifecycle-document.ts';
import type { Bucket } from '../../../storage/metadata/metadata-store.ts';
import { noSuchBucket } from '../authorize.ts';
import type { BucketCall, Services } from '../rest-call.ts';
import { changeBucket } from './bucket.ts';

/** The documents by the name of their sub-resource. */
interface Configurations {
  readonly cors: CorsDocument;
  readonly lifecycle: LifecycleDocument;
  readonly referer: RefererDocument;
}

type ConfigurationName = keyof Configurations;

export function configurationOf<Name extends ConfigurationName>(
  { configurations }: Pick<Bucket, 'configurations'>,
  name: Name,
): Configurations[Name] | undefined {
  const text = configurations[name];
  return text === undefined ? undefined : JSON.parse(text);
}

export async function putConfiguration<Name extends ConfigurationName>(
  call: BucketCall,
  services: Services,
  name: Name,
  document: Configurations[Name],
): Promise<void> {
  await changeConfigurations(call, services, (current) => ({ ...current, [name]: JSON.stringify(document) }));
}

/** Also when there is none. */
export async function deleteConfiguration(
  call: BucketCall,
  services: Services,
  name: ConfigurationName,
): Promise<void> {
  await changeConfigurations(call, services, ({ [name]: _deleted, ...others }) => others);
}

async function changeConfigurations(
  { bucketName }: BucketCall,
  services: Services,
  change: (current: Bucket['configurations']) => Bucket['configurations'],
): Promise<void> {
  await changeBucket(bucketName, services, (current) => {
    if (!current) throw noSuchBucket(bucketName);
    return { ...current, configurations: change(current.configurations) };
  });
}
