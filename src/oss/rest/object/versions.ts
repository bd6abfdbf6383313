/** Versions in requests and answers. Sources: the pages of the operations that take a `versionId`. */
import { invalidArgument, type OssError } from '../../../base/errors.ts';
import type { ObjectRecord } from '../../../storage/metadata/records.ts';
import { isVersionId } from '../../../storage/metadata/version-id.ts';
import { type ConfiguredBucket, isVersioned } from '../../bucket/bucket-configurations.ts';
import type { Call } from '../rest-call.ts';

/**
 * The version that a request names.
 * @throws OssError InvalidArgument
 */
export function requestedVersion({ query }: Pick<Call, 'query'>): string | undefined {
  const text = query.get('versionId');
  return text === undefined ? undefined : checkVersionId(text);
}

/** @throws OssError InvalidArgument */
export function checkVersionId(text: string): string {
  if (text === '') throw invalidVersionId('versionId', text, '0012-00000201');
  if (!isVersionId(text)) throw invalidVersionId('versionId', text, '0012-00000202');
  return text;
}

export function invalidVersionId(argument: string, text: string, ec: string): OssError {
  return invalidArgument(argument, text, 'Invalid version id specified', ec);
}

/** The header of answers about an object; none in a bucket without versioning. */
export function versionHeaders(
  { versionId }: Pick<ObjectRecord, 'versionId'>,
  bucket: ConfiguredBucket,
): Readonly<Record<string, string>> {
  return isVersioned(bucket) ? { 'x-oss-version-id': versionId } : {};
}
