import { expect, it } from 'vitest';
import { causeText, errorText, errorTextAt } from '../../src/base/error-text.ts';

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

it.each([
  [
    's3://b/p/ at http://[::1]:9001',
    's3://b/p/ at http://[::1]:9001: PUT: connect ECONNREFUSED ::1:9001',
    'PUT: connect ECONNREFUSED',
  ],
  ['postgres://emu@db:5432/x', 'gone (connect ECONNREFUSED db:5432)', 'gone (connect ECONNREFUSED)'],
  // Where a name leads to is news.
  [
    'postgres://emu@db:5432/x',
    'gone (connect ECONNREFUSED 10.0.0.1:5432)',
    'gone (connect ECONNREFUSED 10.0.0.1:5432)',
  ],
  ['127.0.0.1:54321', 'connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ['in memory', 'no disk', 'no disk'],
])('of what is at %s the text "%s" says "%s"', (where, text, said) => {
  expect(errorTextAt(where, new Error(text))).toBe(said);
});
