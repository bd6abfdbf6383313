import { readWebsiteConfiguration, websiteConfigurationDocument } from '../../../aliyun/xml/website-document.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { checkWebsite } from '../../website/website-check.ts';
import { readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteConfiguration, putConfiguration } from './change-configuration.ts';

/** It is read with every page, so it must not be long. A document of 20 rules has some 20 KB. */
const MAX_WEBSITE_BYTES = 128 * 1024;

export async function putBucketWebsite(call: BucketCall, services: Services): Promise<Answer> {
  const website = readWebsiteConfiguration(await readDocument(call, MAX_WEBSITE_BYTES), MAX_WEBSITE_BYTES);
  checkWebsite(website);
  await putConfiguration(call, services, 'website', website);
  return emptyAnswer(200);
}

export async function getBucketWebsite({ bucket }: BucketCall): Promise<Answer> {
  const website = configurationOf(bucket, 'website');
  if (website) return xmlAnswer(websiteConfigurationDocument(website));
  const message = 'The specified bucket does not have a website configuration.';
  throw new OssError('NoSuchWebsiteConfiguration', message, { details: { BucketName: bucket.name } });
}

export async function deleteBucketWebsite(call: BucketCall, services: Services): Promise<Answer> {
  await deleteConfiguration(call, services, 'website');
  return emptyAnswer(204);
}
