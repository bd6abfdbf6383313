import { accessControlPolicy } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { missingHeader } from '../query.ts';
import { type BucketCall, emptyAnswer, ownerOf, type Services, xmlAnswer } from '../rest-call.ts';
import { readObjectAcl } from './object-headers.ts';

export async function putObjectAcl(call: BucketCall, { objects }: Services): Promise<Answer> {
  const acl = readObjectAcl(call);
  if (!acl) throw missingHeader('x-oss-object-acl');
  await objects.amend(call.bucketName, call.key, (record) => ({ ...record, acl }));
  return emptyAnswer(200);
}

export async function getObjectAcl(call: BucketCall, { objects }: Services): Promise<Answer> {
  const { acl } = await objects.get(call.bucketName, call.key);
  return xmlAnswer(accessControlPolicy(ownerOf(call.bucket), acl));
}
