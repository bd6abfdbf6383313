/** CopyObject and UploadPartCopy. Sources: the pages of both. */
import { headerText } from '../../../aliyun/auth/canonical.ts';
import { copyObjectResult, copyPartResult } from '../../../aliyun/xml/object-documents.ts';
import { invalidArgument, OssError } from '../../../base/errors.ts';
import { decodeHttpPath } from '../../../http/address.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/records.ts';
import { selectRange } from '../../../storage/objects/byte-range.ts';
import { checkConditions, readConditions } from '../../../storage/objects/conditions.ts';
import type { Chunks } from '../../../storage/objects/object-store.ts';
import type { OpenObject, PutOptions } from '../../../storage/objects/objects.ts';
import { requireReadable } from '../../../storage/objects/restore.ts';
import { STORAGE_CLASS_HEADER, TAGGING_HEADER } from '../../../storage/objects/stored-headers.ts';
import { noteAccess } from '../../access-monitor/note-access.ts';
import { isVersioned } from '../../bucket/bucket-configurations.ts';
import { authorizeAction, requireBucket } from '../authorize.ts';
import { policyAction } from '../operation-actions.ts';
import { type BucketCall, type Services, xmlAnswer } from '../rest-call.ts';
import { readUpload } from './multipart.ts';
import { encryptionHeaders, encryptionOf, withoutEncryption } from './object-encryption.ts';
import {
  checkStorageClass,
  forbidsOverwrite,
  readKeptHeaders,
  readObjectAcl,
  readTaggingHeader,
  SYMLINK_TARGET_HEADER,
} from './object-headers.ts';
import { requestedTrafficLimit } from './traffic-limit.ts';
import { checkVersionId, versionHeaders } from './versions.ts';

const SOURCE = 'x-oss-copy-source';
const UNKNOWN_CLASS_EC = '0013-00000101';
/** Of an archived source that is not restored. */
const FROZEN_SOURCE_EC = '0016-00000330';

/** A symbolic link is copied as a link. Metadata and tags have a directive each. */
export async function copyObject(call: BucketCall, services: Services): Promise<Answer> {
  const replacesMetadata = readDirective(call, 'x-oss-metadata-directive') === 'REPLACE';
  const replacesTags = readDirective(call, 'x-oss-tagging-directive') === 'REPLACE';
  const metadata = replacesMetadata ? readKeptHeaders(call) : undefined;
  const tags = replacesTags ? readTaggingHeader(call) : undefined;
  const acl = readObjectAcl(call);
  checkStorageClass(call, UNKNOWN_CLASS_EC);
  const encryption = encryptionHeaders(call);
  const traffic = requestedTrafficLimit(call, services);
  const source = await openSource(call, services);
  const { [TAGGING_HEADER]: sourceTags, [SYMLINK_TARGET_HEADER]: target } = source.record.headers;
  const options: PutOptions = {
    type: target === undefined ? 'Normal' : 'Symlink',
    headers: {
      ...(metadata ?? inheritedHeaders(call, source.record)),
      ...(tags ?? (sourceTags !== undefined && { [TAGGING_HEADER]: sourceTags })),
      ...(target !== undefined && { [SYMLINK_TARGET_HEADER]: target }),
      ...encryption,
    },
    forbidOverwrite: forbidsOverwrite(call),
    ...(acl && { acl }),
  };
  try {
    const chunks = traffic.pace(source.chunks);
    const record = await services.objects.put(call.bucketName, call.key, chunks, options);
    return xmlAnswer(copyObjectResult(record), {
      ...source.headers,
      ...versionHeaders(record, call.bucket),
      ...encryptionOf(record.headers),
      ...traffic.delayHeaders(),
    });
  } finally {
    await source.close();
  }
}

export async function uploadPartCopy(call: BucketCall, services: Services): Promise<Answer> {
  const { upload, partNumber } = await readUpload(call, services);
  const traffic = requestedTrafficLimit(call, services);
  const source = await openSource(call, services, call.headers.get(`${SOURCE}-range`));
  try {
    const part = await services.uploads.putPart(upload, partNumber, traffic.pace(source.chunks));
    // The page shows the ETag in the body only; the SDKs of Node, Python and PHP read the header.
    const checksums = { etag: `"${part.etag}"`, 'x-oss-hash-crc64ecma': part.crc64 };
    return xmlAnswer(copyPartResult(part), {
      ...source.headers,
      ...checksums,
      ...encryptionOf(upload.headers),
      ...traffic.delayHeaders(),
    });
  } finally {
    await source.close();
  }
}

/**
 * The metadata that a copy takes over, without tags. Encryption and storage class are those of the request, or else of the bucket that
 * receives the copy.
 */
function inheritedHeaders(call: BucketCall, source: ObjectRecord): Record<string, string> {
  const {
    [STORAGE_CLASS_HEADER]: _sourceClass,
    [TAGGING_HEADER]: _tags,
    [SYMLINK_TARGET_HEADER]: _target,
    ...headers
  } = withoutEncryption(source.headers);
  const storageClass = call.headers.get(STORAGE_CLASS_HEADER);
  return { ...headers, ...(storageClass !== undefined && { [STORAGE_CLASS_HEADER]: storageClass }) };
}

/** The source object and the bytes to copy. */
interface CopySource {
  readonly record: ObjectRecord;
  readonly chunks: Chunks;
  /** Of the answer: which version was copied. */
  readonly headers: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * @throws OssError NoSuchBucket, NoSuchKey, NoSuchVersion, AccessDenied, PreconditionFailed, NotModified, InvalidRange,
 * InvalidArgument, InvalidObjectState
 */
async function openSource(call: BucketCall, services: Services, rangeHeader?: string): Promise<CopySource> {
  const source = readSource(call);
  const bucket = await requireBucket(source.bucket, services);
  const { versionId } = source;
  const action = policyAction({ name: 'GetObject' }, versionId !== undefined);
  const read = { action, permission: 'read object', versionId } as const;
  await authorizeAction(read, { ...call, bucket, key: source.key }, services);
  const { record, reader } = await openVersion(source, services);
  try {
    requireReadable(record, bucket.storageClass, services.clock.now(), FROZEN_SOURCE_EC);
    checkConditions(readConditions(call.headers, `${SOURCE}-if-`), record);
    await noteAccess(bucket, record, services);
    const chunks = reader.chunks(selectRange(rangeHeader, record.sizeBytes, true));
    const headers: Record<string, string> = {};
    if (isVersioned(bucket)) headers[`${SOURCE}-version-id`] = record.versionId;
    return { record, chunks, headers, close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

interface SourceName {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** @throws OssError InvalidArgument for a delete marker */
async function openVersion({ bucket, key, versionId }: SourceName, { objects }: Services): Promise<OpenObject> {
  try {
    return await objects.open(bucket, key, versionId);
  } catch (error) {
    if (!(error instanceof OssError && error.code === 'MethodNotAllowed')) throw error;
    throw new OssError(
      'InvalidArgument',
      'The source of a copy request may not specifically refer to a delete marker.',
      {
        ec: '0016-00000307',
        details: { ArgumentName: SOURCE },
      },
    );
  }
}

/**
 * `/<bucket>/<key>`, percent-encoded; the slash between them may be encoded too. `?versionId=` may follow.
 * @throws OssError InvalidArgument
 */
function readSource(call: BucketCall): SourceName {
  const text = headerText(call.headers, SOURCE);
  const [encoded = '', parameters = ''] = text.split('?');
  const versionId = readSourceVersion(parameters);
  const path = decodeHttpPath(encoded)?.replace(/^\//, '') ?? '';
  const slash = path.indexOf('/');
  if (slash > 0 && slash < path.length - 1) {
    return { bucket: path.slice(0, slash), key: path.slice(slash + 1), versionId };
  }
  throw invalidArgument(SOURCE, text, 'Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.');
}

/** @throws OssError InvalidArgument */
function readSourceVersion(parameters: string): string | undefined {
  const [name, value = ''] = parameters.split('=');
  return name === 'versionId' ? checkVersionId(decodeHttpPath(value) ?? value) : undefined;
}

function readDirective(call: BucketCall, header: string): string {
  const text = call.headers.get(header) ?? 'COPY';
  const directive = text.toUpperCase();
  if (directive === 'COPY' || directive === 'REPLACE') return directive;
  throw invalidArgument(header, text, `The header ${header} must be COPY or REPLACE.`);
}
