/** The referer list of a bucket, as referer.ts applies it. Limits: PutBucketReferer page. */
import { readRefererConfiguration, refererConfigurationDocument } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { putConfiguration } from './change-configuration.ts';

export async function putBucketReferer(call: BucketCall, services: Services): Promise<Answer> {
  const referer = readRefererConfiguration(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  await putConfiguration(call, services, 'referer', referer);
  return emptyAnswer(200);
}

/** Without a configuration the answer has the defaults. */
export async function getBucketReferer({ bucket }: BucketCall): Promise<Answer> {
  return xmlAnswer(refererConfigurationDocument(configurationOf(bucket, 'referer') ?? { referers: [], blacklist: [] }));
}
