/** Whether a request may be carried out: the rules of `oss/access` for what is known of a request over HTTP. */
import type { Authentication } from '../../aliyun/auth/authenticate.ts';
import { commonConditionValue } from '../../aliyun/policy/condition-values.ts';
import { isBucketName } from '../../base/bucket-name.ts';
import { OssError } from '../../base/errors.ts';
import { socketAddresses } from '../../net/socket-addresses.ts';
import type { Bucket, BucketAcl, ObjectAcl } from '../../storage/metadata/records.ts';
import { TAGGING_HEADER } from '../../storage/objects/stored-headers.ts';
import {
  type Access,
  anonymousForbidden,
  authorizeAccess,
  checkSession,
  isPublicAccessBlocked,
  ownsFreely,
} from '../access/authorize-access.ts';
import { policyOf } from '../access/bucket-access.ts';
import { OBJECT_ACL_HEADER } from './object/object-headers.ts';
import { requestedVersion } from './object/versions.ts';
import type { Operation } from './operation.ts';
import { policyAction } from './operation-actions.ts';
import { accountOfCaller, type BucketCall, type Call, type Services } from './rest-call.ts';

/** Its keys are in the body: its handler authorizes each of them. */
const AUTHORIZED_BY_KEY = 'DeleteMultipleObjects';

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
 * @throws OssError AccessDenied for anonymous callers, for read-only keys in writing operations, and by a session policy
 */
export function authorizeAccount(operation: Operation, call: Call, services: Services): void {
  const { caller } = call;
  if (caller.scheme === 'anonymous') throw anonymousForbidden();
  checkReadOnly(operation, caller);
  const bucket = { name: call.bucketName, owner: accountOfCaller(call) };
  const value = conditionValues(call, services);
  checkSession({ caller: caller.key, bucket, key: '', action: policyAction(operation), value }, services.region);
}

/**
 * Permission for operations in a bucket.
 * @throws OssError AccessDenied
 */
export async function authorizeInBucket(operation: Operation, call: BucketCall, services: Services): Promise<void> {
  checkReadOnly(operation, call.caller);
  if (operation.name === AUTHORIZED_BY_KEY) return;
  const { permission } = operation;
  const action = policyAction(operation, Boolean(call.query.get('versionId')));
  await authorizeAction({ action, permission, versionId: requestedVersion(call) }, call, services);
  if (permission === 'write object') {
    // Tags of an object that is being written need a permission of their own (PutObject page).
    if (call.headers.has(TAGGING_HEADER)) {
      await authorizeAction({ action: 'oss:PutObjectTagging', permission }, call, services);
    }
    // So does its ACL, which no ACL lets anybody set (PutObjectACL page: the header does the same there; set-acl page).
    if (call.headers.has(OBJECT_ACL_HEADER)) {
      await authorizeAction({ action: 'oss:PutObjectAcl', permission: 'manage' }, call, services);
    }
  }
  await refusePublicAcl('object', call.headers.get(OBJECT_ACL_HEADER), call.bucket, services);
}

/** What a policy and the ACLs are asked for. */
export type Demand = Pick<Access, 'action' | 'permission' | 'versionId'>;

/**
 * Permission for an action on the key of the call, or on its bucket when the key is empty.
 * @throws OssError AccessDenied
 */
export async function authorizeAction(demand: Demand, call: BucketCall, services: Services): Promise<void> {
  await authorizeKeys(demand, call, [call.key], services);
}

/**
 * Permission for an action on each of some keys.
 * @throws OssError AccessDenied when one of them is not permitted
 */
export async function authorizeKeys(
  demand: Demand,
  call: BucketCall,
  keys: readonly string[],
  services: Services,
): Promise<void> {
  const { bucket } = call;
  // The mode that checks nothing.
  if (call.caller.scheme === 'unchecked') return;
  const caller = call.caller.scheme === 'anonymous' ? undefined : call.caller.key;
  const policy = policyOf(bucket);
  if (ownsFreely({ caller, bucket, policy })) return;
  const value = conditionValues(call, services);
  const payer = (call.headers.get('x-oss-request-payer') ?? call.query.get('x-oss-request-payer'))?.toLowerCase();
  for (const key of keys) {
    await authorizeAccess({ ...demand, caller, bucket, policy, key, payer, value }, services);
  }
}

/**
 * Refuses an ACL that gives access to everybody where public access is blocked.
 * @throws OssError AccessDenied
 */
export async function refusePublicAcl(
  of: 'bucket' | 'object',
  acl: BucketAcl | ObjectAcl | string | undefined,
  bucket: Pick<Bucket, 'owner' | 'configurations'>,
  { accessBlocks }: Services,
): Promise<void> {
  if (!acl?.startsWith('public-') || !(await isPublicAccessBlocked(bucket, accessBlocks))) return;
  throw new OssError('AccessDenied', `Put public ${of} acl is not allowed`, {
    reason: 'public access is blocked for the bucket or for its account',
  });
}

function checkReadOnly({ method }: Operation, caller: Authentication): void {
  if (caller.scheme === 'anonymous' || !caller.key.readOnly || method === 'GET' || method === 'HEAD') return;
  throw new OssError('AccessDenied', 'You have no right to access this object.', {
    ec: '0003-00000201',
    reason: `access key ${caller.key.accessKeyId} is configured as read-only`,
  });
}

/** The condition keys of OSS, besides those that every API has ("Policy syntax and elements" page, Condition). */
function conditionValues({ caller, headers, query, body, key: object }: Call, { clock }: Services): Access['value'] {
  return (key) => {
    // A listing without a prefix fits `*`.
    if (key === 'oss:prefix') return query.get('prefix') ?? (object === '' ? '' : undefined);
    if (key === 'oss:delimiter') return query.get('delimiter');
    if (key.startsWith('oss:x-oss-')) return headers.get(key.slice('oss:'.length));
    const { remoteAddr, isSecure } = socketAddresses(body.socket);
    return commonConditionValue(key, {
      nowMs: clock.now(),
      remoteAddr,
      isSecure,
      userAgent: headers.get('user-agent'),
      accessKeyId: caller.scheme === 'anonymous' ? undefined : caller.key.accessKeyId,
    });
  };
}
