import type { Answer } from '../../../http/answer.ts';
import { bodyChunks } from '../../../http/body.ts';
import type { DeleteMarker } from '../../../storage/metadata/records.ts';
import { integerParameter, requiredParameter } from '../query.ts';
import { requireLength } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services } from '../rest-call.ts';
import { readLaterAppendOptions, readPutOptions, storedHeaders, unsupportedHeader } from './object-headers.ts';
import { requestedTrafficLimit } from './traffic-limit.ts';
import { answerByCallback, readCallback } from './upload-callback.ts';
import { requestedVersion, versionHeaders } from './versions.ts';

/** Conditions that PutObject does not have. Source: EC page 0017-00000245. */
const CONDITIONS = ['If-Modified-Since', 'If-Unmodified-Since', 'If-Match', 'If-None-Match'];

export async function putObject(call: BucketCall, services: Services): Promise<Answer> {
  const condition = CONDITIONS.find((name) => call.headers.has(name.toLowerCase()));
  if (condition !== undefined) throw unsupportedHeader(condition, '0017-00000245');
  requireLength(call);
  const callback = readCallback(call);
  const traffic = requestedTrafficLimit(call, services);
  const chunks = traffic.pace(bodyChunks(call.body));
  const record = await services.objects.put(call.bucketName, call.key, chunks, readPutOptions(call));
  const headers = storedHeaders(record, call.bucket);
  const answer = emptyAnswer(200, { ...headers, ...traffic.delayHeaders() });
  return callback ? answerByCallback('PutObject', callback, record, answer, call, services) : answer;
}

export async function appendObject(call: BucketCall, services: Services): Promise<Answer> {
  requireLength(call);
  requiredParameter(call.query, 'position');
  const position = integerParameter(call.query, 'position', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const options = position === 0 ? readPutOptions(call) : readLaterAppendOptions(call);
  const traffic = requestedTrafficLimit(call, services);
  const chunks = traffic.pace(bodyChunks(call.body));
  const record = await services.objects.append(call.bucketName, call.key, position, chunks, options);
  return emptyAnswer(200, {
    ...storedHeaders(record, call.bucket),
    'x-oss-next-append-position': String(record.sizeBytes),
    ...traffic.delayHeaders(),
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
