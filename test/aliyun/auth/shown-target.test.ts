import { expect, it } from 'vitest';
import { shownTarget } from '../../../src/aliyun/auth/shown-target.ts';

it.each([
  ['/b/k?prefix=a&marker=b', '/b/k?prefix=a&marker=b'],
  ['/?Action=Foo;Signature=SeCrEtSeCrEt', '/?Action=Foo;Signature=***'],
  ['/?prefix=Signature=SeCrEtSeCrEt', '/?prefix=Signature=***'],
  ['/?acl&Signature=SeCrEt', '/?acl&Signature=***'],
])('%s is shown as %s', (target, shown) => {
  expect(shownTarget(target)).toBe(shown);
});
