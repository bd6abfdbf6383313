/**
 * Headers that answers of a bucket leave out, as hidden-headers.ts does. No page of the service describes them; the
 * Go SDK v1 has the requests, and the provider of Terraform the code of the error.
 */
import {
  type ResponseHeaderDocument,
  readResponseHeaderConfiguration,
  responseHeaderConfigurationDocument,
} from '../../../aliyun/xml/response-header-document.ts';
import { invalidArgument, OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteConfiguration, putConfiguration } from './change-configuration.ts';

/** Every request in the bucket compares with all of these. */
const MAX_NAMES = 1_000;

export async function putBucketResponseHeader(call: BucketCall, services: Services): Promise<Answer> {
  const document = readResponseHeaderConfiguration(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  checkResponseHeader(document);
  await putConfiguration(call, services, 'responseHeader', document);
  return emptyAnswer(200);
}

export async function getBucketResponseHeader({ bucket }: BucketCall): Promise<Answer> {
  const document = configurationOf(bucket, 'responseHeader');
  if (document) return xmlAnswer(responseHeaderConfigurationDocument(document));
  throw new OssError('NoSuchResponseHeaderConfiguration', 'The response header configuration does not exist.', {
    details: { BucketName: bucket.name },
  });
}

export async function deleteBucketResponseHeader(call: BucketCall, services: Services): Promise<Answer> {
  await deleteConfiguration(call, services, 'responseHeader');
  return emptyAnswer(204);
}

/** @throws OssError InvalidArgument */
export function checkResponseHeader({ rules }: ResponseHeaderDocument): void {
  const names = rules.flatMap(({ operations, hideHeaders }) => [...operations, ...hideHeaders]);
  if (names.length > MAX_NAMES) throw invalidRule('Rule', String(names.length));
  const operation = rules.flatMap(({ operations }) => operations).find((name) => !/^[A-Za-z*]{1,64}$/.test(name));
  if (operation !== undefined) throw invalidRule('Operation', operation);
  const header = rules.flatMap(({ hideHeaders }) => hideHeaders).find((name) => !/^[\w-]{1,128}$/.test(name));
  if (header !== undefined) throw invalidRule('Header', header);
}

function invalidRule(name: string, value: string): OssError {
  return invalidArgument(name, value, `${name} of the response header configuration is invalid.`);
}
