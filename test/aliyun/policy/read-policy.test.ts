import { describe, expect, it } from 'vitest';
import { MalformedPolicy } from '../../../src/aliyun/policy/policy.ts';
import { readPolicy } from '../../../src/aliyun/policy/read-policy.ts';

const STATEMENT = {
  Effect: 'Allow',
  Action: ['oss:GetObject'],
  Principal: ['1234567890123456'],
  Resource: ['acs:oss:*:*:examplebucket/*'],
};

function policyText(statement: object): string {
  return JSON.stringify({ Version: '1', Statement: [{ ...STATEMENT, ...statement }] });
}

describe('a bucket policy', () => {
  it('is read into its statements', () => {
    const { statements } = readPolicy(policyText({ Condition: { Bool: { 'acs:SecureTransport': true } } }), 'bucket');
    expect(statements).toEqual([
      {
        effect: 'Allow',
        principal: { kind: 'some', names: ['1234567890123456'] },
        actions: { patterns: ['oss:getobject'], except: false },
        resources: { patterns: ['acs:oss:*:*:examplebucket/*'], except: false },
        conditions: [{ operator: 'Bool', key: 'acs:securetransport', values: ['true'] }],
      },
    ]);
  });

  it.each([
    ['a list with *', ['*'], 'everyone'],
    ['*', '*', 'everyone'],
    ['an empty list', [], 'everyone'],
    ['nothing', undefined, 'nobody'],
  ])('whose principal is %s is for %s', (_what, Principal, kind) => {
    expect(readPolicy(policyText({ Principal }), 'bucket').statements[0]?.principal).toEqual({ kind });
  });

  it('has a bounded number of characters to compare at each place of a text', () => {
    const patterns = (count: number) => Array.from({ length: count }, () => `*?${'a'.repeat(61)}b*`);
    const likes = (count: number) => ({ Condition: { StringLike: { 'acs:UserAgent': patterns(count) } } });
    expect(readPolicy(policyText(likes(8)), 'bucket').statements).toHaveLength(1);
    expect(() => readPolicy(policyText(likes(9)), 'bucket')).toThrow(MalformedPolicy);
    expect(() => readPolicy(policyText({ Principal: patterns(9) }), 'bucket')).toThrow(MalformedPolicy);
    const equals = { Condition: { StringEquals: { 'acs:UserAgent': patterns(9) } } };
    expect(readPolicy(policyText(equals), 'bucket').statements).toHaveLength(1);
  });

  it.each([
    ['text', 'x'],
    ['an empty text', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['an object without members', '{}'],
    ['a version that is a number (EC page 0030-00000005)', JSON.stringify({ Version: 1, Statement: [STATEMENT] })],
    ['another version', JSON.stringify({ Version: '2012-10-17', Statement: [STATEMENT] })],
    ['no statement', JSON.stringify({ Version: '1', Statement: [] })],
    ['a statement that is no list', JSON.stringify({ Version: '1', Statement: STATEMENT })],
    ['a statement that is a text', JSON.stringify({ Version: '1', Statement: ['x'] })],
    ['an unknown member', JSON.stringify({ Version: '1', Statement: [STATEMENT], Statements: [] })],
    ['an unknown element', policyText({ Actions: [] })],
    ['another effect', policyText({ Effect: 'allow' })],
    ['no action', policyText({ Action: [] })],
    ['an action of another form', policyText({ Action: 'GetObject' })],
    ['an action that is an object', policyText({ Action: [{}] })],
    ['a principal of S3', policyText({ Principal: { AWS: '*' } })],
    ['NotPrincipal', policyText({ NotPrincipal: ['1'] })],
    ['NotAction', policyText({ Action: undefined, NotAction: ['oss:GetObject'] })],
    ['no resource', policyText({ Resource: undefined })],
    ['a resource of another form', policyText({ Resource: 'examplebucket/*' })],
    ['a resource of S3', policyText({ Resource: 'arn:aws:s3:::examplebucket/*' })],
    ['an unknown operator', policyText({ Condition: { NotIpAdress: { 'acs:SourceIp': '10.0.0.0' } } })],
    ['an operator with a text', policyText({ Condition: { IpAddress: '10.0.0.0' } })],
    ['a condition that is a list', policyText({ Condition: [] })],
    ['no address', policyText({ Condition: { IpAddress: { 'acs:SourceIp': '10.0.0' } } })],
    ['a range that is too narrow', policyText({ Condition: { IpAddress: { 'acs:SourceIp': '10.0.0.0/33' } } })],
    ['no time', policyText({ Condition: { DateLessThan: { 'acs:CurrentTime': 'tomorrow' } } })],
    ['no day', policyText({ Condition: { DateLessThan: { 'acs:CurrentTime': '2031-02-30T00:00:00Z' } } })],
    ['no truth', policyText({ Condition: { Bool: { 'acs:SecureTransport': 'yes' } } })],
    ['no number', policyText({ Condition: { NumericEquals: { 'oss:x': '1e5' } } })],
    ['no value', policyText({ Condition: { StringEquals: { 'oss:Prefix': [] } } })],
    ['wildcards without a bound', policyText({ Resource: `acs:oss:*:*:b/*${'?'.repeat(100)}*` })],
    ['lists in lists', '['.repeat(8000)],
    ['objects in objects', `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`],
    ['lists in lists to the end', `{"Version":"1","Statement":${'['.repeat(7000)}${']'.repeat(7000)}}`],
  ])('is not %s', (_what, text) => {
    expect(() => readPolicy(text, 'bucket')).toThrow(MalformedPolicy);
  });
});

describe('a RAM policy', () => {
  const { Principal: _principal, ...statement } = STATEMENT;
  const ramText = (fields: object) => JSON.stringify({ Version: '1', Statement: [{ ...statement, ...fields }] });

  it('is for its holder', () => {
    expect(readPolicy(ramText({}), 'ram').statements[0]?.principal).toEqual({ kind: 'holder' });
  });

  it('may except actions and resources', () => {
    const text = JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Deny', NotAction: 'oss:Get*', NotResource: '*' }],
    });
    expect(readPolicy(text, 'ram').statements[0]).toMatchObject({
      actions: { patterns: ['oss:get*'], except: true },
      resources: { patterns: ['*'], except: true },
    });
  });

  it.each([
    ['a principal', { Principal: ['*'] }],
    ['Action and NotAction', { NotAction: ['oss:*'] }],
  ])('does not have %s', (_what, fields) => {
    expect(() => readPolicy(ramText(fields), 'ram')).toThrow(MalformedPolicy);
  });
});
