/**
 * Which server-side encryption a request asks for. Sources: "Server-side encryption" and PutBucketEncryption pages, and
 * those of EC 0005-000002xx.
 */
import type { EncryptionDocument, EncryptionInput } from '../../aliyun/xml/encryption-document.ts';
import { invalidArgument, OssError } from '../../base/errors.ts';
import { given } from './query.ts';
import type { Call } from './rest-call.ts';

export const ENCRYPTION_HEADER = 'x-oss-server-side-encryption';
export const DATA_ENCRYPTION_HEADER = 'x-oss-server-side-data-encryption';
export const ENCRYPTION_KEY_HEADER = 'x-oss-server-side-encryption-key-id';

const ALGORITHMS: readonly string[] = ['AES256', 'SM4', 'KMS'];
const KMS_DATA_ALGORITHM = 'SM4';
/** An id of KMS has at most 64; the rule of a bucket is read with every write to it. */
const MAX_KEY_ID_CHARS = 256;
/** The operations that take the header; all others refuse it. Source: EC 0005-00000002. */
const ENCRYPTING_OPERATIONS: readonly string[] = [
  'PutBucket',
  'PutObject',
  'PostObject',
  'AppendObject',
  'CopyObject',
  'InitiateMultipartUpload',
];

/** @throws OssError InvalidArgument when the operation takes no encryption */
export function refuseEncryption(operationName: string, { headers }: Pick<Call, 'headers'>): void {
  const algorithm = headers.get(ENCRYPTION_HEADER);
  if (algorithm === undefined || ENCRYPTING_OPERATIONS.includes(operationName)) return;
  const message = `${operationName} does not support the header ${ENCRYPTION_HEADER}.`;
  throw invalidArgument(ENCRYPTION_HEADER, algorithm, message, '0005-00000002');
}

/**
 * The encryption that a request names in its headers. The other headers mean nothing without an algorithm.
 *
 * @throws OssError InvalidEncryptionAlgorithmError, InvalidArgument
 */
export function readEncryption({ headers }: Pick<Call, 'headers'>): EncryptionDocument | undefined {
  const algorithm = headers.get(ENCRYPTION_HEADER);
  if (algorithm === undefined) return undefined;
  const keyId = headers.get(ENCRYPTION_KEY_HEADER);
  if (algorithm === 'KMS' && keyId === '') {
    const message = `The header ${ENCRYPTION_KEY_HEADER} must not be empty.`;
    throw invalidArgument(ENCRYPTION_KEY_HEADER, keyId, message, '0005-00000205');
  }
  return checkEncryption({ algorithm, keyId, dataAlgorithm: headers.get(DATA_ENCRYPTION_HEADER) });
}

/**
 * The rule without what only KMS has.
 *
 * @throws OssError InvalidEncryptionAlgorithmError, InvalidArgument
 */
export function checkEncryption({ algorithm = '', keyId, dataAlgorithm }: EncryptionInput): EncryptionDocument {
  if (!ALGORITHMS.includes(algorithm)) {
    throw new OssError('InvalidEncryptionAlgorithmError', 'The Encryption request you specified is not valid.', {
      ec: '0005-00000003',
      details: { ArgumentName: ENCRYPTION_HEADER, ArgumentValue: algorithm },
      reason: `the algorithm must be one of ${ALGORITHMS.join(', ')}`,
    });
  }
  if (algorithm !== 'KMS') return { algorithm };
  if (dataAlgorithm && dataAlgorithm !== KMS_DATA_ALGORITHM) {
    const message = `The data encryption with KMS must be ${KMS_DATA_ALGORITHM}.`;
    throw invalidArgument(DATA_ENCRYPTION_HEADER, dataAlgorithm, message, '0005-00000203');
  }
  if (keyId !== undefined && keyId.length > MAX_KEY_ID_CHARS) {
    const start = `${keyId.slice(0, MAX_KEY_ID_CHARS)}…`;
    throw invalidArgument(ENCRYPTION_KEY_HEADER, start, 'The specified KMS key id is too long.', '0005-00000208');
  }
  return { algorithm, ...given('keyId', keyId), ...given('dataAlgorithm', dataAlgorithm) };
}
