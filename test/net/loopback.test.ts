import { expect, it } from 'vitest';
import { isLoopback } from '../../src/net/loopback.ts';

it.each(['127.0.0.1', '127.255.0.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
  '%s is',
  (address) => {
    expect(isLoopback(address)).toBe(true);
  },
);

it.each([
  '',
  '0.0.0.0',
  '::',
  '10.0.0.1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  'fe80::1%eth0',
  'localhost',
  '127.evil.example',
])('%j is not', (address) => {
  expect(isLoopback(address)).toBe(false);
});
