/** The CORS rules of a bucket, as cors.ts applies them. Limits: PutBucketCors page. */
import {
  type CorsDocument,
  type CorsRule,
  corsConfigurationDocument,
  readCorsConfiguration,
} from '../../../aliyun/xml/bucket-documents.ts';
import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import { invalidArgument, OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteConfiguration, putConfiguration } from './change-configuration.ts';

const MAX_CORS_RULES = 10;
const CORS_METHODS: readonly string[] = ['GET', 'PUT', 'DELETE', 'POST', 'HEAD'];

export async function putBucketCors(call: BucketCall, services: Services): Promise<Answer> {
  const cors = readCorsConfiguration(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  checkCors(cors);
  await putConfiguration(call, services, 'cors', cors);
  return emptyAnswer(200);
}

export async function getBucketCors({ bucket }: BucketCall): Promise<Answer> {
  const cors = configurationOf(bucket, 'cors');
  if (!cors) throw new OssError('NoSuchCORSConfiguration', 'The CORS Configuration does not exist.');
  return xmlAnswer(corsConfigurationDocument(cors));
}

export async function deleteBucketCors(call: BucketCall, services: Services): Promise<Answer> {
  await deleteConfiguration(call, services, 'cors');
  return emptyAnswer(204);
}

/** @throws OssError MalformedXML, InvalidArgument */
export function checkCors({ rules }: CorsDocument): void {
  if (rules.length === 0) throw malformedXml('there is no CORSRule');
  if (rules.length > MAX_CORS_RULES) {
    const message = `The number of CORS rules must not exceed ${MAX_CORS_RULES}.`;
    throw invalidArgument('CORSRule', String(rules.length), message);
  }
  for (const rule of rules) checkCorsRule(rule);
}

function checkCorsRule(rule: CorsRule): void {
  const { allowedOrigins, allowedMethods, allowedHeaders, exposeHeaders, maxAgeSeconds } = rule;
  if (allowedOrigins.length === 0) throw malformedXml('a CORSRule has no AllowedOrigin');
  if (allowedMethods.length === 0) throw malformedXml('a CORSRule has no AllowedMethod');
  const badMethod = allowedMethods.find((method) => !CORS_METHODS.includes(method));
  if (badMethod !== undefined)
    throw malformedXml(`AllowedMethod ${badMethod} is not one of ${CORS_METHODS.join(', ')}`);
  const tooManyStars = [...allowedOrigins, ...allowedHeaders].find((pattern) => pattern.split('*').length > 2);
  if (tooManyStars !== undefined) throw malformedXml(`${tooManyStars} has more than one *`);
  const starred = exposeHeaders.find((header) => header.includes('*'));
  if (starred !== undefined) throw malformedXml(`ExposeHeader ${starred} must not contain *`);
  const unprintable = [...exposeHeaders, ...allowedOrigins].find((text) => !/^[\x21-\x7e]*$/.test(text));
  if (unprintable !== undefined) throw malformedXml('a header or an origin has characters that no header can carry');
  if (maxAgeSeconds !== undefined && !/^\d{1,9}$/.test(maxAgeSeconds)) {
    throw invalidArgument('MaxAgeSeconds', maxAgeSeconds, 'MaxAgeSeconds must be a number of seconds.');
  }
}
