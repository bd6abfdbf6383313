import { describe, expect, it } from 'vitest';
import { evaluatePolicy, isPublicPolicy, withoutPublicAccess } from '../../../src/aliyun/policy/evaluate-policy.ts';
import type { PolicyRequest } from '../../../src/aliyun/policy/policy.ts';
import { readPolicy } from '../../../src/aliyun/policy/read-policy.ts';

const OWNER = '1234567890123456';
const GUEST = '2222222222222222';
const ALLOW = {
  Effect: 'Allow',
  Action: 'oss:*',
  Principal: [GUEST],
  Resource: ['acs:oss:*:*:b', 'acs:oss:*:*:b/*'],
};

type Fields = Readonly<Record<string, unknown>>;

function policyOf(...statements: readonly Fields[]) {
  const all = statements.map((statement) => ({ ...ALLOW, ...statement }));
  return readPolicy(JSON.stringify({ Version: '1', Statement: all }), 'bucket');
}

interface Asked extends Partial<Omit<PolicyRequest, 'resource' | 'value'>> {
  readonly name?: string;
  readonly values?: Readonly<Record<string, string>>;
}

function request({ name = 'b/key', values = {}, ...fields }: Asked = {}): PolicyRequest {
  return {
    action: 'oss:GetObject',
    identities: [GUEST],
    isOwner: false,
    resource: { service: 'oss', regions: ['oss-cn-hangzhou', 'cn-hangzhou'], account: OWNER, name },
    value: (key) => values[key],
    ...fields,
  };
}

describe('a statement applies', () => {
  it.each([
    ['oss:*', true],
    ['*', true],
    ['oss:Get*', true],
    ['oss:getobject', true],
    ['oss:GetObjec?', true],
    ['oss:GetObjectAcl', false],
    ['ecs:*', false],
  ])('to GetObject when its action is %s: %s', (Action, applies) => {
    expect(evaluatePolicy(policyOf({ Action }), request())).toBe(applies ? 'Allow' : undefined);
  });

  it.each([
    ['acs:oss:*:*:b/*', true],
    ['*', true],
    ['acs:oss:*:*:*', true],
    ['acs:oss:*:*:*/*', true],
    [`acs:oss:*:${OWNER}:b/key`, true],
    [`acs:oss:oss-cn-hangzhou:${OWNER}:b/k?y`, true],
    [`acs:oss:cn-hangzhou:${OWNER}:b/key`, true],
    ['acs:oss:*:999:b/*', false],
    ['acs:oss:oss-cn-beijing:*:b/*', false],
    ['acs:oss:*:*:b', false],
    ['acs:oss:*:*:b/other*', false],
    ['acs:ecs:*:*:b/*', false],
    ['acs:oss:*:b/*:x', false],
  ])('to the object when its resource is %s: %s', (Resource, applies) => {
    expect(evaluatePolicy(policyOf({ Resource }), request())).toBe(applies ? 'Allow' : undefined);
  });

  it('to a key with a colon', () => {
    const policy = policyOf({ Resource: 'acs:oss:*:*:b/a:b' });
    expect(evaluatePolicy(policy, request({ name: 'b/a:b' }))).toBe('Allow');
    expect(evaluatePolicy(policy, request({ name: 'b/a' }))).toBeUndefined();
  });

  const ROLE = `arn:sts::${OWNER}:assumed-role/admin/alice`;
  it.each([
    ['the account', [GUEST], [GUEST], true],
    ['another account', ['999'], [GUEST], false],
    ['accounts that begin so', ['2222*'], [GUEST], true],
    ['an assumed role', [ROLE], [OWNER, ROLE], true],
    ['every session of a role', [`arn:sts::${OWNER}:assumed-role/admin/*`], [OWNER, ROLE], true],
    ['another role', [`arn:sts::${OWNER}:assumed-role/other/*`], [OWNER, ROLE], false],
    ['an account, for an anonymous caller', [GUEST], [], false],
    ['everyone, for an anonymous caller', ['*'], [], true],
  ])('when its principal is %s', (_what, Principal, identities, applies) => {
    expect(evaluatePolicy(policyOf({ Principal }), request({ identities }))).toBe(applies ? 'Allow' : undefined);
  });

  it('to the owner, when it is for everyone, only with a condition ("Bucket Policy" page)', () => {
    const owner = request({ identities: [OWNER], isOwner: true, values: { 'acs:securetransport': 'false' } });
    const deny = { Effect: 'Deny', Principal: ['*'] };
    expect(evaluatePolicy(policyOf(deny), owner)).toBeUndefined();
    const Condition = { Bool: { 'acs:SecureTransport': 'false' } };
    expect(evaluatePolicy(policyOf({ ...deny, Condition }), owner)).toBe('Deny');
    expect(evaluatePolicy(policyOf({ Effect: 'Deny', Principal: [OWNER] }), owner)).toBe('Deny');
  });

  it('to nobody without a principal', () => {
    expect(evaluatePolicy(policyOf({ Principal: undefined }), request())).toBeUndefined();
  });
});

it('a Deny wins, in any order', () => {
  const deny = { Effect: 'Deny', Action: 'oss:GetObject' };
  expect(evaluatePolicy(policyOf({}, deny), request())).toBe('Deny');
  expect(evaluatePolicy(policyOf(deny, {}), request())).toBe('Deny');
  expect(evaluatePolicy(policyOf(deny, {}), request({ action: 'oss:PutObject' }))).toBe('Allow');
});

describe('a condition', () => {
  const IP = 'acs:sourceip';
  const TIME = 'acs:currenttime';
  it.each([
    ['IpAddress', 'acs:SourceIp', ['10.0.0.0/8'], { [IP]: '10.1.2.3' }, true],
    ['IpAddress', 'acs:SourceIp', ['10.0.0.0/8', '192.0.2.1'], { [IP]: '192.0.2.1' }, true],
    ['IpAddress', 'acs:SourceIp', '10.0.0.0/8', { [IP]: '11.0.0.1' }, false],
    ['IpAddress', 'acs:SourceIp', '2001:db8::/32', { [IP]: '2001:db8::1' }, true],
    ['IpAddress', 'acs:SourceIp', '0.0.0.0/0', { [IP]: '::1' }, false],
    ['NotIpAddress', 'acs:SourceIp', ['10.0.0.0/8', '192.0.2.1'], { [IP]: '192.0.2.1' }, false],
    ['NotIpAddress', 'acs:SourceIp', ['10.0.0.0/8', '192.0.2.1'], { [IP]: '192.0.2.2' }, true],
    ['DateLessThan', 'acs:CurrentTime', '2025-01-01T00:00:00Z', { [TIME]: '2024-12-31T23:59:59.999Z' }, true],
    ['DateLessThan', 'acs:CurrentTime', '2025-01-01T00:00:00Z', { [TIME]: '2025-01-01T00:00:00.000Z' }, false],
    ['DateGreaterThan', 'acs:CurrentTime', '2025-01-01T08:00:00+08:00', { [TIME]: '2025-01-01T00:00:00.001Z' }, true],
    ['DateLessThanEquals', 'acs:CurrentTime', '2025-01-01', { [TIME]: '2025-01-01T00:00:00.000Z' }, true],
    ['Bool', 'acs:SecureTransport', true, { 'acs:securetransport': 'true' }, true],
    ['Bool', 'acs:SecureTransport', 'true', { 'acs:securetransport': 'false' }, false],
    ['StringEquals', 'oss:Prefix', ['a/', 'b/'], { 'oss:prefix': 'b/' }, true],
    ['StringEquals', 'oss:Prefix', 'a/', { 'oss:prefix': 'A/' }, false],
    ['StringEqualsIgnoreCase', 'oss:Prefix', 'a/', { 'oss:prefix': 'A/' }, true],
    ['StringLike', 'oss:Prefix', 'a/*', { 'oss:prefix': 'a/b' }, true],
    ['StringLike', 'oss:Prefix', 'a/*', {}, false],
    ['StringNotLike', 'oss:Prefix', 'a/*', {}, true],
    ['StringNotEquals', 'acs:SourceVpc', ['vpc-1', 'vpc-2'], {}, true],
    ['StringNotEquals', 'acs:SourceVpc', ['vpc-1', 'vpc-2'], { 'acs:sourcevpc': 'vpc-2' }, false],
    ['StringNotEqualsIgnoreCase', 'acs:SourceVpc', 'VPC-1', { 'acs:sourcevpc': 'vpc-1' }, false],
    ['NumericGreaterThan', 'oss:x-oss-number', '9', { 'oss:x-oss-number': '10' }, true],
    ['NumericEquals', 'oss:x-oss-number', '10', { 'oss:x-oss-number': 'ten' }, false],
  ])('%s %s %j of %j: %s', (operator, key, value, values, isMet) => {
    const policy = policyOf({ Condition: { [operator]: { [key]: value } } });
    expect(evaluatePolicy(policy, request({ values: Object.fromEntries(Object.entries(values)) }))).toBe(
      isMet ? 'Allow' : undefined,
    );
  });

  it('has to be met beside all others', () => {
    const Condition = { IpAddress: { 'acs:SourceIp': '10.0.0.1' }, Bool: { 'acs:SecureTransport': true } };
    const values = { [IP]: '10.0.0.1', 'acs:securetransport': 'false' };
    expect(evaluatePolicy(policyOf({ Condition }), request({ values }))).toBeUndefined();
  });
});

describe('a policy is public', () => {
  it.each([
    ['for everyone', { Principal: ['*'] }, true],
    ['for an account', {}, false],
    ['for accounts that begin so', { Principal: ['2*'] }, true],
    ['that denies', { Effect: 'Deny', Principal: ['*'] }, false],
    ['from an address', { Principal: ['*'], Condition: { IpAddress: { 'acs:SourceIp': '10.0.0.1' } } }, false],
    ['from every address', { Principal: ['*'], Condition: { IpAddress: { 'acs:SourceIp': '0.0.0.0/0' } } }, true],
    ['over TLS', { Principal: ['*'], Condition: { Bool: { 'acs:SecureTransport': true } } }, true],
    ['from a VPC', { Principal: ['*'], Condition: { StringEquals: { 'acs:SourceVpc': 'vpc-1' } } }, false],
    ['from VPCs', { Principal: ['*'], Condition: { StringLike: { 'acs:SourceVpc': 'vpc-*' } } }, true],
  ])('%s: %o', (_what, fields, isPublic) => {
    const policy = policyOf(fields);
    expect(isPublicPolicy(policy)).toBe(isPublic);
    const allowed = isPublic ? 0 : 1;
    expect(withoutPublicAccess(policy).statements).toHaveLength(allowed);
  });
});
