import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { OssError } from '../../../src/base/errors.ts';
import { createLog } from '../../../src/base/log.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { PendingWrites, RETRY_DELAY_MS } from '../../../src/storage/metadata/pending-writes.ts';
import { DatabaseFault } from '../../../src/storage/postgres/database-fault.ts';

/** A write that fails while the store is full. */
function setUp() {
  const clock = new ManualClock(0);
  const logged: string[] = [];
  const log = createLog(
    'debug',
    (line) => logged.push(line),
    () => 0,
  );
  const store = { isFull: true, attempts: 0, written: 0 };
  const write = async () => {
    store.attempts += 1;
    if (store.isFull) throw new Error('ENOSPC');
    store.written += 1;
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await turnOfTheLoop();
  };
  return { writes: new PendingWrites(clock, log), clock, store, write, pass, logged };
}

describe('a write that must not be lost', () => {
  it('is made at once', async () => {
    const { writes, store, write, pass } = setUp();
    store.isFull = false;
    await writes.make('it', write);
    await pass(RETRY_DELAY_MS);
    expect(store).toMatchObject({ attempts: 1, written: 1 });
  });

  it('is repeated until it succeeds, once; whoever asked for it does not wait', async () => {
    const { writes, store, write, pass, logged } = setUp();
    await writes.make('it', write);
    await pass(RETRY_DELAY_MS - 1);
    expect(store.attempts).toBe(1);
    await pass(1);
    await pass(RETRY_DELAY_MS);
    expect(store.attempts).toBe(3);
    store.isFull = false;
    await pass(RETRY_DELAY_MS);
    await pass(RETRY_DELAY_MS);
    expect(store).toMatchObject({ attempts: 4, written: 1 });
    expect(logged.filter((line) => line.includes('write.failed'))).toHaveLength(1);
    expect(logged.filter((line) => line.includes('write.repeated'))).toHaveLength(1);
  });

  const full = () => new Error('ENOSPC');
  const failing = (outage: DatabaseFault['outage']) =>
    Object.assign(new DatabaseFault('PostgreSQL cannot be reached', ''), { outage });
  const away = () => failing(true);
  const foundAway = () => failing(Promise.resolve(true));
  const foundThere = () => failing(Promise.resolve(false));
  it.each([
    { what: 'a full disk', errors: [full, full], told: ['error write.failed', 'info write.repeated'] },
    { what: 'an outage', errors: [away, away], told: ['debug write.failed', 'debug write.repeated'] },
    {
      what: 'an outage, then a full disk',
      errors: [away, away, full, full],
      told: ['debug write.failed', 'error write.failed', 'info write.repeated'],
    },
    {
      what: 'what is found to be an outage',
      errors: [foundAway, foundAway],
      told: ['debug write.failed', 'debug write.repeated'],
    },
    {
      what: 'what is found to be none',
      errors: [foundThere, foundAway],
      told: ['error write.failed', 'info write.repeated'],
    },
    {
      what: 'what is found to be an outage, then none',
      errors: [foundAway, foundThere, foundThere],
      told: ['debug write.failed', 'error write.failed', 'info write.repeated'],
    },
    {
      what: 'a full disk, then an outage',
      errors: [full, away, away],
      told: ['error write.failed', 'info write.repeated'],
    },
  ])('is told as stored where it was told as failed: $what', async ({ errors, told }) => {
    const { writes, pass, logged } = setUp();
    const left = [...errors];
    await writes.make('it', async () => {
      const error = left.shift();
      if (error) throw error();
    });
    for (const _ of errors) await pass(RETRY_DELAY_MS);
    expect(logged.map((line) => line.split(/\s+/).slice(1, 3).join(' '))).toEqual(told);
  });

  it('is left as much time as its last attempt took, while which nothing else could be done', async () => {
    const { writes, clock, store, pass } = setUp();
    await writes.make('it', async () => {
      store.attempts += 1;
      if (store.attempts === 2) clock.advance(5_000);
      throw new Error('SQLITE_BUSY');
    });
    await pass(RETRY_DELAY_MS);
    expect(store.attempts).toBe(2);
    await pass(5_000 + RETRY_DELAY_MS - 1);
    expect(store.attempts).toBe(2);
    await pass(1);
    expect(store.attempts).toBe(3);
  });

  it('is tried once more at a stop, which does not hang', async () => {
    const { writes, store, write, logged } = setUp();
    await writes.make('it', write);
    await writes.stop();
    expect(store.attempts).toBe(2);
    expect(logged.at(-1)).toContain('write.given-up');

    const other = setUp();
    await other.writes.make('it', other.write);
    other.store.isFull = false;
    await other.writes.stop();
    expect(other.store.written).toBe(1);
  });

  it('is not made any more when what it is about is deleted; later ones are', async () => {
    const { writes, store, write, pass } = setUp();
    await writes.make('it', write);
    await writes.drop();
    store.isFull = false;
    await pass(RETRY_DELAY_MS);
    expect(store.attempts).toBe(1);
    store.isFull = true;
    await writes.make('it', write);
    store.isFull = false;
    await pass(RETRY_DELAY_MS);
    expect(store.written).toBe(1);
  });

  it('is not repeated when it was refused', async () => {
    const { writes, store, pass, logged } = setUp();
    await writes.make('it', async () => {
      store.attempts += 1;
      throw new OssError('NoSuchBucket', 'gone');
    });
    await pass(RETRY_DELAY_MS);
    expect(store.attempts).toBe(1);
    expect(logged.at(-1)).toContain('write.refused');
  });
});
