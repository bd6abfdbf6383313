import { accessControlPolicy } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { newBucket } from '../../../storage/metadata/new-bucket.ts';
import { checkBucketName } from '../authorize.ts';
import { missingHeader } from '../query.ts';
import { type BucketCall, type Call, emptyAnswer, OWNER, type Services, xmlAnswer } from '../rest-call.ts';
import { changeBucket, readBucketAcl } from './bucket.ts';

/** The call creates a bucket that does not exist (PutBucketAcl page). */
export async function putBucketAcl(call: Call, services: Services): Promise<Answer> {
  checkBucketName(call.bucketName);
  const acl = readBucketAcl(call);
  if (!acl) throw missingHeader('x-oss-acl');
  await changeBucket(call.bucketName, services, (current) => ({
    ...(current ?? newBucket(call.bucketName, acl, services.clock.now())),
    acl,
  }));
  return emptyAnswer(200, { location: `/${call.bucketName}` });
}

export async function getBucketAcl({ bucket }: BucketCall): Promise<Answer> {
  return xmlAnswer(accessControlPolicy(OWNER, bucket.acl));
}
