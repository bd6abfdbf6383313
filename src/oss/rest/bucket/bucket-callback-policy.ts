/** Callback settings that a bucket keeps, for uploads that name one: `x-oss-callback` of `{"callbackPolicy":"name"}`. */
import {
  bucketCallbackPolicyDocument,
  type CallbackPolicyDocument,
  readBucketCallbackPolicy,
} from '../../../aliyun/xml/callback-policy-document.ts';
import { invalidArgument, OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteConfiguration, putConfiguration } from './change-configuration.ts';

/** No page names a limit. */
const MAX_POLICIES = 100;

/** A list without policies is accepted, as the SDKs' tests require. */
export async function putBucketCallbackPolicy(call: BucketCall, services: Services): Promise<Answer> {
  const document = readBucketCallbackPolicy(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  checkCallbackPolicies(document);
  await putConfiguration(call, services, 'callbackPolicy', document);
  return emptyAnswer(200);
}

export async function getBucketCallbackPolicy({ bucket }: BucketCall): Promise<Answer> {
  const document = configurationOf(bucket, 'callbackPolicy');
  if (document) return xmlAnswer(bucketCallbackPolicyDocument(document));
  throw new OssError('BucketCallbackPolicyNotExist', 'The bucket callback policy does not exist.', {
    details: { BucketName: bucket.name },
  });
}

export async function deleteBucketCallbackPolicy(call: BucketCall, services: Services): Promise<Answer> {
  await deleteConfiguration(call, services, 'callbackPolicy');
  return emptyAnswer(204);
}

/** @throws OssError InvalidArgument */
export function checkCallbackPolicies({ items }: CallbackPolicyDocument): void {
  if (items.length > MAX_POLICIES) throw invalidPolicy('PolicyItem', String(items.length));
  const names = new Set<string>();
  for (const { name, callback } of items) {
    if (name === '' || names.has(name)) throw invalidPolicy('PolicyName', name);
    if (callback === '') throw invalidPolicy('Callback', callback);
    names.add(name);
  }
}

function invalidPolicy(name: string, value: string): OssError {
  return invalidArgument(name, value, `${name} of the callback policy is invalid.`);
}
