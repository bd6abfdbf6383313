import { listVersionsResult, type VersionPosition } from '../../../aliyun/xml/versioning-documents.ts';
import { invalidArgument } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import type { Page, VersionListing } from '../../../storage/metadata/metadata-store.ts';
import { isVersionId } from '../../../storage/metadata/version-id.ts';
import { invalidVersionId } from '../object/versions.ts';
import { encodingType, integerParameter } from '../query.ts';
import { type BucketCall, ownerOf, type Services, xmlAnswer } from '../rest-call.ts';

/** Of prefix, delimiter and markers. Source: ListObjectVersions page. */
const MAX_PARAMETER_BYTES = 1024;

export async function listObjectVersions(call: BucketCall, { metadata, clock }: Services): Promise<Answer> {
  const prefix = boundedParameter(call, 'prefix');
  const delimiter = boundedParameter(call, 'delimiter');
  const keyMarker = boundedParameter(call, 'key-marker');
  const versionIdMarker = readVersionIdMarker(call, keyMarker);
  const maxKeys = integerParameter(call.query, 'max-keys', { min: 1, max: 1000, otherwise: 100 });
  const encoding = encodingType(call.query);
  const query = { prefix, delimiter, marker: keyMarker, versionIdMarker, limit: maxKeys };
  const page = await metadata.listVersions(call.bucketName, query);
  return xmlAnswer(
    listVersionsResult({
      bucket: call.bucketName,
      storageClass: call.bucket.storageClass,
      nowMs: clock.now(),
      owner: ownerOf(call.bucket),
      prefix,
      delimiter,
      keyMarker,
      versionIdMarker,
      maxKeys,
      encodingType: encoding,
      entries: page.items,
      next: positionAfter(page),
    }),
  );
}

function boundedParameter({ query }: BucketCall, name: string): string {
  const text = query.get(name) ?? '';
  if (Buffer.byteLength(text) <= MAX_PARAMETER_BYTES) return text;
  throw invalidArgument(name, text, `Argument ${name} must not be longer than ${MAX_PARAMETER_BYTES} bytes.`);
}

/** A version is a position only within its key. */
function readVersionIdMarker(call: BucketCall, keyMarker: string): string {
  const text = call.query.get('version-id-marker') ?? '';
  if (text === '') return text;
  if (!isVersionId(text)) throw invalidVersionId('version-id-marker', text, '0012-00000105');
  if (keyMarker !== '') return text;
  throw invalidArgument('version-id-marker', text, 'A version-id marker cannot be specified without a key marker.');
}

/** After which entry the next page starts; undefined for the last page. */
function positionAfter({ items, truncated }: Page<VersionListing>): VersionPosition | undefined {
  const last = items.at(-1);
  if (!truncated || !last) return undefined;
  return 'commonPrefix' in last ? { key: last.commonPrefix, versionId: '' } : last.version;
}
