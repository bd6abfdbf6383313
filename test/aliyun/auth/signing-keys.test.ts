import { describe, expect, it } from 'vitest';
import { SigningKeys, type V4Scope } from '../../../src/aliyun/auth/signing-keys.ts';

const SCOPE: V4Scope = { date: '20241231', region: 'cn-hangzhou', product: 'oss' };

describe('signing keys', () => {
  it('are derived once', () => {
    const keys = new SigningKeys();
    expect(keys.derive('secret', SCOPE)).toBe(keys.derive('secret', { ...SCOPE }));
  });

  it('differ with every part of what they are derived for', () => {
    const keys = new SigningKeys();
    const scopes = [{}, { date: '20250101' }, { region: '' }, { product: 'oss-cloudbox' }];
    const derived = [
      ...scopes.map((change) => keys.derive('secret', { ...SCOPE, ...change })),
      keys.derive('other', SCOPE),
    ];
    expect(new Set(derived.map((key) => key.toString('hex'))).size).toBe(5);
  });

  it('are kept for a limited number of scopes', () => {
    const keys = new SigningKeys();
    const first = keys.derive('secret', SCOPE);
    for (let n = 0; n < 1000; n++) keys.derive('secret', { ...SCOPE, region: `region-${n}` });
    expect(keys.derive('secret', SCOPE)).not.toBe(first);
    expect(keys.derive('secret', SCOPE)).toEqual(first);
  });
});
