import { expect, it } from 'vitest';
import { BlockPool } from '../../../../src/storage/objects/filesystem/block-pool.ts';

it('hands a block on to the next writer', () => {
  const pool = new BlockPool();
  const block = pool.take();
  expect(pool.take()).not.toBe(block);
  pool.giveBack(block);
  expect(pool.take()).toBe(block);
});

it('keeps a limited number of unused blocks', () => {
  const pool = new BlockPool();
  const blocks = Array.from({ length: 1_000 }, () => pool.take());
  for (const block of blocks) pool.giveBack(block);
  const taken = Array.from({ length: 1_000 }, () => pool.take());
  expect(taken.filter((block) => blocks.includes(block)).length).toBe(64);
});
