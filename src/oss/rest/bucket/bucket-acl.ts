import { accessControlPolicy } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { newBucket } from '../../../storage/metadata/new-bucket.ts';
import { authorizeAction, checkBucketName, refusePublicAcl } from '../authorize.ts';
import { missingHeader } from '../query.ts';
import {
  accountOfCaller,
  type BucketCall,
  type Call,
  emptyAnswer,
  ownerOf,
  type Services,
  xmlAnswer,
} from '../rest-call.ts';
import { alreadyExists, readBucketAcl } from './bucket.ts';

/** The call creates a bucket that does not exist (PutBucketAcl page). */
export async function putBucketAcl(call: Call, services: Services): Promise<Answer> {
  checkBucketName(call.bucketName);
  const acl = readBucketAcl(call);
  if (!acl) throw missingHeader('x-oss-acl');
  const owner = accountOfCaller(call);
  const bucket = await services.metadata.getBucket(call.bucketName);
  if (bucket)
    await authorizeAction({ action: 'oss:PutBucketAcl', permission: 'manage' }, { ...call, bucket }, services);
  await refusePublicAcl('bucket', acl, bucket ?? { owner, configurations: {} }, services);
  await services.metadata.changeBucket(call.bucketName, (current) => {
    // Another account may have created it meanwhile.
    if (current && !bucket && current.owner !== owner) throw alreadyExists(call.bucketName);
    return { ...(current ?? newBucket(call.bucketName, acl, services.clock.now(), 'Standard', owner)), acl };
  });
  return emptyAnswer(200, { location: `/${call.bucketName}` });
}

export async function getBucketAcl({ bucket }: BucketCall): Promise<Answer> {
  return xmlAnswer(accessControlPolicy(ownerOf(bucket), bucket.acl));
}
