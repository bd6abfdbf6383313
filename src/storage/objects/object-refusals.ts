/** The refusals of requests for an object that is not there, or is not as it would have to be. */
import { OssError } from '../../base/errors.ts';
import type { DeleteMarker, ObjectRecord } from '../metadata/records.ts';

/**
 * The refusal of a request for an object that does not exist, or whose current version or requested version is a delete
 * marker. Source: "Delete marker" and GetObject pages.
 */
export function missingObject(key: string, versionId: string | undefined, marker: DeleteMarker | undefined): OssError {
  const markerHeaders: Record<string, string> = marker
    ? { 'x-oss-delete-marker': 'true', 'x-oss-version-id': marker.versionId }
    : {};
  if (versionId === undefined) {
    return new OssError('NoSuchKey', 'The specified key does not exist.', {
      ec: '0026-00000001',
      details: { Key: key },
      headers: markerHeaders,
    });
  }
  const details = { Key: key, VersionId: versionId };
  if (!marker) return new OssError('NoSuchVersion', 'The specified version does not exist.', { details });
  return new OssError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    details: { ResourceType: 'DeleteMarker' },
    headers: markerHeaders,
  });
}

/** @throws OssError FileAlreadyExists when there is an object */
export function refuseToReplace(current: ObjectRecord | undefined): void {
  if (!current) return;
  throw new OssError('FileAlreadyExists', 'The object you specified already exists and can not be overwritten.', {
    details: { Key: current.key },
  });
}

/** @throws OssError ObjectNotAppendable, PositionNotEqualToLength */
export function checkAppend(current: ObjectRecord | undefined, position: number): void {
  if (current && current.type !== 'Appendable') {
    throw new OssError('ObjectNotAppendable', 'The object is not appendable');
  }
  if (position !== (current?.sizeBytes ?? 0)) throw positionNotEqualToLength(current);
}

export function positionNotEqualToLength(current: ObjectRecord | undefined): OssError {
  return new OssError('PositionNotEqualToLength', 'Position is not equal to file length', {
    headers: { 'x-oss-next-append-position': String(current?.sizeBytes ?? 0) },
  });
}

export function bucketEmptied(bucket: string): OssError {
  return new OssError('NoSuchBucket', 'The specified bucket does not exist.', {
    ec: '0015-00000101',
    details: { BucketName: bucket },
    reason: 'the bucket was emptied while the object was being uploaded',
  });
}
