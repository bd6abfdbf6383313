import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { Repeated } from '../../../src/console/buckets/repeated.ts';
import { RestRefused } from '../../../src/console/buckets/rest-refused.ts';
import { CallFailed } from '../../../src/console/call-failed.ts';
import { LIMITS, NoAnswerInTime } from '../../../src/console/contact.ts';

const LATE = new NoAnswerInTime(LIMITS.request);
const REFUSED = new RestRefused('NoSuchKey', 'There is none.');

/** Asks, and gets these outcomes one after the other. */
function setUp(...outcomes: readonly (string | Error)[]) {
  const clock = new ManualClock(0);
  const late: Error[] = [];
  let asked = 0;
  const ask = async () => {
    const outcome = outcomes[asked++];
    if (typeof outcome === 'string') return outcome;
    throw outcome ?? new Error('it was asked too often');
  };
  const repeated = new Repeated(ask, clock, (error) => late.push(error));
  const pass = async (ms: number) => {
    clock.advance(ms);
    await turnOfTheLoop();
  };
  return { repeated, late, pass, asked: () => asked };
}

it.each([
  { what: 'an answer that comes too late is asked for again, for no event comes', first: LATE, asked: 2, value: 'new' },
  {
    what: 'one that breaks off is not: a new connection asks',
    first: new CallFailed('broken'),
    asked: 1,
    value: 'old',
  },
  { what: 'a refusal is an answer', first: REFUSED, asked: 1, value: undefined },
])('$what', async ({ first, asked, value }) => {
  const course = setUp('old', first, 'new');
  const { repeated, pass } = course;
  repeated.refresh();
  await pass(0);
  await pass(1_000);
  expect(repeated.state.value).toEqual({ value: 'old', refusal: undefined });
  repeated.refresh();
  await pass(0);
  // What is shown stays until there is another answer.
  if (first !== REFUSED) expect(repeated.state.value.value).toBe('old');
  expect(course.late).toEqual(first === LATE ? [LATE] : []);
  await pass(999);
  expect(course.asked()).toBe(2);
  await pass(1);
  expect(course.asked()).toBe(1 + asked);
  expect(repeated.state.value.value).toBe(value);
});

it('one that has ended asks no more', async () => {
  const { repeated, pass, asked } = setUp(LATE);
  repeated.refresh();
  await pass(0);
  repeated.end();
  await pass(10_000);
  expect(asked()).toBe(1);
});
