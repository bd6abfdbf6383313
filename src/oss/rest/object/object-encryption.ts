/**
 * The server-side encryption of objects as clients see it: stored as the headers that are answered. The bytes are stored
 * as they come.
 */
import { invalidArgument } from '../../../base/errors.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { DATA_ENCRYPTION_HEADER, ENCRYPTION_HEADER, ENCRYPTION_KEY_HEADER, readEncryption } from '../encryption.ts';
import type { BucketCall } from '../rest-call.ts';

export const ENCRYPTION_HEADERS: readonly string[] = [ENCRYPTION_HEADER, DATA_ENCRYPTION_HEADER, ENCRYPTION_KEY_HEADER];
/** The key with which KMS encrypts for this account when none is named. */
const ACCOUNT_KEY_ID = '9468da86-3509-4f8d-a61e-6eab1eac0001';
/**
 * There is no KMS, so every id that has the form of one names a key that exists: a UUID, or `key-` and more. Others name
 * none.
 */
const KEY_ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|key-[0-9a-z-]{1,60})$/i;

/**
 * The headers to store with a new object: the encryption of the request, or else the default of the bucket.
 *
 * @throws OssError InvalidEncryptionAlgorithmError, InvalidArgument also when the key does not exist
 */
export function encryptionHeaders(call: BucketCall): Readonly<Record<string, string>> {
  const encryption = readEncryption(call) ?? configurationOf(call.bucket, 'encryption');
  if (!encryption) return {};
  const { algorithm, keyId = ACCOUNT_KEY_ID, dataAlgorithm } = encryption;
  if (algorithm !== 'KMS') return { [ENCRYPTION_HEADER]: algorithm };
  if (!KEY_ID.test(keyId)) {
    throw invalidArgument(ENCRYPTION_KEY_HEADER, keyId, 'The specified KMS key id does not exist.', '0005-00000208');
  }
  return {
    [ENCRYPTION_HEADER]: algorithm,
    [ENCRYPTION_KEY_HEADER]: keyId,
    ...(dataAlgorithm !== undefined && { [DATA_ENCRYPTION_HEADER]: dataAlgorithm }),
  };
}

/** Of the headers that are stored with an object or an upload, those that say how it is encrypted. */
export function encryptionOf(stored: Readonly<Record<string, string>>): Record<string, string> {
  const encryption: Record<string, string> = {};
  for (const name of ENCRYPTION_HEADERS) {
    const value = stored[name];
    if (value !== undefined) encryption[name] = value;
  }
  return encryption;
}

/** Stored headers without the encryption: a copy does not inherit it. */
export function withoutEncryption(stored: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(stored).filter(([name]) => !ENCRYPTION_HEADERS.includes(name)));
}
