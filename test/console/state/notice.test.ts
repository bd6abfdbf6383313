import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { CallFailed } from '../../../src/console/call-failed.ts';
import { AnsweredByOther, LIMITS, NoAnswerInTime, Unreachable } from '../../../src/console/contact.ts';
import { Notice } from '../../../src/console/state/notice.ts';

function setUp() {
  const clock = new ManualClock(0);
  return { clock, notice: new Notice(clock) };
}

const UNKNOWN = new NoAnswerInTime(LIMITS.change);
const HOUR_MS = 3_600_000;

it.each([
  { what: 'a refusal', error: new CallFailed('It is refused.'), isKept: false },
  { what: 'a question without an answer', error: new NoAnswerInTime(LIMITS.question), isKept: false },
  { what: 'a request without an answer', error: new NoAnswerInTime(LIMITS.request), isKept: false },
  { what: 'a change without an answer', error: UNKNOWN, isKept: true },
  { what: 'work without an answer', error: new NoAnswerInTime(LIMITS.work), isKept: true },
])('$what is told, and kept until it is dismissed: $isKept', async ({ error, isKept }) => {
  const { clock, notice } = setUp();
  await notice.attempt(() => Promise.reject(error));
  expect(notice.texts.value).toEqual([error.message]);
  clock.advance(HOUR_MS);
  expect(notice.texts.value).toEqual(isKept ? [error.message] : []);
  notice.dismiss(error.message);
  expect(notice.texts.value).toEqual([]);
});

it('what comes later takes nothing away of what is kept', () => {
  const { clock, notice } = setUp();
  notice.tell(UNKNOWN);
  notice.tell(UNKNOWN, 'Seeding');
  notice.show('Something else.');
  notice.show('Something else again.');
  const kept = [UNKNOWN.message, `Seeding: ${UNKNOWN.message}`];
  expect(notice.texts.value).toEqual([...kept, 'Something else again.']);
  clock.advance(HOUR_MS);
  expect(notice.texts.value).toEqual(kept);
});

it('the same is told once', () => {
  const { notice } = setUp();
  notice.tell(UNKNOWN);
  notice.tell(UNKNOWN);
  expect(notice.texts.value).toEqual([UNKNOWN.message]);
});

it('what is shown anew is shown for its own time', () => {
  const { clock, notice } = setUp();
  notice.show('It was deleted.', 8_000);
  clock.advance(7_999);
  notice.show('It was deleted.', 8_000);
  clock.advance(7_999);
  expect(notice.texts.value).toEqual(['It was deleted.']);
  clock.advance(1);
  expect(notice.texts.value).toEqual([]);
});

it('what was dismissed and comes again is not taken away by its first time', () => {
  const { clock, notice } = setUp();
  notice.show('One.', 8_000);
  notice.dismiss('One.');
  clock.advance(4_000);
  notice.show('Two.', 8_000);
  clock.advance(7_999);
  expect(notice.texts.value).toEqual(['Two.']);
});

it('what was begun and has failed by the silence is told to the end of its time', () => {
  const { clock, notice } = setUp();
  notice.tell(new Unreachable(LIMITS.work), 'Resetting');
  notice.endSilence();
  expect(notice.texts.value).toEqual(['Resetting: The emulator does not answer.']);
  clock.advance(HOUR_MS);
  expect(notice.texts.value).toEqual([]);
});

it.each([
  { what: 'a question without an answer', error: new NoAnswerInTime(LIMITS.question), isOver: true },
  { what: 'nobody there', error: new Unreachable(LIMITS.question), isOver: true },
  { what: 'the answer of a proxy', error: new AnsweredByOther(LIMITS.question, 502), isOver: true },
  { what: 'the answer of a proxy to a change', error: new AnsweredByOther(LIMITS.change, 502), isOver: false },
  { what: 'nobody there for a change', error: new Unreachable(LIMITS.change), isOver: false },
  { what: 'a refusal', error: new CallFailed('It is refused.'), isOver: false },
  { what: 'a change without an answer', error: UNKNOWN, isOver: false },
])('$what is over when the emulator answers again: $isOver', ({ error, isOver }) => {
  const { notice } = setUp();
  notice.tell(error);
  notice.endSilence();
  expect(notice.texts.value).toEqual(isOver ? [] : [error.message]);
  notice.tell(new Unreachable(LIMITS.question));
  notice.show('It was deleted.');
  notice.endSilence();
  expect(notice.texts.value).toContain('It was deleted.');
});

it('a change that may not have come through is told to the end of its time, also when a question then fails likewise', () => {
  const { notice } = setUp();
  notice.tell(new Unreachable(LIMITS.change));
  notice.tell(new Unreachable(LIMITS.question));
  notice.endSilence();
  expect(notice.texts.value).toEqual(['The emulator does not answer.']);
});
