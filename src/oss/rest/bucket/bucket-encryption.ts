/** The default encryption of a bucket, which encryption.ts applies. Source: PutBucketEncryption page. */
import { encryptionRuleDocument, readEncryptionRule } from '../../../aliyun/xml/encryption-document.ts';
import { invalidArgument, OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { checkEncryption } from '../encryption.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteConfiguration, putConfiguration } from './change-configuration.ts';

/** Whether the key exists is found out by those who write objects. */
export async function putBucketEncryption(call: BucketCall, services: Services): Promise<Answer> {
  const rule = readEncryptionRule(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  const encryption = checkEncryption(rule);
  if (rule.keyId && encryption.algorithm !== 'KMS') {
    const message = 'KMSMasterKeyID is not applicable if the algorithm is not KMS.';
    throw invalidArgument('KMSMasterKeyID', rule.keyId, message, '0005-00000204');
  }
  await putConfiguration(call, services, 'encryption', encryption);
  return emptyAnswer(200);
}

/** @throws OssError NoSuchServerSideEncryptionRule */
export async function getBucketEncryption({ bucket }: BucketCall): Promise<Answer> {
  const encryption = configurationOf(bucket, 'encryption');
  if (encryption) return xmlAnswer(encryptionRuleDocument(encryption));
  throw new OssError('NoSuchServerSideEncryptionRule', 'The server side encryption rule does not exist.', {
    ec: '0005-00000004',
    details: { BucketName: bucket.name },
  });
}

export async function deleteBucketEncryption(call: BucketCall, services: Services): Promise<Answer> {
  await deleteConfiguration(call, services, 'encryption');
  return emptyAnswer(204);
}
