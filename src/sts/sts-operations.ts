/**
 * STS, version 2015-04-01. Sources: AssumeRole and GetCallerIdentity pages, whose error tables name the codes. The
 * emulator has no RAM: a role exists when it is named, belongs to the caller's account, and may do what the account may.
 */
import { createHash } from 'node:crypto';
import { formatRpcTime } from '../aliyun/auth/rpc-time.ts';
import { accountOf } from '../aliyun/auth/signed-request.ts';
import { MalformedPolicy } from '../aliyun/policy/policy.ts';
import { readPolicy } from '../aliyun/policy/read-policy.ts';
import { RpcError } from '../aliyun/rpc-error.ts';
import { DEFAULT_ACCOUNT } from '../base/account.ts';
import type { Clock } from '../base/clock.ts';
import { optionalInteger, optionalText, requiredText } from '../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../rpc/rpc-call.ts';
import type { IssuedKeys } from './issued-keys.ts';

/** 12 hours, the most that MaxSessionDuration of a role can be. */
const DURATION_SEC = { min: 900, max: 43_200, otherwise: 3600 };
const MAX_POLICY_BYTES = 2048;

export interface StsServices {
  readonly clock: Clock;
  readonly issuedKeys: IssuedKeys;
}

export const STS_OPERATIONS: readonly RpcOperation<StsServices>[] = [
  { name: 'AssumeRole', required: ['RoleArn', 'RoleSessionName'], run: assumeRole },
  { name: 'GetCallerIdentity', required: [], run: getCallerIdentity },
];

async function assumeRole({ parameters, caller }: RpcCall, { clock, issuedKeys }: StsServices): Promise<RpcContent> {
  const { account, roleName } = readRoleArn(requiredText(parameters, 'RoleArn'));
  const sessionName = requiredText(parameters, 'RoleSessionName');
  if (!/^[A-Za-z0-9.@_-]{2,64}$/.test(sessionName)) throw new RpcError('InvalidParameter.RoleSessionName');
  const durationSec = readDuration(optionalInteger(parameters, 'DurationSeconds', 'InvalidParameter.DurationSeconds'));
  const policy = optionalText(parameters, 'Policy');
  if (policy !== undefined) checkPolicy(policy);
  if (caller && accountOf(caller) !== account) {
    throw new RpcError('NoPermission', {
      reason: `the role belongs to the account ${account}, the access key to ${accountOf(caller)}`,
    });
  }
  // The answer has no milliseconds.
  const expiresMs = Math.floor(clock.now() / 1000 + durationSec) * 1000;
  const key = await issuedKeys.issue({ account, roleName, sessionName, policy, expiresMs });
  return {
    Credentials: {
      AccessKeyId: key.accessKeyId,
      AccessKeySecret: key.accessKeySecret,
      SecurityToken: key.securityToken,
      Expiration: formatRpcTime(key.expiresMs),
    },
    AssumedRoleUser: {
      Arn: `acs:ram::${account}:role/${roleName}/${sessionName}`,
      AssumedRoleId: `${roleId(account, roleName)}:${sessionName}`,
    },
  };
}

async function getCallerIdentity({ caller }: RpcCall): Promise<RpcContent> {
  const account = caller ? accountOf(caller) : DEFAULT_ACCOUNT;
  if (!caller?.session) {
    return {
      IdentityType: 'Account',
      AccountId: account,
      PrincipalId: account,
      UserId: account,
      Arn: `acs:ram::${account}:root`,
    };
  }
  const { roleName, sessionName } = caller.session;
  const id = roleId(account, roleName);
  return {
    IdentityType: 'AssumedRoleUser',
    AccountId: account,
    PrincipalId: `${id}:${sessionName}`,
    RoleId: id,
    Arn: `acs:ram::${account}:assumed-role/${roleName}/${sessionName}`,
  };
}

/** `acs:ram::<account>:role/<name>` */
function readRoleArn(arn: string): { readonly account: string; readonly roleName: string } {
  const [, account, roleName] = /^acs:ram::(\d{1,32}):role\/([A-Za-z0-9._-]{1,64})$/.exec(arn) ?? [];
  if (account !== undefined && roleName !== undefined) return { account, roleName };
  throw new RpcError('InvalidParameter.RoleArn', { reason: 'it must be acs:ram::<account>:role/<name>' });
}

function readDuration(durationSec = DURATION_SEC.otherwise): number {
  if (durationSec >= DURATION_SEC.min && durationSec <= DURATION_SEC.max) return durationSec;
  throw new RpcError('InvalidParameter.DurationSeconds', {
    reason: `DurationSeconds must be from ${DURATION_SEC.min} to ${DURATION_SEC.max}, not ${durationSec}`,
  });
}

function checkPolicy(text: string): void {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) throw new RpcError('InvalidParameter.PolicySize');
  try {
    readPolicy(text, 'ram');
  } catch (error) {
    if (error instanceof MalformedPolicy)
      throw new RpcError('InvalidParameter.PolicyGrammar', { reason: error.message });
    throw error;
  }
}

/** The same for every session of a role. */
function roleId(account: string, roleName: string): string {
  const hash = createHash('sha256').update(`${account}/${roleName}`).digest();
  return `3${(hash.readBigUInt64BE() % 10n ** 17n).toString().padStart(17, '0')}`;
}
