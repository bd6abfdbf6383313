import { childOf, readXml, textOf } from './read.ts';
import { writeXml, type XmlContent } from './write.ts';

/** How the objects of a bucket are encrypted by default. */
export interface EncryptionDocument {
  /** `AES256`, `SM4` or `KMS`. */
  readonly algorithm: string;
  /** With KMS only: the key, when it is not that of the account. */
  readonly keyId?: string;
  /** With KMS only: `SM4` instead of AES256. */
  readonly dataAlgorithm?: string;
}

export interface EncryptionInput {
  readonly algorithm?: string | undefined;
  readonly keyId?: string | undefined;
  readonly dataAlgorithm?: string | undefined;
}

/**
 * PutBucketEncryption.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readEncryptionRule(body: Buffer, maxBytes: number): EncryptionInput {
  const root = readXml(body, 'ServerSideEncryptionRule', maxBytes);
  const rule = childOf(root, 'ApplyServerSideEncryptionByDefault');
  return {
    algorithm: textOf(rule, 'SSEAlgorithm'),
    keyId: textOf(rule, 'KMSMasterKeyID'),
    dataAlgorithm: textOf(rule, 'KMSDataEncryption'),
  };
}

/** GetBucketEncryption. */
export function encryptionRuleDocument(encryption: EncryptionDocument): string {
  return writeXml('ServerSideEncryptionRule', { ApplyServerSideEncryptionByDefault: encryptionElements(encryption) });
}

/** The same elements are part of GetBucketInfo. */
export function encryptionElements(encryption: EncryptionDocument): XmlContent {
  return {
    SSEAlgorithm: encryption.algorithm,
    KMSMasterKeyID: encryption.keyId,
    KMSDataEncryption: encryption.dataAlgorithm,
  };
}
