import { type AccessKey, accountOf } from '../aliyun/auth/signed-request.ts';
import { sessionAllows } from '../aliyun/policy/session-policy.ts';
import { RpcError } from '../aliyun/rpc-error.ts';
import { DEFAULT_ACCOUNT } from '../base/account.ts';
import type { RpcProduct } from './rpc-product.ts';

export interface RpcAccess {
  readonly product: RpcProduct['name'];
  readonly action: string;
  readonly caller: AccessKey;
  /** The value of a condition key of a policy. */
  readonly value: (key: string) => string | undefined;
}

/** It needs no permission (its page). */
const FREE_ACTION = 'GetCallerIdentity';
const READING = ['Describe', 'List'];

/**
 * Whether a key may make a call. Everything of ApsaraVideo Live belongs to the default account.
 * @throws RpcError Forbidden.RAM
 */
export function authorizeRpc({ product, action, caller, value }: RpcAccess): void {
  if (action === FREE_ACTION) return;
  const { accessKeyId } = caller;
  const account = accountOf(caller);
  if (product === 'live' && account !== DEFAULT_ACCOUNT) {
    throw forbidden(`access key ${accessKeyId} belongs to the account ${account}`);
  }
  if (caller.readOnly && !READING.some((verb) => action.startsWith(verb))) {
    throw forbidden(`access key ${accessKeyId} is configured as read-only`);
  }
  if (sessionAllows(caller, product, action, value)) return;
  throw forbidden(`the session policy of ${accessKeyId} does not allow ${product}:${action}`);
}

function forbidden(reason: string): RpcError {
  return new RpcError('Forbidden.RAM', { reason });
}
