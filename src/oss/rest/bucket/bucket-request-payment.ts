/** Who pays for requests, as `oss/access` applies it. Source: PutBucketRequestPayment page. */
import { PAYERS, readRequestPayment, requestPaymentDocument } from '../../../aliyun/xml/access-documents.ts';
import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import type { Answer } from '../../../http/answer.ts';
import { payerOf } from '../../access/bucket-access.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { putConfiguration } from './change-configuration.ts';

export async function putBucketRequestPayment(call: BucketCall, services: Services): Promise<Answer> {
  const text = readRequestPayment(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  const payer = PAYERS.find((candidate) => candidate === text);
  if (!payer) throw malformedXml(`Payer must be one of ${PAYERS.join(', ')}`);
  await putConfiguration(call, services, 'requestPayment', payer);
  return emptyAnswer(200);
}

export async function getBucketRequestPayment({ bucket }: BucketCall): Promise<Answer> {
  return xmlAnswer(requestPaymentDocument(payerOf(bucket)));
}
