import { expect, it } from 'vitest';
import { causeText, errorText } from '../../src/base/error-text.ts';

it.each<[unknown, string]>([
  [new Error('no'), 'no'],
  ['thrown as text', 'thrown as text'],
  [new AggregateError([new Error('connect ::1'), new Error('connect 127.0.0.1')]), 'connect ::1; connect 127.0.0.1'],
  [new AggregateError([new Error('inner')], 'outer'), 'outer'],
])('the text of %s', (thrown, text) => {
  expect(errorText(thrown)).toBe(text);
});

it('the text of a cause at several addresses', () => {
  const cause = new AggregateError([new Error('connect ::1'), new Error('connect 127.0.0.1')]);
  expect(causeText(new Error('fetch failed', { cause }))).toBe('connect ::1; connect 127.0.0.1');
});
