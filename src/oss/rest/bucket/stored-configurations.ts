/**
 * What may be stored as a configuration of a bucket, for data that comes from elsewhere than a request: the form of each document,
 * and the rules by which the operation that stores it refuses one.
 */
import * as v from 'valibot';
import { PAYERS } from '../../../aliyun/xml/access-documents.ts';
import { type LifecycleDocument, TRANSITION_CLASSES } from '../../../aliyun/xml/lifecycle-rule.ts';
import { readLifecycleConfiguration } from '../../../aliyun/xml/read-lifecycle.ts';
import {
  ELEMENT_NAME,
  readWebsiteConfiguration,
  type WebsiteDocument,
  websiteConfigurationDocument,
} from '../../../aliyun/xml/website-document.ts';
import type { XmlContent } from '../../../aliyun/xml/write.ts';
import { lifecycleConfigurationDocument } from '../../../aliyun/xml/write-lifecycle.ts';
import { keeping } from '../../../base/kept-rule.ts';
import { choice, flag, integer, openFields } from '../../../base/schema.ts';
import { clockTime, plannedTime } from '../../../base/time-schema.ts';
import type { ConfigurationName, Configurations } from '../../bucket/bucket-configurations.ts';
import { checkRules } from '../../lifecycle/check-rules.ts';
import { checkBucketTags } from '../../tagging/tag-rules.ts';
import { checkWebsite } from '../../website/website-check.ts';
import { checkEncryption } from '../encryption.ts';
import { MAX_XML_BYTES } from '../request-body.ts';
import { REDUNDANCY_TYPES } from './bucket.ts';
import { checkCallbackPolicies } from './bucket-callback-policy.ts';
import { checkCors } from './bucket-cors.ts';
import { checkPolicy } from './bucket-policy.ts';
import { checkResponseHeader } from './bucket-response-header.ts';
import { VERSIONING_STATES } from './bucket-versioning.ts';

/** Indentation and elements that say the default make a document longer than that which was sent. */
const MAX_WRITTEN_BYTES = 8 * MAX_XML_BYTES;

const list = <Item>(item: v.GenericSchema<unknown, Item>) => v.array(item, 'must be a list');
const text = v.string('must be a text');
const texts = list(text);
/** Absent and undefined are the same in JSON. */
const given = v.exactOptional(text);

const actionTime = v.variant('kind', [
  openFields({ kind: v.literal('days'), days: integer(1) }),
  openFields({ kind: v.literal('created-before'), dateMs: plannedTime }),
  openFields({ kind: v.literal('date'), dateMs: plannedTime }),
]);
const tag = openFields({ key: text, value: text });
const transition = {
  storageClass: choice(TRANSITION_CLASSES),
  isAccessTime: v.exactOptional(flag),
  returnToStdWhenVisit: v.exactOptional(flag),
  allowSmallFile: v.exactOptional(flag),
};
const lifecycleRule = openFields({
  id: text,
  prefix: text,
  isEnabled: flag,
  tags: list(tag),
  filter: v.exactOptional(
    openFields({
      objectSizeGreaterThan: v.exactOptional(integer(0)),
      objectSizeLessThan: v.exactOptional(integer(0)),
      not: v.exactOptional(openFields({ prefix: text, tag: v.exactOptional(tag) })),
    }),
  ),
  expiration: v.exactOptional(
    openFields({ when: v.exactOptional(actionTime), expiredObjectDeleteMarker: v.exactOptional(flag) }),
  ),
  transitions: list(openFields({ when: actionTime, ...transition })),
  abortMultipartUpload: v.exactOptional(actionTime),
  noncurrentExpirationDays: v.exactOptional(integer(1)),
  noncurrentTransitions: list(openFields({ noncurrentDays: integer(1), ...transition })),
});

type Elements = { readonly [elementName: string]: XmlContent };
const elements: v.GenericSchema<unknown, Elements> = v.record(
  v.pipe(v.string(), v.regex(ELEMENT_NAME, 'must be the name of an element')),
  v.lazy(() => xmlContent),
);
const xmlContent: v.GenericSchema<unknown, XmlContent> = v.union([
  v.string(),
  v.number(),
  v.boolean(),
  v.array(v.lazy(() => xmlContent)),
  elements,
]);
const routingRule = openFields({
  ruleNumber: given,
  condition: v.exactOptional(
    openFields({
      keyPrefixEquals: given,
      keySuffixEquals: given,
      httpErrorCodeReturnedEquals: given,
      includeHeaders: list(openFields({ key: given, equals: given })),
    }),
  ),
  redirect: v.exactOptional(
    openFields({
      redirectType: given,
      passQueryString: given,
      replaceKeyWith: given,
      replaceKeyPrefixWith: given,
      protocol: given,
      hostName: given,
      httpRedirectCode: given,
      mirrorUrl: given,
    }),
  ),
});

/** Documents of this form that keep the rule. */
function ruled<Document>(
  documents: v.GenericSchema<unknown, Document>,
  check: (document: Document) => unknown,
): v.GenericSchema<unknown, Document> {
  return v.pipe(documents, keeping(check));
}

export const STORED_CONFIGURATIONS: {
  readonly [Name in ConfigurationName]: v.GenericSchema<unknown, Configurations[Name]>;
} = {
  accessMonitor: openFields({ status: choice(['Enabled', 'Disabled']), sinceMs: clockTime }),
  versioning: openFields({ status: choice(VERSIONING_STATES) }),
  cors: ruled(
    openFields({
      rules: list(
        openFields({
          allowedOrigins: texts,
          allowedMethods: texts,
          allowedHeaders: texts,
          exposeHeaders: texts,
          maxAgeSeconds: given,
        }),
      ),
      responseVary: given,
    }),
    checkCors,
  ),
  encryption: ruled(openFields({ algorithm: text, keyId: given, dataAlgorithm: given }), checkEncryption),
  lifecycle: ruled(openFields({ rules: list(lifecycleRule) }), checkLifecycle),
  referer: openFields({
    allowEmptyReferer: given,
    allowTruncateQueryString: given,
    truncatePath: given,
    referers: texts,
    blacklist: texts,
  }),
  responseHeader: ruled(
    openFields({ rules: list(openFields({ name: text, operations: texts, hideHeaders: texts })) }),
    checkResponseHeader,
  ),
  redundancy: openFields({ type: choice(REDUNDANCY_TYPES) }),
  tagging: ruled(openFields({ tags: list(tag) }), ({ tags }) => checkBucketTags(tags)),
  callbackPolicy: ruled(
    openFields({ items: list(openFields({ name: text, callback: text, callbackVar: text })) }),
    checkCallbackPolicies,
  ),
  website: ruled(
    openFields({
      index: v.exactOptional(openFields({ suffix: given, supportSubDir: given, type: given })),
      error: v.exactOptional(openFields({ key: given, httpStatus: given })),
      rules: list(routingRule),
      content: elements,
    }),
    checkStoredWebsite,
  ),
  policy: ruled(text, checkPolicy),
  requestPayment: choice(PAYERS),
  publicAccessBlock: flag,
};

export function isConfigurationName(name: string): name is ConfigurationName {
  return Object.hasOwn(STORED_CONFIGURATIONS, name);
}

/** @throws OssError when GetBucketLifecycle would answer what PutBucketLifecycle refuses: values are checked while it is read */
function checkLifecycle(lifecycle: LifecycleDocument): void {
  const written = Buffer.from(lifecycleConfigurationDocument(lifecycle, undefined));
  const { rules } = readLifecycleConfiguration(written, MAX_WRITTEN_BYTES);
  // How it was put, and what the access monitor was then, is not stored.
  checkRules(rules, { allowOverlap: true, tracksAccess: true });
}

/** @throws OssError when PutBucketWebsite would refuse what is acted on, or what is answered */
function checkStoredWebsite(website: WebsiteDocument): void {
  checkWebsite(website);
  const written = Buffer.from(websiteConfigurationDocument(website));
  checkWebsite(readWebsiteConfiguration(written, MAX_WRITTEN_BYTES));
}
