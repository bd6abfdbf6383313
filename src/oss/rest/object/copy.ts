/** CopyObject and UploadPartCopy. Sources: the pages of both. */
import { headerText } from '../../../aliyun/auth/canonical.ts';
import { copyObjectResult, copyPartResult } from '../../../aliyun/xml/object-documents.ts';
import { OssError } from '../../../base/errors.ts';
import { decodeHttpPath } from '../../../http/address.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/metadata-store.ts';
import { selectRange } from '../../../storage/objects/byte-range.ts';
import { checkConditions, readConditions } from '../../../storage/objects/conditions.ts';
import type { Chunks } from '../../../storage/objects/object-store.ts';
import type { PutOptions } from '../../../storage/objects/objects.ts';
import { requireReadable } from '../../../storage/objects/restore.ts';
import { STORAGE_CLASS_HEADER } from '../../../storage/objects/stored-headers.ts';
import { noteAccess } from '../../access-monitor/last-access.ts';
import { authorizeAction, requireBucket } from '../authorize.ts';
import { type BucketCall, type Services, xmlAnswer } from '../rest-call.ts';
import { requestedTrafficLimit } from '../traffic-limit.ts';
import { readUpload } from './multipart.ts';
import { encryptionHeaders, encryptionOf, withoutEncryption } from './object-encryption.ts';
import {
  checkStorageClass,
  forbidsOverwrite,
  readKeptHeaders,
  readObjectAcl,
  refuseUnsupportedHeaders,
} from './object-headers.ts';

const SOURCE = 'x-oss-copy-source';
const UNKNOWN_CLASS_EC = '0013-00000101';
/** Of an archived source that is not restored. */
const FROZEN_SOURCE_EC = '0016-00000330';

export async function copyObject(call: BucketCall, services: Services): Promise<Answer> {
  refuseUnsupportedHeaders(call);
  const directive = readDirective(call);
  const acl = readObjectAcl(call);
  checkStorageClass(call, UNKNOWN_CLASS_EC);
  const encryption = encryptionHeaders(call);
  const traffic = requestedTrafficLimit(call, services);
  const source = await openSource(call, services);
  const kept = directive === 'REPLACE' ? readKeptHeaders(call) : inheritedHeaders(call, source.record);
  const options: PutOptions = {
    headers: { ...kept, ...encryption },
    forbidOverwrite: forbidsOverwrite(call),
    ...(acl && { acl }),
  };
  try {
    const chunks = traffic.pace(source.chunks);
    const record = await services.objects.put(call.bucketName, call.key, chunks, options);
    return xmlAnswer(copyObjectResult(record), { ...encryptionOf(record.headers), ...traffic.delayHeaders() });
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
    return xmlAnswer(copyPartResult(part), { ...encryptionOf(upload.headers), ...traffic.delayHeaders() });
  } finally {
    await source.close();
  }
}

/**
 * The headers that a copy takes over. Encryption and storage class are those of the request, or else of the bucket that
 * receives the copy.
 */
function inheritedHeaders(call: BucketCall, source: ObjectRecord): Record<string, string> {
  const { [STORAGE_CLASS_HEADER]: _sourceClass, ...headers } = withoutEncryption(source.headers);
  const storageClass = call.headers.get(STORAGE_CLASS_HEADER);
  return { ...headers, ...(storageClass !== undefined && { [STORAGE_CLASS_HEADER]: storageClass }) };
}

/** The source object and the bytes to copy. */
interface CopySource {
  readonly record: ObjectRecord;
  readonly chunks: Chunks;
  close(): Promise<void>;
}

/**
 * @throws OssError NoSuchBucket, NoSuchKey, AccessDenied, PreconditionFailed, NotModified, InvalidRange,
 * InvalidArgument, InvalidObjectState
 */
async function openSource(call: BucketCall, services: Services, rangeHeader?: string): Promise<CopySource> {
  const source = readSource(call);
  const bucket = await requireBucket(source.bucket, services);
  const read = { action: 'oss:GetObject', permission: 'read object' } as const;
  await authorizeAction(read, { ...call, bucket, key: source.key }, services);
  const { record, reader } = await services.objects.open(source.bucket, source.key);
  try {
    requireReadable(record, bucket.storageClass, services.clock.now(), FROZEN_SOURCE_EC);
    checkConditions(readConditions(call.headers, `${SOURCE}-if-`), record);
    await noteAccess(bucket, record, services);
    const chunks = reader.chunks(selectRange(rangeHeader, record.sizeBytes, true));
    return { record, chunks, close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/**
 * `/<bucket>/<key>`, percent-encoded; the slash between them may be encoded too. A version after `?` is ignored.
 * @throws OssError InvalidArgument
 */
function readSource(call: BucketCall): { bucket: string; key: string } {
  const text = headerText(call.headers, SOURCE);
  const [encoded = ''] = text.split('?');
  const path = decodeHttpPath(encoded)?.replace(/^\//, '') ?? '';
  const slash = path.indexOf('/');
  if (slash > 0 && slash < path.length - 1) return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  throw new OssError(
    'InvalidArgument',
    'Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.',
    {
      details: { ArgumentName: SOURCE, ArgumentValue: text },
    },
  );
}

function readDirective(call: BucketCall): string {
  const text = call.headers.get('x-oss-metadata-directive') ?? 'COPY';
  const directive = text.toUpperCase();
  if (directive === 'COPY' || directive === 'REPLACE') return directive;
  throw new OssError('InvalidArgument', 'The metadata directive must be COPY or REPLACE.', {
    details: { ArgumentName: 'x-oss-metadata-directive', ArgumentValue: text },
  });
}
