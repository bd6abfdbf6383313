/** The tags of a bucket. Sources: PutBucketTags, GetBucketTags and DeleteBucketTags pages. */
import { readTagging, taggingDocument } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { checkBucketTags } from '../../tagging/tag-rules.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { changeConfiguration, deleteConfiguration, putConfiguration } from './change-configuration.ts';

export async function putBucketTags(call: BucketCall, services: Services): Promise<Answer> {
  const tags = checkBucketTags(readTagging(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES));
  await putConfiguration(call, services, 'tagging', { tags });
  return emptyAnswer(200);
}

export async function getBucketTags({ bucket }: BucketCall): Promise<Answer> {
  return xmlAnswer(taggingDocument(configurationOf(bucket, 'tagging')?.tags ?? []));
}

/** `tagging=key1,key2` deletes the tags of these keys, `tagging` all of them. */
export async function deleteBucketTags(call: BucketCall, services: Services): Promise<Answer> {
  const keys = call.query.get('tagging');
  if (keys) {
    const deleted = new Set(keys.split(','));
    await changeConfiguration(call, services, 'tagging', (current) => ({
      tags: current?.tags.filter(({ key }) => !deleted.has(key)) ?? [],
    }));
  } else {
    await deleteConfiguration(call, services, 'tagging');
  }
  return emptyAnswer(204);
}
