/** The lifecycle rules of a bucket, as oss/lifecycle executes them. Limits: PutBucketLifecycle page. */
import { randomUUID } from 'node:crypto';
import { readLifecycleConfiguration } from '../../../aliyun/xml/read-lifecycle.ts';
import { lifecycleConfigurationDocument } from '../../../aliyun/xml/write-lifecycle.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { accessNotedSinceMs } from '../../access-monitor/last-access.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { checkRules } from '../../lifecycle/check-rules.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteConfiguration, putConfiguration } from './change-configuration.ts';

const ALLOW_OVERLAP_HEADER = 'x-oss-allow-same-action-overlap';

export async function putBucketLifecycle(call: BucketCall, services: Services): Promise<Answer> {
  const read = readLifecycleConfiguration(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  const rules = read.rules.map((rule) => (rule.id === '' ? { ...rule, id: randomUUID() } : rule));
  checkRules(rules, {
    allowOverlap: call.headers.get(ALLOW_OVERLAP_HEADER) === 'true',
    tracksAccess: accessNotedSinceMs(call.bucket) !== undefined,
  });
  await putConfiguration(call, services, 'lifecycle', { rules });
  services.lifecycle.request(call.bucketName);
  return emptyAnswer(200);
}

export async function getBucketLifecycle({ bucket }: BucketCall): Promise<Answer> {
  const lifecycle = configurationOf(bucket, 'lifecycle');
  if (!lifecycle) throw new OssError('NoSuchLifecycle', 'No Row found in Lifecycle Table.');
  return xmlAnswer(lifecycleConfigurationDocument(lifecycle, accessNotedSinceMs(bucket)));
}

export async function deleteBucketLifecycle(call: BucketCall, services: Services): Promise<Answer> {
  await deleteConfiguration(call, services, 'lifecycle');
  return emptyAnswer(204);
}
