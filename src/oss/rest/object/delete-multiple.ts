import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import { type DeletedEntry, deleteResult, readDelete } from '../../../aliyun/xml/object-documents.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { encodingType } from '../query.ts';
import { readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { checkVersionId } from '../versions.ts';
import { deleteNamed } from './object-write.ts';

/** Limits: DeleteMultipleObjects page. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const MAX_OBJECTS = 1000;

/** Keys without an object are also reported as deleted. */
export async function deleteMultipleObjects(call: BucketCall, { objects }: Services): Promise<Answer> {
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
  const deleted: DeletedEntry[] = [];
  for (const { key, versionId } of named) {
    const marker = await deleteNamed(call.bucketName, key, versionId, objects);
    deleted.push({ key, versionId, markerVersionId: marker?.versionId });
  }
  return request.quiet === 'true' ? emptyAnswer(200) : xmlAnswer(deleteResult(deleted, encoding));
}
