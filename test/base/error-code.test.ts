import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { hasErrorCode, isError } from '../../src/base/error-code.ts';

it.each([
  ['an error of Node', Object.assign(new Error('no'), { code: 'ENOENT' }), true],
  ['one of another context', runInNewContext("Object.assign(new Error('no'), { code: 'ENOENT' })"), true],
  ['one with another code', Object.assign(new Error('no'), { code: 'EACCES' }), false],
  ['one without a code', new Error('ENOENT'), false],
  ['a text', 'ENOENT', false],
  ['nothing', null, false],
])('%s has its code', (_, error, has) => {
  expect(hasErrorCode(error, 'EPERM', 'ENOENT')).toBe(has);
});

it.each([
  ['an error', new RangeError('no'), true, true],
  ['one of another context', runInNewContext("new RangeError('no')"), true, true],
  ['one of another class', new TypeError('no'), true, false],
  ['an object with a message only', { message: 'no' }, false, false],
  ['a text', 'RangeError', false, false],
  ['nothing', null, false, false],
])('%s is an error: %#', (_, value, is, isRange) => {
  expect(isError(value)).toBe(is);
  expect(isError(value, 'SyntaxError', 'RangeError')).toBe(isRange);
});
