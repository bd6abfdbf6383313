/**
 * Symbolic links: objects without bytes that name another key of their bucket. Sources: PutSymlink, GetSymlink pages.
 */
import { headerText } from '../../../aliyun/auth/canonical.ts';
import { OssError } from '../../../base/errors.ts';
import { decodeHttpPath } from '../../../http/address.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/metadata-store.ts';
import { type BucketCall, emptyAnswer, type Services } from '../rest-call.ts';
import { requestedVersion, versionHeaders } from '../versions.ts';
import { readPutOptions, SYMLINK_TARGET_HEADER, storedHeaders } from './object-headers.ts';
import { checkObjectKey } from './object-names.ts';

export async function putSymlink(call: BucketCall, { objects }: Services): Promise<Answer> {
  const target = targetHeader(call);
  const options = readPutOptions(call);
  const headers = { ...options.headers, [SYMLINK_TARGET_HEADER]: encodeURIComponent(target) };
  const record = await objects.put(call.bucketName, call.key, Buffer.alloc(0), {
    ...options,
    headers,
    type: 'Symlink',
  });
  return emptyAnswer(200, { etag: `"${record.etag}"`, ...versionHeaders(record, call.bucket) });
}

/** @throws OssError NoSuchKey, also for an object that is no link */
export async function getSymlink(call: BucketCall, { objects }: Services): Promise<Answer> {
  const record = await objects.get(call.bucketName, call.key, requestedVersion(call));
  const target = record.headers[SYMLINK_TARGET_HEADER];
  if (target === undefined) throw new OssError('InvalidRequest', 'The object is not a symbolic link.');
  const headers = { ...storedHeaders(record), ...versionHeaders(record, call.bucket) };
  return emptyAnswer(200, { ...headers, [SYMLINK_TARGET_HEADER]: target });
}

/** The target key of a link; undefined when the object is no link. */
export function linkTarget(record: ObjectRecord): string | undefined {
  const encoded = record.headers[SYMLINK_TARGET_HEADER];
  return encoded === undefined ? undefined : decodeURIComponent(encoded);
}

/**
 * Reads the target of a link; a link to a link is not followed.
 * @throws OssError SymlinkTargetNotExist
 */
export async function readTarget<Found>(target: string, read: (key: string) => Promise<Found>): Promise<Found> {
  try {
    return await read(target);
  } catch (error) {
    if (!(error instanceof OssError && error.code === 'NoSuchKey')) throw error;
    throw new OssError('SymlinkTargetNotExist', 'The symlink target object does not exist.', {
      details: { Key: target },
    });
  }
}

/**
 * The header is percent-encoded.
 * @throws OssError InvalidArgument, InvalidObjectName
 */
function targetHeader(call: BucketCall): string {
  const target = decodeHttpPath(headerText(call.headers, SYMLINK_TARGET_HEADER));
  if (!target) {
    throw new OssError('InvalidArgument', 'The target of the symbolic link is missing or not URL-encoded.', {
      details: { ArgumentName: SYMLINK_TARGET_HEADER },
    });
  }
  checkObjectKey(target);
  return target;
}
