import type { Answer } from '../../../http/answer.ts';
import { bodyChunks } from '../../../http/body.ts';
import { integerParameter, requiredParameter } from '../query.ts';
import { requireLength } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services } from '../rest-call.ts';
import { requestedTrafficLimit } from '../traffic-limit.ts';
import { readPutOptions, storedHeaders } from './object-headers.ts';
import { answerByCallback, readCallback } from './upload-callback.ts';

export async function putObject(call: BucketCall, services: Services): Promise<Answer> {
  requireLength(call);
  const callback = readCallback(call);
  const traffic = requestedTrafficLimit(call, services);
  const chunks = traffic.pace(bodyChunks(call.body));
  const record = await services.objects.put(call.bucketName, call.key, chunks, readPutOptions(call));
  const answer = emptyAnswer(200, { ...storedHeaders(record), ...traffic.delayHeaders() });
  return callback ? answerByCallback('PutObject', callback, record, answer, call, services) : answer;
}

export async function appendObject(call: BucketCall, services: Services): Promise<Answer> {
  requireLength(call);
  requiredParameter(call.query, 'position');
  const position = integerParameter(call.query, 'position', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const options = readPutOptions(call);
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
