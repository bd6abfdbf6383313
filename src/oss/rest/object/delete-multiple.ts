import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import { type DeletedEntry, deleteResult, readDelete } from '../../../aliyun/xml/object-documents.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { authorizeKeys } from '../authorize.ts';
import { encodingType } from '../query.ts';
import { readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteNamed } from './object-write.ts';
import { checkVersionId } from './versions.ts';

/** Limits: DeleteMultipleObjects page. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const MAX_OBJECTS = 1000;
/** Every object has to be permitted before the first is deleted. ACLs permit this to nobody. */
const DELETE = { action: 'oss:DeleteObject', permission: 'manage' } as const;
const DELETE_VERSION = { action: 'oss:DeleteObjectVersion', permission: 'manage' } as const;

/** Keys without an object are also reported as deleted. */
export async function deleteMultipleObjects(call: BucketCall, services: Services): Promise<Answer> {
  const { objects } = services;
  if (!call.headers.has('content-md5')) {
    throw new OssError('MissingArgument', 'Missing Some Required Arguments: Content-MD5.', { ec: '0016-00000502' });
  }
  const encoding = encodingType(call.query);
  const request = readDelete(await readDocument(call, MAX_BODY_BYTES), MAX_BODY_BYTES);
  const named = request.objects.map(({ key = '', versionId }) => ({
    key,
    versionId: versionId === undefined ? undefined : checkVersionId(versionId),
  }));
  if (named.length === 0 || named.length > MAX_OBJECTS || named.some(({ key }) => key === '')) {
    throw malformedXml(`1 to ${MAX_OBJECTS} objects with a key are required`);
  }
  const keysWhere = (hasVersion: boolean) =>
    named.filter(({ versionId }) => (versionId !== undefined) === hasVersion).map(({ key }) => key);
  await authorizeKeys(DELETE, call, keysWhere(false), services);
  await authorizeKeys(DELETE_VERSION, call, keysWhere(true), services);
  const deleted: DeletedEntry[] = [];
  for (const { key, versionId } of named) {
    const marker = await deleteNamed(call.bucketName, key, versionId, objects);
    deleted.push({ key, versionId, markerVersionId: marker?.versionId });
  }
  return request.quiet === 'true' ? emptyAnswer(200) : xmlAnswer(deleteResult(deleted, encoding));
}
