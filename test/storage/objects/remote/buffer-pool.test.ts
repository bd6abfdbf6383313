import { expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { BufferPool } from '../../../../src/storage/objects/remote/buffer-pool.ts';

const HALF_A_MINUTE_MS = 30_000;
const KIB = 1024;

function makePool() {
  const clock = new ManualClock(0);
  return { clock, pool: new BufferPool(clock) };
}

it('has buffers whose length is a power of two', () => {
  const { pool } = makePool();
  const lengths = [1, 64 * KIB, 64 * KIB + 1, 5_000_000].map((sizeBytes) => pool.take(sizeBytes).length);
  expect(lengths).toEqual([64 * KIB, 64 * KIB, 128 * KIB, 8192 * KIB]);
});

it('hands a buffer on to the next that needs one of its length', () => {
  const { pool } = makePool();
  const buffer = pool.take(100 * KIB);
  expect(pool.take(100 * KIB)).not.toBe(buffer);
  pool.giveBack(buffer);
  expect(pool.take(200 * KIB)).not.toBe(buffer);
  expect(pool.take(80 * KIB)).toBe(buffer);
});

it('gives up what nobody needed for half a minute', async () => {
  const { clock, pool } = makePool();
  const buffers = [pool.take(1), pool.take(1), pool.take(1)];
  for (const buffer of buffers) pool.giveBack(buffer);
  await clock.advance(HALF_A_MINUTE_MS);
  pool.giveBack(pool.take(1));
  await clock.advance(HALF_A_MINUTE_MS);
  const taken = [pool.take(1), pool.take(1)];
  expect(taken.filter((buffer) => buffers.includes(buffer)).length).toBe(1);
});

it('keeps nothing after its end', () => {
  const { pool } = makePool();
  const [first, second] = [pool.take(1), pool.take(1)];
  pool.giveBack(first);
  pool.close();
  pool.giveBack(second);
  const taken = [pool.take(1), pool.take(1)];
  expect(taken.some((buffer) => buffer === first || buffer === second)).toBe(false);
});
