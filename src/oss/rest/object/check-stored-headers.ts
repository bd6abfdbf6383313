import { OssError } from '../../../base/errors.ts';
import { isSendableHeader } from '../../../http/sendable-header.ts';
import { isStorageClass } from '../../../storage/objects/storage-class.ts';
import { STORAGE_CLASS_HEADER, TAGGING_HEADER } from '../../../storage/objects/stored-headers.ts';
import { checkEncryption, DATA_ENCRYPTION_HEADER, ENCRYPTION_HEADER, ENCRYPTION_KEY_HEADER } from '../encryption.ts';
import { ENCRYPTION_HEADERS } from './object-encryption.ts';
import { checkKeptSize, isKeptHeader, SYMLINK_TARGET_HEADER } from './object-headers.ts';
import { readTarget } from './symlink.ts';

const STORED: readonly string[] = [...ENCRYPTION_HEADERS, TAGGING_HEADER, SYMLINK_TARGET_HEADER];
/** Ten tags of the longest texts, percent-encoded. */
const MAX_TAGGING_CHARS = 64 * 1024;

/**
 * Headers that are said to have been stored with an object, for data that comes from elsewhere than a request.
 *
 * @throws OssError when no request could have stored them
 */
export function checkStoredHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!isKeptHeader(name) && !STORED.includes(name)) throw refused(name, 'is not stored with objects');
    if (!isSendableHeader(name, value)) throw refused(name, 'has characters that no header can carry');
  }
  checkKeptSize(headers);
  const {
    [STORAGE_CLASS_HEADER]: storageClass,
    [TAGGING_HEADER]: tagging = '',
    [SYMLINK_TARGET_HEADER]: target,
    [ENCRYPTION_HEADER]: algorithm,
    [ENCRYPTION_KEY_HEADER]: keyId,
    [DATA_ENCRYPTION_HEADER]: dataAlgorithm,
  } = headers;
  if (storageClass !== undefined && !isStorageClass(storageClass)) throw refused(STORAGE_CLASS_HEADER, 'is none');
  if (tagging.length > MAX_TAGGING_CHARS)
    throw refused(TAGGING_HEADER, `is longer than ${MAX_TAGGING_CHARS} characters`);
  if (target !== undefined) readTarget(target);
  if (algorithm !== undefined) checkEncryption({ algorithm, keyId, dataAlgorithm });
}

function refused(name: string, reason: string): OssError {
  return new OssError('InvalidArgument', `The header ${name.slice(0, 100)} ${reason}.`);
}
