/** Tags are stored as the text of the `x-oss-tagging` header: `name=value&…`, percent-encoded. */

import { readTagging, taggingDocument } from '../../../aliyun/xml/bucket-documents.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { TAGGING_HEADER } from '../../../storage/objects/stored-headers.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';

/** Source: PutObjectTagging page. */
const MAX_TAGS = 10;

export async function putObjectTagging(call: BucketCall, services: Services): Promise<Answer> {
  const tags = readTagging(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  if (tags.length > MAX_TAGS || tags.some((tag) => !tag.key)) {
    throw new OssError('InvalidArgument', `An object can have up to ${MAX_TAGS} tags, each with a key.`);
  }
  const text = tags
    .map(({ key = '', value = '' }) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
  await setTags(call, services, text);
  return emptyAnswer(200);
}

export async function getObjectTagging(call: BucketCall, { objects }: Services): Promise<Answer> {
  const record = await objects.get(call.bucketName, call.key);
  const tags = [...new URLSearchParams(record.headers[TAGGING_HEADER] ?? '')];
  return xmlAnswer(taggingDocument(tags.map(([key, value]) => ({ key, value }))));
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
