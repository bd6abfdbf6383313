import { bucketInfoDocument, bucketStatDocument } from '../../../aliyun/xml/bucket-info-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { type BucketCall, ownerOf, type Services, xmlAnswer } from '../rest-call.ts';
import { placeOf } from './bucket.ts';

export async function getBucketInfo(call: BucketCall, services: Services): Promise<Answer> {
  const { bucket } = call;
  const features = {
    redundancy: configurationOf(bucket, 'redundancy'),
    versioning: configurationOf(bucket, 'versioning'),
    accessMonitor: configurationOf(bucket, 'accessMonitor'),
    encryption: configurationOf(bucket, 'encryption'),
  };
  return xmlAnswer(bucketInfoDocument(bucket, ownerOf(bucket), placeOf(call, services), features));
}

export async function getBucketStat(call: BucketCall, { metadata, clock }: Services): Promise<Answer> {
  const usage = await metadata.bucketUsage(call.bucketName);
  const ownClasses = await metadata.classUsage(call.bucketName);
  return xmlAnswer(bucketStatDocument(call.bucket.storageClass, usage, ownClasses, clock.now()));
}
