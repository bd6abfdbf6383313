import { createHash } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { Nonces } from '../../src/rpc/nonces.ts';
import { SharedNonces } from '../../src/rpc/shared-nonces.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';

const MINUTE_MS = 60_000;

it('a nonce is good once per key and half an hour', () => {
  const clock = new ManualClock(0);
  const nonces = new Nonces(clock);
  expect([nonces.use('a', 'n'), nonces.use('a', 'n'), nonces.use('b', 'n')]).toEqual([true, false, true]);
  clock.advance(30 * MINUTE_MS);
  // The use of another nonce removes those that are too old.
  expect([nonces.use('a', 'other'), nonces.use('a', 'n')]).toEqual([true, false]);
  clock.advance(1);
  expect(nonces.use('a', 'n')).toBe(true);
});

it('long nonces differ in their tails too', () => {
  const nonces = new Nonces(new ManualClock(0));
  const long = 'n'.repeat(100_000);
  expect([nonces.use('a', `${long}1`), nonces.use('a', `${long}2`), nonces.use('a', `${long}1`)]).toEqual([
    true,
    true,
    false,
  ]);
});

it('nonces of more than 64 characters are remembered by their digest, which has a bound', () => {
  const nonces = new Nonces(new ManualClock(0));
  const digest = (nonce: string) => createHash('sha256').update(nonce).digest('base64');
  const isDigested = (nonce: string) => nonces.use('a', nonce) && !nonces.use('a', digest(nonce));
  expect([isDigested('n'.repeat(64)), isDigested('n'.repeat(65))]).toEqual([false, true]);
});

it('the memory is bounded, and forgets the oldest first', () => {
  const clock = new ManualClock(0);
  const nonces = new Nonces(clock);
  for (let index = 0; index < 180_001; index++) nonces.use('a', String(index));
  expect(nonces.size).toBe(180_000);
  expect(nonces.use('a', '1')).toBe(false);
  expect(nonces.use('a', '0')).toBe(true);
  clock.advance(31 * MINUTE_MS);
  nonces.use('a', 'new');
  expect(nonces.size).toBe(1);
});

it('one that a node has accepted is accepted by no other node for half an hour', async () => {
  const clock = new ManualClock(0);
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const nodes = [new SharedNonces(metadata, clock), new SharedNonces(metadata, clock)] as const;
  const race = await Promise.all(nodes.map((node) => node.use('a', 'n')));
  expect(race.toSorted()).toEqual([false, true]);
  expect(await nodes[1].use('b', 'n')).toBe(true);
  clock.advance(30 * MINUTE_MS);
  await nodes[0].forget();
  expect(await nodes[1].use('a', 'n')).toBe(false);
  clock.advance(1);
  expect(await nodes[0].use('a', 'n')).toBe(true);
  expect(await nodes[1].use('a', 'n')).toBe(false);
  clock.advance(31 * MINUTE_MS);
  await nodes[0].forget();
  expect(await metadata.listDocuments('nonce')).toEqual([]);
});
