import { accessControlPolicy } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/records.ts';
import { missingHeader } from '../query.ts';
import { type BucketCall, emptyAnswer, ownerOf, type Services, xmlAnswer } from '../rest-call.ts';
import { OBJECT_ACL_HEADER, readObjectAcl } from './object-headers.ts';
import { requestedVersion, versionHeaders } from './versions.ts';

export async function putObjectAcl(call: BucketCall, { objects }: Services): Promise<Answer> {
  const acl = readObjectAcl(call);
  if (!acl) throw missingHeader(OBJECT_ACL_HEADER);
  const change = (record: ObjectRecord) => ({ ...record, acl });
  const record = await objects.amend(call.bucketName, call.key, change, requestedVersion(call));
  return emptyAnswer(200, versionHeaders(record, call.bucket));
}

export async function getObjectAcl(call: BucketCall, { objects }: Services): Promise<Answer> {
  const record = await objects.get(call.bucketName, call.key, requestedVersion(call));
  return xmlAnswer(accessControlPolicy(ownerOf(call.bucket), record.acl), versionHeaders(record, call.bucket));
}
