import type { Answer } from '../../../http/answer.ts';
import { bodyChunks } from '../../../http/body.ts';
import { integerParameter, requiredParameter } from '../query.ts';
import { requireLength } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services } from '../rest-call.ts';
import { readPutOptions, storedHeaders, unsupportedHeader } from './object-headers.ts';

/** Conditions that PutObject does not have. Source: EC page 0017-00000245. */
const CONDITIONS = ['If-Modified-Since', 'If-Unmodified-Since', 'If-Match', 'If-None-Match'];

export async function putObject(call: BucketCall, { objects }: Services): Promise<Answer> {
  const condition = CONDITIONS.find((name) => call.headers.has(name.toLowerCase()));
  if (condition !== undefined) throw unsupportedHeader(condition, '0017-00000245');
  requireLength(call);
  const record = await objects.put(call.bucketName, call.key, bodyChunks(call.body), readPutOptions(call));
  return emptyAnswer(200, storedHeaders(record));
}

export async function appendObject(call: BucketCall, { objects }: Services): Promise<Answer> {
  requireLength(call);
  requiredParameter(call.query, 'position');
  const position = integerParameter(call.query, 'position', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const options = readPutOptions(call);
  const record = await objects.append(call.bucketName, call.key, position, bodyChunks(call.body), options);
  return emptyAnswer(200, { ...storedHeaders(record), 'x-oss-next-append-position': String(record.sizeBytes) });
}

/** 204 also when the object does not exist. */
export async function deleteObject(call: BucketCall, { objects }: Services): Promise<Answer> {
  await objects.delete(call.bucketName, call.key);
  return emptyAnswer(204);
}
