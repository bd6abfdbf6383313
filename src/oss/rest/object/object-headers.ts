/** Headers of objects, in requests and in answers. */
import { headerText } from '../../../aliyun/auth/canonical.ts';
import { invalidArgument, OssError } from '../../../base/errors.ts';
import { type Bucket, OBJECT_ACLS, type ObjectAcl, type ObjectRecord } from '../../../storage/metadata/records.ts';
import type { PutOptions } from '../../../storage/objects/objects.ts';
import { restoreInfo } from '../../../storage/objects/restore.ts';
import { isStorageClass } from '../../../storage/objects/storage-class.ts';
import { STORAGE_CLASS_HEADER, TAGGING_HEADER } from '../../../storage/objects/stored-headers.ts';
import { isVersioned } from '../../bucket/bucket-configurations.ts';
import { checkObjectTags, readTagPairs, writeTagPairs } from '../../tagging/tag-rules.ts';
import type { BucketCall, Call } from '../rest-call.ts';
import { encryptionHeaders, encryptionOf } from './object-encryption.ts';
import { versionHeaders } from './versions.ts';

/** Stored with an object and returned unchanged, as `x-oss-meta-*` are. */
const KEPT_HEADERS: readonly string[] = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  STORAGE_CLASS_HEADER,
];

/**
 * Of those headers together, names included: what Node.js takes as the headers of a request, and most clients as those of an
 * answer. Fields of a form can be longer.
 */
const MAX_KEPT_CHARS = 16 * 1024;

export function isKeptHeader(name: string): boolean {
  return KEPT_HEADERS.includes(name) || name.startsWith('x-oss-meta-');
}

/** @throws OssError InvalidArgument when the headers that are kept are longer than an answer can have them */
export function checkKeptSize(headers: Readonly<Record<string, string>>): void {
  let chars = 0;
  for (const [name, value] of Object.entries(headers)) if (isKeptHeader(name)) chars += name.length + value.length;
  if (chars <= MAX_KEPT_CHARS) return;
  const message = `The headers that are stored with an object must not exceed ${MAX_KEPT_CHARS} characters.`;
  throw invalidArgument('x-oss-meta-*', String(chars), message);
}

/** The ACL that an object is given while it is written. */
export const OBJECT_ACL_HEADER = 'x-oss-object-acl';
export const SYMLINK_TARGET_HEADER = 'x-oss-symlink-target';
/** Stored with an object, but returned only by their own operations. */
const HIDDEN_HEADERS: readonly string[] = [TAGGING_HEADER, SYMLINK_TARGET_HEADER];

/**
 * The properties of an object in a writing request.
 * @throws OssError InvalidArgument, InvalidEncryptionAlgorithmError
 */
export function readPutOptions(call: BucketCall): PutOptions {
  checkStorageClass(call);
  const acl = readObjectAcl(call);
  return {
    headers: Object.assign(readKeptHeaders(call), readTaggingHeader(call), encryptionHeaders(call)),
    ...(acl && { acl }),
    contentMd5: call.headers.get('content-md5'),
    forbidOverwrite: forbidsOverwrite(call),
  };
}

/**
 * Of an append to an object that exists: its metadata and tags stay as they are, also when the request has others.
 * @throws OssError InvalidArgument, NotImplemented
 */
export function readLaterAppendOptions(call: Call): PutOptions {
  const acl = readObjectAcl(call);
  return { ...(acl && { acl }), contentMd5: call.headers.get('content-md5') };
}

/**
 * The headers of a request that are stored with the object, without its tags.
 *
 * @throws OssError InvalidArgument when they are too long
 */
export function readKeptHeaders(call: Call): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of call.headers) {
    if (isKeptHeader(name)) kept[name] = value;
  }
  checkKeptSize(kept);
  return kept;
}

/**
 * The tags of a request as they are stored with the object; empty when it has none.
 * @throws OssError InvalidArgument when they break a rule
 */
export function readTaggingHeader(call: Call): Record<string, string> {
  if (!call.headers.has(TAGGING_HEADER)) return {};
  const text = writeTagPairs(checkObjectTags(readTagPairs(headerText(call.headers, TAGGING_HEADER))));
  return text === '' ? {} : { [TAGGING_HEADER]: text };
}

/**
 * The header that gives an object another class than that of its bucket. Sources: EC 0017-00000131, 0017-00000132, and
 * 0013-00000101 for copies.
 * @throws OssError InvalidArgument
 */
export function checkStorageClass(call: Call, unknownClassEc = '0017-00000132'): void {
  const text = call.headers.get(STORAGE_CLASS_HEADER);
  if (text === undefined || isStorageClass(text)) return;
  const ec = text === '' ? '0017-00000131' : unknownClassEc;
  throw invalidArgument(STORAGE_CLASS_HEADER, text, 'The storage class you specified is invalid.', ec);
}

/** In a bucket with versioning the header has no effect (PutObject page): nothing is overwritten there. */
export function forbidsOverwrite(call: BucketCall): boolean {
  return call.headers.get('x-oss-forbid-overwrite') === 'true' && !isVersioned(call.bucket);
}

/** @throws OssError InvalidArgument */
export function readObjectAcl(call: Call): ObjectAcl | undefined {
  const text = call.headers.get(OBJECT_ACL_HEADER);
  if (text === undefined) return undefined;
  const acl = OBJECT_ACLS.find((candidate) => candidate === text);
  if (acl) return acl;
  throw invalidArgument(OBJECT_ACL_HEADER, text, 'no such object access control exists');
}

export function unsupportedHeader(header: string, ec: string): OssError {
  return new OssError('NotImplemented', 'A header you provided implies functionality that is not implemented.', {
    status: 400,
    details: { Header: header },
    ec,
  });
}

/** Headers of the answer to a writing request. */
export function storedHeaders(record: ObjectRecord, bucket: Bucket): Record<string, string> {
  return {
    etag: `"${record.etag}"`,
    ...(record.crc64 !== null && { 'x-oss-hash-crc64ecma': record.crc64 }),
    ...(record.contentMd5 !== null && { 'content-md5': record.contentMd5 }),
    ...encryptionOf(record.headers),
    ...versionHeaders(record, bucket),
  };
}

/** Headers of GetObject and HeadObject, without the length. */
export function objectHeaders(record: ObjectRecord, bucket: Bucket, nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    [STORAGE_CLASS_HEADER]: bucket.storageClass,
    ...storedHeaders(record, bucket),
    'last-modified': new Date(record.lastModifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    'x-oss-object-type': record.type,
  };
  for (const [name, value] of Object.entries(record.headers)) {
    if (!HIDDEN_HEADERS.includes(name)) headers[name] = value;
  }
  const tags = record.headers[TAGGING_HEADER];
  if (tags !== undefined) headers['x-oss-tagging-count'] = String(tags.split('&').length);
  const restore = restoreInfo(record, nowMs);
  if (restore !== undefined) headers['x-oss-restore'] = restore;
  if (record.type === 'Appendable') headers['x-oss-next-append-position'] = String(record.sizeBytes);
  return headers;
}
