import { expect, it } from 'vitest';
import { invalidArgument } from '../../src/base/errors.ts';

it.each([
  ['Expires', 'Expires is missing.', 'Expires is missing.'],
  ['status', 'The status must be enabled or disabled.', 'The status must be enabled or disabled.'],
  ['x-oss-acl', 'no such bucket access control exists', 'x-oss-acl: no such bucket access control exists'],
  ['endTime', 'The time span must not exceed one day.', 'endTime: The time span must not exceed one day.'],
])('the reason of a refusal names the argument once: %s, %s', (name, message, reason) => {
  expect(invalidArgument(name, '', message)).toMatchObject({ message, reason });
});
