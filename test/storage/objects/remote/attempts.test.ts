import { expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { StoreUnavailable } from '../../../../src/storage/objects/object-store.ts';
import { Attempts } from '../../../../src/storage/objects/remote/attempts.ts';

const refused = () => Promise.reject(new Error('connect ECONNREFUSED'));

const hanging = () => new Promise<never>(() => {});

async function rejectedOn(
  clock: ManualClock,
  attempts: Attempts,
  limitMs: number,
  act: () => Promise<never> = refused,
): Promise<unknown> {
  let reason: unknown;
  const over = attempts.run({ what: 'PUT', limitMs, act }).catch((error: unknown) => {
    reason = error;
  });
  while (reason === undefined) {
    await new Promise(setImmediate);
    clock.advance(100);
  }
  await over;
  return reason;
}

it('requests that take longer than an attempt are told once in half a minute, and others not', async () => {
  const clock = new ManualClock(0);
  const told: string[] = [];
  const attempts = new Attempts(clock, 's3://store/bucket/', ({ message }) => told.push(message));
  const reason = new StoreUnavailable('s3://store/bucket/: PUT: connect ECONNREFUSED');
  expect(await attempts.run({ what: 'PUT', limitMs: 3_000, act: async () => 'done' })).toBe('done');
  clock.advance(10_000);
  expect(told).toEqual([]);
  await Promise.all([rejectedOn(clock, attempts, 20_000), rejectedOn(clock, attempts, 20_000)]);
  expect(told).toEqual([reason.message]);
  await rejectedOn(clock, attempts, 60_000);
  expect(told).toHaveLength(1);
  await rejectedOn(clock, attempts, 20_000);
  expect(told).toEqual([reason.message, reason.message]);
});

it('of a store that hangs the time is told that an attempt may take, and of what fails the time of all', async () => {
  const clock = new ManualClock(0);
  const told: string[] = [];
  const attempts = new Attempts(clock, 's3://store/bucket/', ({ message }) => told.push(message));
  const reason = await rejectedOn(clock, attempts, 10_000, hanging);
  expect(told).toEqual(['s3://store/bucket/: PUT: no answer within 3 s']);
  expect(reason).toEqual(new StoreUnavailable('s3://store/bucket/: PUT: no answer within 10 s'));
});
