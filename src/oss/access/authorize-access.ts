/**
 * Who may do what in a bucket. A request is allowed when nothing denies it, and the caller's account owns the bucket, a
 * bucket policy allows it, or an ACL does. Sources: "Bucket Policy", "Block public access" and PutBucketRequestPayment
 * pages; the pages of the EC that the refusals have.
 */
import { type AccessKey, accountOf, identitiesOf } from '../../aliyun/auth/signed-request.ts';
import { evaluatePolicy, withoutPublicAccess } from '../../aliyun/policy/evaluate-policy.ts';
import type { Policy, PolicyRequest } from '../../aliyun/policy/policy.ts';
import { OssError } from '../../base/errors.ts';
import type { Bucket, BucketAcl } from '../../storage/metadata/records.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import type { AccountAccessBlocks } from './account-access-blocks.ts';
import { blocksPublicAccess, payerOf } from './bucket-access.ts';

/** The permission that an action requires. ACLs can give the first two to all callers, the others require a key. */
export type Permission = 'read object' | 'write object' | 'list' | 'manage';

export interface Access {
  /** The key that signed; undefined for an anonymous caller. */
  readonly caller: AccessKey | undefined;
  readonly bucket: Bucket;
  /** Of the bucket; parsed by the caller, who may ask for many keys. */
  readonly policy: Policy | undefined;
  /** Empty for the bucket itself. */
  readonly key: string;
  /** `oss:GetObject` */
  readonly action: string;
  readonly permission: Permission;
  /** Of the object, when the request names one. */
  readonly versionId?: string | undefined;
  /** What `x-oss-request-payer` says. */
  readonly payer: string | undefined;
  /** The value of a condition key of a policy. */
  readonly value: PolicyRequest['value'];
}

export interface AccessDeps {
  readonly objects: Pick<Objects, 'find'>;
  readonly accessBlocks: AccountAccessBlocks;
  readonly region: string;
}

/** Whether nothing has to be asked: the caller's account owns the bucket, and no policy says anything about it. */
export function ownsFreely({ caller, bucket, policy }: Pick<Access, 'caller' | 'bucket' | 'policy'>): boolean {
  return caller !== undefined && !policy && !caller.session?.policy && accountOf(caller) === bucket.owner;
}

/** @throws OssError AccessDenied */
export async function authorizeAccess(access: Access, deps: AccessDeps): Promise<void> {
  const { caller, bucket, policy } = access;
  checkSession(access, deps.region);
  const isOwner = caller !== undefined && accountOf(caller) === bucket.owner;
  const decision = policy && evaluatePolicy(policy, policyRequest(access, deps.region));
  if (decision === 'Deny') throw deniedByPolicy(access);
  if (isOwner) return;
  checkPayer(access);
  const isBlocked = await isPublicAccessBlocked(bucket, deps.accessBlocks);
  if (decision === 'Allow' && (!isBlocked || allowsPrivately(access, deps.region))) return;
  await checkAcl(access, isBlocked, deps);
}

/**
 * A key of STS may do what its session policy allows.
 * @throws OssError AccessDenied
 */
export function checkSession(access: Pick<Access, 'caller' | 'action' | 'value'> & AccessPlace, region: string): void {
  const { caller } = access;
  const policy = caller?.session?.policy;
  if (!policy || evaluatePolicy(policy, policyRequest(access, region)) === 'Allow') return;
  throw new OssError('AccessDenied', "Access denied by authorizer's policy.", {
    ec: '0003-00000301',
    reason: `the session policy of ${caller.accessKeyId} does not allow ${access.action}`,
  });
}

/** Whether nobody may be given public access: by the account of the bucket, or by the bucket. */
export async function isPublicAccessBlocked(
  bucket: Pick<Bucket, 'owner' | 'configurations'>,
  accessBlocks: AccountAccessBlocks,
): Promise<boolean> {
  return blocksPublicAccess(bucket) || accessBlocks.isBlocked(bucket.owner);
}

/** Where an action takes place; the account itself has neither name nor key. */
export interface AccessPlace {
  readonly bucket: Pick<Bucket, 'name' | 'owner'>;
  readonly key: string;
}

function policyRequest(
  { caller, bucket, key, action, value }: Pick<Access, 'caller' | 'action' | 'value'> & AccessPlace,
  region: string,
): PolicyRequest {
  const name = key === '' ? bucket.name || '*' : `${bucket.name}/${key}`;
  return {
    action,
    resource: { service: 'oss', regions: [`oss-${region}`, region], account: bucket.owner, name },
    identities: caller ? identitiesOf(caller) : [],
    isOwner: caller !== undefined && accountOf(caller) === bucket.owner,
    value,
  };
}

function allowsPrivately(access: Access, region: string): boolean {
  const { policy } = access;
  return policy !== undefined && evaluatePolicy(withoutPublicAccess(policy), policyRequest(access, region)) === 'Allow';
}

function checkPayer({ caller, bucket, payer }: Access): void {
  if (payerOf(bucket) === 'BucketOwner') return;
  if (!caller) {
    throw new OssError('AccessDenied', 'Anonymous access is forbidden because requester pays is enabled.', {
      ec: '0003-00000701',
    });
  }
  if (payer === 'requester') return;
  throw new OssError('AccessDenied', 'Access denied for requester pay bucket.', {
    ec: '0003-00000702',
    reason: `x-oss-request-payer must be requester, not "${payer ?? ''}"`,
  });
}

/** The ACL of an object has priority over that of its bucket. */
async function checkAcl(access: Access, isBlocked: boolean, { objects }: AccessDeps): Promise<void> {
  const { caller, bucket, key, permission, versionId } = access;
  if (permission !== 'read object' && permission !== 'write object') throw notYours(access);
  const objectAcl = key === '' ? 'default' : ((await objects.find(bucket.name, key, versionId))?.acl ?? 'default');
  const acl = objectAcl === 'default' ? bucket.acl : objectAcl;
  if (!isBlocked && opens(acl, permission)) return;
  const who = caller ? `account ${accountOf(caller)}` : 'anonymous caller';
  const blocked = isBlocked ? ', public access is blocked' : '';
  throw new OssError('AccessDenied', 'You have no right to access this object because of bucket acl.', {
    ec: '0003-00000001',
    reason: `${who}, ${objectAcl === 'default' ? 'bucket' : 'object'} acl ${acl}${blocked}`,
  });
}

function opens(acl: BucketAcl, permission: 'read object' | 'write object'): boolean {
  return acl === 'public-read-write' || (acl === 'public-read' && permission === 'read object');
}

/** Pages of these ECs. */
const ACL_ECS: Readonly<Record<string, string>> = {
  'oss:GetObjectAcl': '0003-00000007',
  'oss:PutObjectAcl': '0003-00000008',
};

function notYours({ caller, bucket, action }: Access): OssError {
  if (!caller) return anonymousForbidden(ACL_ECS[action]);
  return new OssError('AccessDenied', 'The bucket you visit is not belong to you.', {
    reason: `the bucket belongs to the account ${bucket.owner}, the access key to ${accountOf(caller)}`,
  });
}

/** @param ec of the action, where a page names one */
export function anonymousForbidden(ec = '0003-00001201'): OssError {
  return new OssError('AccessDenied', 'Anonymous access is forbidden for this operation.', { ec });
}

function deniedByPolicy({ action }: Access): OssError {
  return new OssError('AccessDenied', 'Access denied by bucket policy.', {
    ec: '0003-00000101',
    reason: `a statement of the bucket policy denies ${action}`,
  });
}
