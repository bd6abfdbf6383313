/**
 * Blocking public access, for an account and for a bucket; there are no access points. `oss/access` applies it. Source:
 * PutPublicAccessBlock and PutBucketPublicAccessBlock pages.
 */
import { publicAccessBlockDocument, readPublicAccessBlock } from '../../../aliyun/xml/access-documents.ts';
import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { blocksPublicAccess } from '../../access/bucket-access.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { accountOfCaller, type BucketCall, type Call, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteConfiguration, putConfiguration } from './change-configuration.ts';

export async function putPublicAccessBlock(call: Call, { accessBlocks }: Services): Promise<Answer> {
  await accessBlocks.put(accountOfCaller(call), await readBlock(call));
  return emptyAnswer(200);
}

export async function getPublicAccessBlock(call: Call, { accessBlocks }: Services): Promise<Answer> {
  return xmlAnswer(publicAccessBlockDocument(await accessBlocks.isBlocked(accountOfCaller(call))));
}

export async function deletePublicAccessBlock(call: Call, { accessBlocks }: Services): Promise<Answer> {
  await accessBlocks.put(accountOfCaller(call), false);
  return emptyAnswer(204);
}

export async function putBucketPublicAccessBlock(call: BucketCall, services: Services): Promise<Answer> {
  refuseAccessPoint(call);
  await putConfiguration(call, services, 'publicAccessBlock', await readBlock(call));
  return emptyAnswer(200);
}

export async function getBucketPublicAccessBlock(call: BucketCall): Promise<Answer> {
  refuseAccessPoint(call);
  return xmlAnswer(publicAccessBlockDocument(blocksPublicAccess(call.bucket)));
}

export async function deleteBucketPublicAccessBlock(call: BucketCall, services: Services): Promise<Answer> {
  refuseAccessPoint(call);
  await deleteConfiguration(call, services, 'publicAccessBlock');
  return emptyAnswer(204);
}

/** @throws OssError MalformedXML */
async function readBlock(call: Call): Promise<boolean> {
  const text = readPublicAccessBlock(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES)?.toLowerCase() ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw malformedXml('BlockPublicAccess must be true or false');
}

function refuseAccessPoint({ query }: BucketCall): void {
  if (!query.has('x-oss-access-point-name')) return;
  throw new OssError('NoSuchAccessPoint', 'Accesspoint not found');
}
