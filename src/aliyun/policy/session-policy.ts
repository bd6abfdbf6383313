import { type AccessKey, accountOf, identitiesOf } from '../auth/signed-request.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { PolicyRequest } from './policy.ts';

/** Whether a key may make a call that is for its account as a whole: always, unless it has a session policy. */
export function sessionAllows(
  key: AccessKey,
  service: string,
  action: string,
  value: PolicyRequest['value'] = () => undefined,
): boolean {
  if (!key.session?.policy) return true;
  const decision = evaluatePolicy(key.session.policy, {
    action: `${service}:${action}`,
    resource: { service, regions: ['*'], account: accountOf(key), name: '*' },
    identities: identitiesOf(key),
    isOwner: true,
    value,
  });
  return decision === 'Allow';
}
