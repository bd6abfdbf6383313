/** What is configured with a bucket: each document, parsed, as JSON below a name. */
import type { Payer } from '../../aliyun/xml/access-documents.ts';
import type { AccessMonitorDocument } from '../../aliyun/xml/access-monitor-document.ts';
import type { CorsDocument, RefererDocument } from '../../aliyun/xml/bucket-documents.ts';
import type { CallbackPolicyDocument } from '../../aliyun/xml/callback-policy-document.ts';
import type { EncryptionDocument } from '../../aliyun/xml/encryption-document.ts';
import type { LifecycleDocument } from '../../aliyun/xml/lifecycle-rule.ts';
import type { ResponseHeaderDocument } from '../../aliyun/xml/response-header-document.ts';
import type { WebsiteDocument } from '../../aliyun/xml/website-document.ts';
import type { Bucket, Versioning } from '../../storage/metadata/records.ts';
import type { Tag } from '../tagging/tag-rules.ts';

/** The documents by name, which is mostly that of the sub-resource. */
export interface Configurations {
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
  /** The text of the policy, as it was sent. */
  readonly policy: string;
  readonly requestPayment: Payer;
  readonly publicAccessBlock: boolean;
}

export type ConfigurationName = keyof Configurations;

/** A bucket, of which only the configurations matter. */
export type ConfiguredBucket = Pick<Bucket, 'configurations'>;

export function configurationOf<Name extends ConfigurationName>(
  { configurations }: ConfiguredBucket,
  name: Name,
): Configurations[Name] | undefined {
  const text = configurations[name];
  return text === undefined ? undefined : JSON.parse(text);
}

/** Nothing is parsed, so every request may ask. */
export function hasConfiguration({ configurations }: ConfiguredBucket, name: ConfigurationName): boolean {
  return configurations[name] !== undefined;
}

/** Whether its objects have versions: versioning is enabled or suspended. */
export function isVersioned(bucket: ConfiguredBucket): boolean {
  return hasConfiguration(bucket, 'versioning');
}

/** The bucket with this document, in place of a former one of the name. */
export function withConfiguration<Name extends ConfigurationName>(
  bucket: Bucket,
  name: Name,
  document: Configurations[Name],
): Bucket {
  return { ...bucket, configurations: { ...bucket.configurations, [name]: JSON.stringify(document) } };
}

export function withoutConfiguration(bucket: Bucket, name: ConfigurationName): Bucket {
  const { [name]: _former, ...configurations } = bucket.configurations;
  return { ...bucket, configurations };
}
