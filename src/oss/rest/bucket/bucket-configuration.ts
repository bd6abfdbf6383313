/** What is configured with a bucket, by sub-resource: the parsed document, stored as JSON. */
import type { AccessMonitorDocument } from '../../../aliyun/xml/access-monitor-document.ts';
import type { CorsDocument, RefererDocument } from '../../../aliyun/xml/bucket-documents.ts';
import type { CallbackPolicyDocument } from '../../../aliyun/xml/callback-policy-document.ts';
import type { EncryptionDocument } from '../../../aliyun/xml/encryption-document.ts';
import type { LifecycleDocument } from '../../../aliyun/xml/lifecycle-document.ts';
import type { ResponseHeaderDocument } from '../../../aliyun/xml/response-header-document.ts';
import type { WebsiteDocument } from '../../../aliyun/xml/website-document.ts';
import type { Bucket, Versioning } from '../../../storage/metadata/metadata-store.ts';
import type { Payer } from '../../access/bucket-access.ts';
import { noSuchBucket } from '../authorize.ts';
import type { BucketCall, Services } from '../rest-call.ts';
import type { Tag } from '../tag-rules.ts';
import { changeBucket } from './bucket.ts';

/** The documents by the name of their sub-resource. */
interface Configurations {
  readonly accessMonitor: AccessMonitorDocument;
  readonly versioning: { readonly status: Versioning };
  readonly cors: CorsDocument;
  readonly encryption: EncryptionDocument;
  readonly lifecycle: LifecycleDocument;
  readonly referer: RefererDocument;
  readonly responseHeader: ResponseHeaderDocument;
  /** Set when the bucket is created; LRS without it. */
  readonly redundancy: { readonly type: string };
  readonly tagging: { readonly tags: readonly Tag[] };
  readonly callbackPolicy: CallbackPolicyDocument;
  readonly website: WebsiteDocument;
  /** The text of the policy. */
  readonly policy: string;
  readonly requestPayment: Payer;
  readonly publicAccessBlock: boolean;
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

/** Writes what `change` makes of the present document. */
export async function changeConfiguration<Name extends ConfigurationName>(
  call: BucketCall,
  services: Services,
  name: Name,
  change: (current: Configurations[Name] | undefined) => Configurations[Name],
): Promise<void> {
  await changeConfigurations(call, services, (configurations) => {
    const changed = change(configurationOf({ configurations }, name));
    return { ...configurations, [name]: JSON.stringify(changed) };
  });
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
