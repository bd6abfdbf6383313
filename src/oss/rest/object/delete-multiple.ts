import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import { deleteResult, readDelete } from '../../../aliyun/xml/object-documents.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { authorizeKeys } from '../authorize.ts';
import { encodingType } from '../query.ts';
import { readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';

/** Limits: DeleteMultipleObjects page. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const MAX_OBJECTS = 1000;
/** Every object has to be permitted before the first is deleted. ACLs permit this to nobody. */
const DELETE = { action: 'oss:DeleteObject', permission: 'manage' } as const;

/** Keys without an object are also reported as deleted. */
export async function deleteMultipleObjects(call: BucketCall, services: Services): Promise<Answer> {
  const { objects } = services;
  if (!call.headers.has('content-md5')) {
    throw new OssError('MissingArgument', 'Missing Some Required Arguments: Content-MD5.', { ec: '0016-00000502' });
  }
  const encoding = encodingType(call.query);
  const request = readDelete(await readDocument(call, MAX_BODY_BYTES), MAX_BODY_BYTES);
  const keys = request.objects.map((object) => object.key ?? '');
  if (keys.length === 0 || keys.length > MAX_OBJECTS || keys.includes('')) {
    throw malformedXml(`1 to ${MAX_OBJECTS} objects with a key are required`);
  }
  await authorizeKeys(DELETE, call, keys, services);
  for (const key of keys) await objects.delete(call.bucketName, key);
  return request.quiet === 'true' ? emptyAnswer(200) : xmlAnswer(deleteResult(keys, encoding));
}
