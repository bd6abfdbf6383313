import { expect, test } from 'vitest';
import { isVersionId, makeVersionId, versionNumber } from '../../../src/storage/metadata/version-id.ts';

test.each([1, 255, 1_000_000, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER])('an id says its number: %d', (number) => {
  const id = makeVersionId(number);
  expect(id).toMatch(/^CAEQ[A-Za-z0-9]{60}$/);
  expect(isVersionId(id)).toBe(true);
  expect(versionNumber(id)).toBe(number);
  expect(makeVersionId(number)).not.toBe(id);
});

test('an id of the service is possible, but has no number here', () => {
  const id = 'CAEQJhiBgIDVmYrr1RYiIGE5ZmUxMjViZDIwYjQwY2I5ODA1YWIxNmIyNDNjYjk4';
  expect(isVersionId(id)).toBe(true);
  expect(versionNumber(id)).toBeUndefined();
});

test.each([
  '',
  '234',
  'IllegalVersion',
  'Null',
  'NULL',
  'CAEQ',
  'CAEQ%%%RiBgICv8uaA0BYi',
  ' null',
  `CAE${'Q'.repeat(126)}`,
])('is refused as an id: %j', (text) => {
  expect(isVersionId(text)).toBe(false);
  expect(versionNumber(text)).toBeUndefined();
});
