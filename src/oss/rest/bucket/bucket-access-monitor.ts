/**
 * The access monitor of a bucket, as access-monitor/last-access.ts applies it. Sources: PutBucketAccessMonitor page and
 * the page of EC 0036-00000005.
 */
import {
  type AccessMonitorStatus,
  accessMonitorDocument,
  readAccessMonitorStatus,
} from '../../../aliyun/xml/access-monitor-document.ts';
import { usesAccessTime } from '../../../aliyun/xml/lifecycle-rule.ts';
import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import type { Bucket } from '../../../storage/metadata/records.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { putConfiguration } from './change-configuration.ts';

export async function putBucketAccessMonitor(call: BucketCall, services: Services): Promise<Answer> {
  const status = readAccessMonitorStatus(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  if (status !== 'Enabled' && status !== 'Disabled') throw malformedXml('Status must be Enabled or Disabled');
  if (status === 'Disabled') refuseWhileNeeded(call.bucket);
  // A repetition changes nothing: the time of enabling stays.
  if (status !== accessMonitorStatus(call.bucket)) {
    await putConfiguration(call, services, 'accessMonitor', { status, sinceMs: services.clock.now() });
  }
  return emptyAnswer(200);
}

export async function getBucketAccessMonitor({ bucket }: BucketCall): Promise<Answer> {
  return xmlAnswer(accessMonitorDocument(accessMonitorStatus(bucket)));
}

export function accessMonitorStatus(bucket: Bucket): AccessMonitorStatus {
  return configurationOf(bucket, 'accessMonitor')?.status ?? 'Disabled';
}

/** @throws OssError AccessMonitorDisableNotAllowed */
function refuseWhileNeeded(bucket: Bucket): void {
  const needing = configurationOf(bucket, 'lifecycle')?.rules.find(usesAccessTime);
  if (!needing) return;
  throw new OssError('AccessMonitorDisableNotAllowed', 'The access monitor is needed by lifecycle rules.', {
    ec: '0036-00000005',
    reason: `the lifecycle rule ${needing.id} uses the time of the last access`,
  });
}
