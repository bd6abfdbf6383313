/** Tags are stored as the text of the `x-oss-tagging` header: `name=value&…`, percent-encoded. */

import { readTagging, taggingDocument } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { checkObjectTags, storedTags, writeTagPairs } from '../tag-rules.ts';
import { TAGGING_HEADER } from './object-headers.ts';

export async function putObjectTagging(call: BucketCall, services: Services): Promise<Answer> {
  const tags = checkObjectTags(readTagging(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES));
  await setTags(call, services, writeTagPairs(tags));
  return emptyAnswer(200);
}

export async function getObjectTagging(call: BucketCall, { objects }: Services): Promise<Answer> {
  const record = await objects.get(call.bucketName, call.key);
  return xmlAnswer(taggingDocument(storedTags(record.headers[TAGGING_HEADER] ?? '')));
}

export async function deleteObjectTagging(call: BucketCall, services: Services): Promise<Answer> {
  await setTags(call, services, '');
  return emptyAnswer(204);
}

async function setTags(call: BucketCall, { objects }: Services, text: string): Promise<void> {
  await objects.amend(call.bucketName, call.key, (record) => {
    const { [TAGGING_HEADER]: _replaced, ...headers } = record.headers;
    return { ...record, headers: text === '' ? headers : { ...headers, [TAGGING_HEADER]: text } };
  });
}
