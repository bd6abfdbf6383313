import type { Answer } from '../../../http/answer.ts';
import { bodyChunks } from '../../../http/body.ts';
import { integerParameter, requiredParameter } from '../query.ts';
import { requireLength } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services } from '../rest-call.ts';
import { requestedTrafficLimit } from '../traffic-limit.ts';
import { readLaterAppendOptions, readPutOptions, storedHeaders } from './object-headers.ts';

export async function putObject(call: BucketCall, services: Services): Promise<Answer> {
  requireLength(call);
  const traffic = requestedTrafficLimit(call, services);
  const chunks = traffic.pace(bodyChunks(call.body));
  const record = await services.objects.put(call.bucketName, call.key, chunks, readPutOptions(call));
  return emptyAnswer(200, { ...storedHeaders(record), ...traffic.delayHeaders() });
}

export async function appendObject(call: BucketCall, services: Services): Promise<Answer> {
  requireLength(call);
  requiredParameter(call.query, 'position');
  const position = integerParameter(call.query, 'position', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const options = position === 0 ? readPutOptions(call) : readLaterAppendOptions(call);
  const traffic = requestedTrafficLimit(call, services);
  const chunks = traffic.pace(bodyChunks(call.body));
  const record = await services.objects.append(call.bucketName, call.key, position, chunks, options);
  const next = { 'x-oss-next-append-position': String(record.sizeBytes) };
  return emptyAnswer(200, { ...storedHeaders(record), ...next, ...traffic.delayHeaders() });
}

/** 204 also when the object does not exist. */
export async function deleteObject(call: BucketCall, { objects }: Services): Promise<Answer> {
  await objects.delete(call.bucketName, call.key);
  return emptyAnswer(204);
}
