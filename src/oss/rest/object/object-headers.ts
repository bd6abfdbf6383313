/** Headers of objects, in requests and in answers. */
import { OssError } from '../../../base/errors.ts';
import {
  type Bucket,
  OBJECT_ACLS,
  type ObjectAcl,
  type ObjectRecord,
} from '../../../storage/metadata/metadata-store.ts';
import type { PutOptions } from '../../../storage/objects/objects.ts';
import { STORAGE_CLASS_HEADER, TAGGING_HEADER } from '../../../storage/objects/stored-headers.ts';
import type { Call } from '../rest-call.ts';

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
/** Features that the emulator does not have: it refuses these headers instead of ignoring them. */
const UNSUPPORTED_HEADERS: readonly string[] = ['x-oss-callback', 'x-oss-server-side-encryption'];
export const SYMLINK_TARGET_HEADER = 'x-oss-symlink-target';
/** Stored with an object, but returned only by their own operations. */
const HIDDEN_HEADERS: readonly string[] = [TAGGING_HEADER, SYMLINK_TARGET_HEADER];

/**
 * The properties of an object in a writing request.
 * @throws OssError InvalidArgument, NotImplemented
 */
export function readPutOptions(call: Call): PutOptions {
  refuseUnsupportedHeaders(call);
  return {
    headers: readKeptHeaders(call),
    acl: readObjectAcl(call) ?? 'default',
    contentMd5: call.headers.get('content-md5'),
    forbidOverwrite: forbidsOverwrite(call),
  };
}

/** The headers of a request that are stored with the object. */
export function readKeptHeaders(call: Call): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of call.headers) {
    if (KEPT_HEADERS.includes(name) || name.startsWith('x-oss-meta-') || name === TAGGING_HEADER) kept[name] = value;
  }
  return kept;
}

export function forbidsOverwrite(call: Call): boolean {
  return call.headers.get('x-oss-forbid-overwrite') === 'true';
}

/** @throws OssError InvalidArgument */
export function readObjectAcl(call: Call): ObjectAcl | undefined {
  const text = call.headers.get('x-oss-object-acl');
  if (text === undefined) return undefined;
  const acl = OBJECT_ACLS.find((candidate) => candidate === text);
  if (acl) return acl;
  throw new OssError('InvalidArgument', 'no such object access control exists', {
    details: { ArgumentName: 'x-oss-object-acl', ArgumentValue: text },
  });
}

/** @throws OssError NotImplemented */
export function refuseUnsupportedHeaders(call: Call): void {
  const header = UNSUPPORTED_HEADERS.find((name) => call.headers.has(name));
  if (header === undefined) return;
  throw new OssError('NotImplemented', 'A header you provided implies functionality that is not implemented.', {
    status: 400,
    details: { Header: header },
  });
}

/** Headers of the answer to a writing request. */
export function storedHeaders(record: ObjectRecord): Record<string, string> {
  return {
    etag: `"${record.etag}"`,
    ...(record.crc64 !== null && { 'x-oss-hash-crc64ecma': record.crc64 }),
    ...(record.contentMd5 !== null && { 'content-md5': record.contentMd5 }),
  };
}

/** Headers of GetObject and HeadObject, without the length. */
export function objectHeaders(record: ObjectRecord, bucket: Bucket): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    [STORAGE_CLASS_HEADER]: bucket.storageClass,
    ...storedHeaders(record),
    'last-modified': new Date(record.lastModifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    'x-oss-object-type': record.type,
  };
  for (const [name, value] of Object.entries(record.headers)) {
    if (!HIDDEN_HEADERS.includes(name)) headers[name] = value;
  }
  const tags = record.headers[TAGGING_HEADER];
  if (tags !== undefined) headers['x-oss-tagging-count'] = String(tags.split('&').length);
  if (record.type === 'Appendable') headers['x-oss-next-append-position'] = String(record.sizeBytes);
  return headers;
}
