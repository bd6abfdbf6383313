/**
 * The access monitor of a bucket: when it is enabled, the time is kept at which each object was last read. Sources:
 * PutBucketAccessMonitor and GetObjectMeta pages.
 */
import {
  type AccessMonitorStatus,
  accessMonitorDocument,
  readAccessMonitorStatus,
} from '../../../aliyun/xml/access-monitor-document.ts';
import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import type { Answer } from '../../../http/answer.ts';
import type { Bucket, ObjectRecord } from '../../../storage/metadata/metadata-store.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { configurationOf, putConfiguration } from './bucket-configuration.ts';

/** Within this time only the first access counts, so that reading seldom writes. Source: PutBucketAccessMonitor page. */
const ACCESS_PERIOD_MS = 24 * 60 * 60 * 1000;

export async function putBucketAccessMonitor(call: BucketCall, services: Services): Promise<Answer> {
  const status = readAccessMonitorStatus(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  if (status !== 'Enabled' && status !== 'Disabled') throw malformedXml('Status must be Enabled or Disabled');
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

/**
 * When the object was last written or read; the time of enabling counts as an access to every object. Undefined without
 * an enabled monitor.
 */
export function lastAccessMs(bucket: Bucket, object: ObjectRecord): number | undefined {
  const monitor = configurationOf(bucket, 'accessMonitor');
  if (monitor?.status !== 'Enabled') return undefined;
  return Math.max(monitor.sinceMs, object.lastModifiedMs, object.accessedMs ?? 0);
}

/**
 * For an operation that reads the bytes of `object`, in `bucket`.
 *
 * @throws OssError NoSuchKey when it was deleted meanwhile
 */
export async function noteAccess(
  bucket: Bucket,
  object: ObjectRecord,
  { objects, clock }: Pick<Services, 'objects' | 'clock'>,
): Promise<void> {
  const lastMs = lastAccessMs(bucket, object);
  const nowMs = clock.now();
  if (lastMs === undefined || nowMs - lastMs < ACCESS_PERIOD_MS) return;
  await objects.amend(object.bucket, object.key, (current) =>
    current.location === object.location ? { ...current, accessedMs: nowMs } : current,
  );
}
