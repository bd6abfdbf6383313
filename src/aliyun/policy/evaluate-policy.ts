/** What a policy says of a request. Source: "Bucket Policy" page of OSS, how it works. */
import { findConditionOperator, parseRange } from './condition-operators.ts';
import type { Condition, Effect, Names, Policy, PolicyRequest, PolicyResource, Statement } from './policy.ts';
import { matchesWildcards } from './wildcards.ts';

/** Condition keys that limit a grant to known callers, so that it is not public. Source: "Block public access" page. */
const LIMITING_KEYS: readonly string[] = ['acs:sourceip', 'acs:sourcevpc', 'acs:sourcevpcid', 'acs:accessid'];

/** A Deny that applies wins; undefined when no statement applies. */
export function evaluatePolicy(policy: Policy, request: PolicyRequest): Effect | undefined {
  const applying = policy.statements.filter((statement) => applies(statement, request));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'Deny';
  return applying.length > 0 ? 'Allow' : undefined;
}

/** The policy without the statements that give access to everybody. */
export function withoutPublicAccess(policy: Policy): Policy {
  return { statements: policy.statements.filter((statement) => !isPublicStatement(statement)) };
}

/** Whether a statement gives access to everybody. */
export function isPublicPolicy(policy: Policy): boolean {
  return policy.statements.some(isPublicStatement);
}

/** Action and resource do not count (same page). */
function isPublicStatement({ effect, principal, conditions }: Statement): boolean {
  if (effect === 'Deny') return false;
  const isWide =
    principal.kind === 'everyone' || (principal.kind === 'some' && principal.names.some((name) => /[*?]/.test(name)));
  return isWide && !conditions.some(limitsCallers);
}

function limitsCallers({ operator, key, values }: Condition): boolean {
  if (!LIMITING_KEYS.includes(key)) return false;
  if (operator === 'IpAddress') return values.every((value) => (parseRange(value)?.prefixBits ?? 0) > 0);
  return ['StringEquals', 'StringLike'].includes(operator) && values.every((value) => !/[*?]/.test(value));
}

function applies(statement: Statement, request: PolicyRequest): boolean {
  const action = request.action.toLowerCase();
  return (
    names(statement, request) &&
    fitsNames(statement.actions, (pattern) => matchesWildcards(pattern, action)) &&
    fitsNames(statement.resources, (pattern) => fitsResource(pattern, request.resource)) &&
    statement.conditions.every((condition) => isMet(condition, request))
  );
}

/** A statement for everyone without a condition does not apply to the owner. */
function names({ principal, conditions }: Statement, { identities, isOwner }: PolicyRequest): boolean {
  switch (principal.kind) {
    case 'holder':
      return true;
    case 'nobody':
      return false;
    case 'everyone':
      return !isOwner || conditions.length > 0;
    case 'some':
      return principal.names.some((name) => identities.some((identity) => matchesWildcards(name, identity)));
  }
}

function fitsNames({ patterns, except }: Names, fits: (pattern: string) => boolean): boolean {
  return patterns.some(fits) !== except;
}

/** Part by part: a `*` for the region does not stand for account and name too. */
function fitsResource(pattern: string, { service, regions, account, name }: PolicyResource): boolean {
  if (pattern === '*') return true;
  const [, servicePattern = '', region = '', accountPattern = '', ...rest] = pattern.split(':');
  return (
    matchesWildcards(servicePattern, service) &&
    regions.some((candidate) => matchesWildcards(region, candidate)) &&
    matchesWildcards(accountPattern, account) &&
    matchesWildcards(rest.join(':'), name)
  );
}

function isMet({ operator, key, values }: Condition, request: PolicyRequest): boolean {
  const found = findConditionOperator(operator);
  if (!found) return false;
  const actual = request.value(key);
  const fits = actual !== undefined && values.some((value) => found.fits(actual, value));
  return fits !== found.negated;
}
