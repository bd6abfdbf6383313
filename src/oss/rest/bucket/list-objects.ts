import { listBucketResult, listBucketResultV2 } from '../../../aliyun/xml/object-documents.ts';
import { invalidArgument } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectListing, Page } from '../../../storage/metadata/metadata-store.ts';
import { encodingType, integerParameter } from '../query.ts';
import { type BucketCall, ownerOf, type Services, xmlAnswer } from '../rest-call.ts';

interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly encodingType: 'url' | undefined;
}

export async function listObjects(call: BucketCall, services: Services): Promise<Answer> {
  const query = readListQuery(call);
  const marker = call.query.get('marker') ?? '';
  const page = await readPage(call, services, query, marker);
  return xmlAnswer(
    listBucketResult({
      ...query,
      bucket: call.bucketName,
      storageClass: call.bucket.storageClass,
      nowMs: services.clock.now(),
      owner: ownerOf(call.bucket),
      entries: page.items,
      marker,
      nextMarker: lastName(page),
    }),
  );
}

/** A continuation token is the last returned name in base64. It has priority over `start-after`. */
export async function listObjectsV2(call: BucketCall, services: Services): Promise<Answer> {
  const query = readListQuery(call);
  const startAfter = call.query.get('start-after') || undefined;
  const continuationToken = call.query.get('continuation-token') || undefined;
  const marker = continuationToken === undefined ? (startAfter ?? '') : readToken(continuationToken);
  const page = await readPage(call, services, query, marker);
  const last = lastName(page);
  return xmlAnswer(
    listBucketResultV2({
      ...query,
      bucket: call.bucketName,
      storageClass: call.bucket.storageClass,
      nowMs: services.clock.now(),
      owner: call.query.get('fetch-owner') === 'true' ? ownerOf(call.bucket) : undefined,
      entries: page.items,
      startAfter,
      continuationToken,
      nextContinuationToken: last === undefined ? undefined : Buffer.from(last).toString('base64'),
    }),
  );
}

function readListQuery({ query }: BucketCall): ListQuery {
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: integerParameter(query, 'max-keys', { min: 1, max: 1000, otherwise: 100 }),
    encodingType: encodingType(query),
  };
}

function readPage(
  call: BucketCall,
  { metadata }: Services,
  { prefix, delimiter, maxKeys }: ListQuery,
  marker: string,
): Promise<Page<ObjectListing>> {
  return metadata.listObjects(call.bucketName, { prefix, delimiter, marker, limit: maxKeys });
}

/** The name after which the next page starts; undefined for the last page. */
function lastName({ items, truncated }: Page<ObjectListing>): string | undefined {
  const last = items.at(-1);
  if (!truncated || !last) return undefined;
  return 'commonPrefix' in last ? last.commonPrefix : last.object.key;
}

function readToken(token: string): string {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.toString('base64') === token) return bytes.toString();
  throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect.');
}
