/** RestoreObject and CleanRestoredObject. The rules are in storage/objects/restore.ts. */
import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import { type RestoreInput, readRestoreRequest } from '../../../aliyun/xml/restore-document.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/records.ts';
import { hasRestoreTiers, isArchived, requestRestore, requireRestored } from '../../../storage/objects/restore.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services } from '../rest-call.ts';
import { requestedVersion, versionHeaders } from './versions.ts';

/** 202 when a restore begins, 200 when the object was restored already and stays so for longer. */
export async function restoreObject(call: BucketCall, services: Services): Promise<Answer> {
  const { bucket } = call;
  const { days, jobParameters } = await readRestoreInput(call);
  let answer = emptyAnswer(200);
  const begin = (record: ObjectRecord) => {
    const hasTiers = hasRestoreTiers(record, bucket.storageClass);
    if (jobParameters && !hasTiers && isArchived(record, bucket.storageClass)) {
      throw malformedXml('an Archive object is restored without JobParameters');
    }
    const wish = { days, tier: jobParameters?.tier };
    const { restore, outcome } = requestRestore(record, bucket.storageClass, wish, services.clock.now());
    const priority = hasTiers ? { 'x-oss-object-restore-priority': restore.tier } : {};
    answer = emptyAnswer(outcome === 'started' ? 202 : 200, { ...priority, ...versionHeaders(record, bucket) });
    return { ...record, restore };
  };
  await services.objects.amend(call.bucketName, call.key, begin, requestedVersion(call));
  return answer;
}

/** A restored object is frozen again before its time. */
export async function cleanRestoredObject(call: BucketCall, services: Services): Promise<Answer> {
  const end = (record: ObjectRecord) => {
    requireRestored(record, call.bucket.storageClass, services.clock.now());
    return { ...record, restore: null };
  };
  const record = await services.objects.amend(call.bucketName, call.key, end, requestedVersion(call));
  return emptyAnswer(200, versionHeaders(record, call.bucket));
}

async function readRestoreInput(call: BucketCall): Promise<RestoreInput> {
  const body = await readDocument(call, MAX_XML_BYTES);
  return body.length === 0 ? {} : readRestoreRequest(body, MAX_XML_BYTES);
}
