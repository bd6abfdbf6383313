import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { RefusalTally } from '../../src/base/refusal-tally.ts';
import { keptLog } from '../support/kept-log.ts';

it('many refusals make one line at once, and then one for each interval that had any', () => {
  const clock = new ManualClock(0);
  const { log, lines } = keptLog('warn');
  const tally = new RefusalTally<'few' | 'many'>({
    clock,
    log,
    event: 'requests.refused',
    fields: { option: '--max' },
  });
  tally.add('few');
  for (let count = 0; count < 1_000; count++) tally.add('many');
  tally.add('few');
  expect(lines).toEqual(['warn  requests.refused few=1 option=--max']);
  clock.advance(10_000);
  clock.advance(60_000);
  expect(lines.slice(1)).toEqual(['warn  requests.refused many=1000 few=1 option=--max']);
  tally.add('few');
  expect(lines.slice(2)).toEqual(['warn  requests.refused few=1 option=--max']);
  expect(tally.totals).toEqual(
    new Map([
      ['few', 3],
      ['many', 1_000],
    ]),
  );
});
