import type { Answer } from '../../../http/answer.ts';
import { bodyChunks } from '../../../http/body.ts';
import type { DeleteMarker } from '../../../storage/metadata/metadata-store.ts';
import { integerParameter, requiredParameter } from '../query.ts';
import { requireLength } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services } from '../rest-call.ts';
import { requestedVersion, versionHeaders } from '../versions.ts';
import { readPutOptions, storedHeaders } from './object-headers.ts';

export async function putObject(call: BucketCall, { objects }: Services): Promise<Answer> {
  requireLength(call);
  const record = await objects.put(call.bucketName, call.key, bodyChunks(call.body), readPutOptions(call));
  return emptyAnswer(200, { ...storedHeaders(record), ...versionHeaders(record, call.bucket) });
}

export async function appendObject(call: BucketCall, { objects }: Services): Promise<Answer> {
  requireLength(call);
  requiredParameter(call.query, 'position');
  const position = integerParameter(call.query, 'position', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const options = readPutOptions(call);
  const record = await objects.append(call.bucketName, call.key, position, bodyChunks(call.body), options);
  return emptyAnswer(200, {
    ...storedHeaders(record),
    ...versionHeaders(record, call.bucket),
    'x-oss-next-append-position': String(record.sizeBytes),
  });
}

/** 204 also when the object does not exist, or the version. */
export async function deleteObject(call: BucketCall, { objects }: Services): Promise<Answer> {
  const requested = requestedVersion(call);
  const marker = await deleteNamed(call.bucketName, call.key, requested, objects);
  const versionId = requested ?? marker?.versionId;
  return emptyAnswer(204, {
    ...(versionId !== undefined && versionHeaders({ versionId }, call.bucket)),
    ...(marker && { 'x-oss-delete-marker': 'true' }),
  });
}

/** Deletes an object or one of its versions. The delete marker that was made, or that was deleted. */
export async function deleteNamed(
  bucket: string,
  key: string,
  versionId: string | undefined,
  objects: Services['objects'],
): Promise<DeleteMarker | undefined> {
  if (versionId === undefined) return objects.delete(bucket, key);
  const deleted = await objects.deleteVersion(bucket, key, versionId);
  return deleted?.type === 'DeleteMarker' ? deleted : undefined;
}
