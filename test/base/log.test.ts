import { expect, it } from 'vitest';
import { createLog } from '../../src/base/log.ts';

it.each([
  ['a line feed', 'a\nb', '"a\\nb"'],
  ['an escape sequence', 'a\u001b[31m', '"a\\u001b[31m"'],
  ['an escape sequence of one character', 'a\u009b31m', '"a\\u009b31m"'],
  ['DEL', 'a\u007f', '"a\\u007f"'],
  ['a blank', 'a b', '"a b"'],
  ['nothing of that', 'aß-视', 'aß-视'],
])('a value with %s is one word of a line, and nothing that a terminal obeys', (_what, key, shown) => {
  const lines: string[] = [];
  const log = createLog(
    'info',
    (line) => lines.push(line),
    () => 0,
  );
  log.info('request', { key });
  expect(lines).toEqual([`1970-01-01T00:00:00.000Z info  request key=${shown}`]);
});
