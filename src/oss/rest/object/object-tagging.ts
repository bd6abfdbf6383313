/** Tags are stored as the text of the `x-oss-tagging` header: `name=value&…`, percent-encoded. */

import { readTagging, taggingDocument } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/records.ts';
import { TAGGING_HEADER } from '../../../storage/objects/stored-headers.ts';
import { checkObjectTags, storedTags, writeTagPairs } from '../../tagging/tag-rules.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { requestedVersion, versionHeaders } from './versions.ts';

export async function putObjectTagging(call: BucketCall, services: Services): Promise<Answer> {
  const tags = checkObjectTags(readTagging(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES));
  const record = await setTags(call, services, writeTagPairs(tags));
  return emptyAnswer(200, versionHeaders(record, call.bucket));
}

export async function getObjectTagging(call: BucketCall, { objects }: Services): Promise<Answer> {
  const record = await objects.get(call.bucketName, call.key, requestedVersion(call));
  const document = taggingDocument(storedTags(record.headers[TAGGING_HEADER] ?? ''));
  return xmlAnswer(document, versionHeaders(record, call.bucket));
}

export async function deleteObjectTagging(call: BucketCall, services: Services): Promise<Answer> {
  const record = await setTags(call, services, '');
  return emptyAnswer(204, versionHeaders(record, call.bucket));
}

function setTags(call: BucketCall, { objects }: Services, text: string): Promise<ObjectRecord> {
  const change = (record: ObjectRecord) => {
    const { [TAGGING_HEADER]: _replaced, ...headers } = record.headers;
    return { ...record, headers: text === '' ? headers : { ...headers, [TAGGING_HEADER]: text } };
  };
  return objects.amend(call.bucketName, call.key, change, requestedVersion(call));
}
