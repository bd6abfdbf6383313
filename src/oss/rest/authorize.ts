import type { Authentication } from '../../aliyun/auth/authenticate.ts';
import { isBucketName } from '../../base/bucket-name.ts';
import { OssError } from '../../base/errors.ts';
import type { Bucket, BucketAcl } from '../../storage/metadata/metadata-store.ts';
import type { Operation } from './operation.ts';
import type { BucketCall, Services } from './rest-call.ts';
import { requestedVersion } from './versions.ts';

/**
 * The bucket of this name.
 * @throws OssError InvalidBucketName, NoSuchBucket
 */
export async function requireBucket(name: string, services: Services): Promise<Bucket> {
  checkBucketName(name);
  const bucket = await services.metadata.getBucket(name);
  if (bucket) return bucket;
  throw noSuchBucket(name);
}

/** @throws OssError InvalidBucketName */
export function checkBucketName(name: string): void {
  if (isBucketName(name)) return;
  throw new OssError('InvalidBucketName', 'The specified bucket is not valid.', { details: { BucketName: name } });
}

export function noSuchBucket(name: string): OssError {
  return new OssError('NoSuchBucket', 'The specified bucket does not exist.', {
    ec: '0015-00000101',
    details: { BucketName: name },
  });
}

/**
 * Permission for operations of the account.
 * @throws OssError AccessDenied for anonymous callers, and for read-only keys in writing operations
 */
export function authorizeAccount(operation: Operation, caller: Authentication): void {
  if (caller.scheme === 'anonymous') throw anonymousForbidden();
  if (caller.key.readOnly && operation.method !== 'GET' && operation.method !== 'HEAD') {
    throw new OssError('AccessDenied', 'You have no right to access this object.', {
      ec: '0003-00000201',
      reason: `access key ${caller.key.accessKeyId} is configured as read-only`,
    });
  }
}

/**
 * Permission for operations in a bucket. Everything belongs to one account, so a key has all permissions, and ACLs
 * apply only to anonymous callers. The ACL of an object has priority over that of its bucket.
 * @throws OssError AccessDenied
 */
export async function authorizeInBucket(
  operation: Operation,
  call: Pick<BucketCall, 'caller' | 'bucket' | 'key' | 'query'>,
  services: Services,
): Promise<void> {
  const { caller, bucket, key } = call;
  const { permission } = operation;
  const byAcl = permission === 'read object' || permission === 'write object';
  if (caller.scheme !== 'anonymous' || !byAcl) return authorizeAccount(operation, caller);
  await authorizeAnonymous(permission, bucket, { key, versionId: requestedVersion(call) }, services);
}

/**
 * Permission of an anonymous caller for an object.
 * @throws OssError AccessDenied
 */
export async function authorizeAnonymous(
  permission: 'read object' | 'write object',
  bucket: Bucket,
  { key, versionId }: { readonly key: string; readonly versionId: string | undefined },
  services: Services,
): Promise<void> {
  const objectAcl = (await services.objects.find(bucket.name, key, versionId))?.acl ?? 'default';
  const acl = objectAcl === 'default' ? bucket.acl : objectAcl;
  if (opens(acl, permission)) return;
  throw new OssError('AccessDenied', 'You have no right to access this object because of bucket acl.', {
    ec: '0003-00000001',
    reason: `anonymous caller, ${objectAcl === 'default' ? 'bucket' : 'object'} acl ${acl}`,
  });
}

function opens(acl: BucketAcl, permission: 'read object' | 'write object'): boolean {
  return acl === 'public-read-write' || (acl === 'public-read' && permission === 'read object');
}

function anonymousForbidden(): OssError {
  return new OssError('AccessDenied', 'Anonymous access is forbidden for this operation.', { ec: '0003-00001201' });
}
