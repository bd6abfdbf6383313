/**
 * Symbolic links: objects without bytes that name another key of their bucket. Sources: PutSymlink, GetSymlink pages.
 */
import { headerText } from '../../../aliyun/auth/canonical.ts';
import { OssError } from '../../../base/errors.ts';
import { decodeHttpPath } from '../../../http/address.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/records.ts';
import { authorizeAction } from '../authorize.ts';
import { type BucketCall, emptyAnswer, type Services } from '../rest-call.ts';
import { objectHeaders, readPutOptions, SYMLINK_TARGET_HEADER } from './object-headers.ts';
import { checkObjectKey } from './object-names.ts';
import { requestedVersion, versionHeaders } from './versions.ts';

const READ = { action: 'oss:GetObject', permission: 'read object' } as const;

export async function putSymlink(call: BucketCall, { objects }: Services): Promise<Answer> {
  const target = readTarget(headerText(call.headers, SYMLINK_TARGET_HEADER));
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
export async function getSymlink(call: BucketCall, { objects, clock }: Services): Promise<Answer> {
  const record = await objects.get(call.bucketName, call.key, requestedVersion(call));
  const target = record.headers[SYMLINK_TARGET_HEADER];
  if (target === undefined) throw new OssError('InvalidRequest', 'The object is not a symbolic link.');
  return emptyAnswer(200, { ...objectHeaders(record, call.bucket, clock.now()), [SYMLINK_TARGET_HEADER]: target });
}

/** The target key of a link; undefined when the object is no link. */
export function linkTarget(record: ObjectRecord): string | undefined {
  const encoded = record.headers[SYMLINK_TARGET_HEADER];
  return encoded === undefined ? undefined : decodeURIComponent(encoded);
}

/**
 * The record of the target of a link. The ACL of the link and that of the target both decide, so the caller must be
 * allowed to read both (PutSymlink page).
 * @throws OssError AccessDenied, SymlinkTargetNotExist, InvalidTargetType when the target is a link too
 */
export async function findTarget(call: BucketCall, target: string, services: Services): Promise<ObjectRecord> {
  await authorizeAction(READ, { ...call, key: target }, services);
  const record = await services.objects.find(call.bucketName, target);
  if (!record) {
    throw new OssError('SymlinkTargetNotExist', 'The symlink target object does not exist.', {
      ec: '0026-00000012',
      details: { Key: target },
    });
  }
  if (linkTarget(record) === undefined) return record;
  throw new OssError('InvalidTargetType', 'The target of a symlink must not be a symlink.', {
    details: { Key: target },
  });
}

/**
 * What GetObject and HeadObject show of a link: length, ETag and checksums of the target, the later of both dates, and
 * everything else of the link (GetObject page).
 */
export function throughLink(link: ObjectRecord, target: ObjectRecord): ObjectRecord {
  return {
    ...link,
    sizeBytes: target.sizeBytes,
    etag: target.etag,
    crc64: target.crc64,
    contentMd5: target.contentMd5,
    lastModifiedMs: Math.max(link.lastModifiedMs, target.lastModifiedMs),
  };
}

/**
 * The target key in the header of a link, which is percent-encoded.
 *
 * @throws OssError InvalidArgument, InvalidObjectName
 */
export function readTarget(encoded: string): string {
  const target = decodeHttpPath(encoded);
  if (!target) {
    throw new OssError('InvalidArgument', 'The target of the symbolic link is missing or not URL-encoded.', {
      details: { ArgumentName: SYMLINK_TARGET_HEADER },
    });
  }
  checkObjectKey(target);
  return target;
}
