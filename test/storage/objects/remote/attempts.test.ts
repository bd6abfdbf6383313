import { expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { StoreUnavailable } from '../../../../src/storage/objects/object-store.ts';
import { Attempts } from '../../../../src/storage/objects/remote/attempts.ts';

const refused = () => Promise.reject(new Error('connect ECONNREFUSED'));

async function rejectedOn(clock: ManualClock, attempts: Attempts, limitMs: number): Promise<unknown> {
  let reason: unknown;
  const over = attempts.run({ what: 'PUT', limitMs, act: refused }).catch((error: unknown) => {
    reason = error;
  });
  while (reason === undefined) {
    await new Promise(setImmediate);
    clock.advance(100);
  }
  await over;
  return reason;
}

it('requests that have been repeated for seconds are told once in half a minute, and others not', async () => {
  const clock = new ManualClock(0);
  const told: string[] = [];
  const attempts = new Attempts(clock, 's3://store/bucket/', ({ message }) => told.push(message));
  const reason = new StoreUnavailable('s3://store/bucket/: PUT: connect ECONNREFUSED');
  expect(await rejectedOn(clock, attempts, 3_000)).toEqual(reason);
  expect(told).toEqual([]);
  await Promise.all([rejectedOn(clock, attempts, 20_000), rejectedOn(clock, attempts, 20_000)]);
  expect(told).toEqual([reason.message]);
  await rejectedOn(clock, attempts, 60_000);
  expect(told.length).toBeGreaterThanOrEqual(2);
  expect(told.length).toBeLessThanOrEqual(3);
});
