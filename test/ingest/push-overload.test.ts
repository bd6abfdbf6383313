import { expect, it } from 'vitest';
import { PushOverload } from '../../src/ingest/push-overload.ts';

const MAX_WAIT_MS = 1_000;

interface Case {
  readonly what: string;
  readonly waitsMs: readonly number[];
  readonly pushes?: number;
  readonly maxWaitMs?: number;
}

const LONG = MAX_WAIT_MS + 1;

function refusalAfter({ waitsMs, pushes = 10, maxWaitMs = MAX_WAIT_MS }: Case) {
  const overload = new PushOverload({ maxWaitMs, countPushes: () => pushes });
  for (const waitMs of waitsMs) overload.measured(waitMs);
  return overload.refusal;
}

it.each<Case>([
  { what: 'before anything is measured', waitsMs: [] },
  { what: 'while everything waits for as long as it may', waitsMs: Array.from({ length: 100 }, () => MAX_WAIT_MS) },
  { what: 'after one stall, however long', waitsMs: [3_600_000] },
  { what: 'after some stalls', waitsMs: [LONG, LONG] },
  { what: 'when one wait among them is short', waitsMs: [LONG, LONG, 10, LONG, LONG] },
  { what: 'as soon as a wait is short again', waitsMs: [LONG, LONG, LONG, LONG, MAX_WAIT_MS] },
  { what: 'where so few go on that something else keeps the machine busy', waitsMs: [LONG, LONG, LONG], pushes: 9 },
  { what: 'by a person who takes them', waitsMs: [LONG, LONG, LONG, 60_000], maxWaitMs: 0 },
])('a push may begin $what', (given) => {
  expect(refusalAfter(given)).toBeUndefined();
});

it('no push may begin after three long waits in a row, and it is said why', () => {
  const refusal = refusalAfter({ what: '', waitsMs: [10, LONG, 70_000, 2_300], pushes: 140 });
  expect(refusal?.description).toMatch(/^Overloaded: no new pushes are taken/);
  expect(refusal?.reason).toBe(
    'overloaded, pushes that go on: 140; ten turns of the event loop took 2300 ms, and more than 1000 ms (--max-push-wait) 3 times in a row',
  );
});
