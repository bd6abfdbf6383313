import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import type { MessageQueues, NewQueued } from '../../../src/storage/message-queues/message-queues.ts';
import { postgresMessageQueues } from '../../../src/storage/message-queues/postgres-message-queues.ts';
import { openPostgresStore } from '../../../src/storage/metadata/postgres.ts';
import { connectPostgres } from '../../../src/storage/postgres/connect.ts';
import { POSTGRES, testPostgres } from '../../support/postgres.ts';
import { describeWith } from '../../support/tools.ts';

const RETENTION_MS = 1_000;
const BOUNDS = { retentionMs: RETENTION_MS, maxMessages: 5, maxBytes: 100 };

describeWith([POSTGRES], 'queues in PostgreSQL', () => {
  let queues: MessageQueues;

  beforeAll(async () => {
    const url = await (await testPostgres()).createDatabase();
    await (await openPostgresStore({ url, log: silentLog })).close();
    queues = postgresMessageQueues(await connectPostgres({ url, log: silentLog }));
  }, 60_000);
  afterAll(() => queues?.close());

  const add = (queue: string, id: string, more: Partial<NewQueued> = {}, bounds = BOUNDS) =>
    queues.add(queue, { id, body: id, priority: 8, enqueuedMs: 0, nextVisibleMs: 0, ...more }, bounds);
  const idsOf = async (queue: string, nowMs = 0) =>
    (await queues.take(queue, 16, nowMs, RETENTION_MS, undefined)).map(({ id }) => id);

  it('the first ones go where there are too many messages, or too many bytes', async () => {
    await add('other', 'x');
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await add('many', id);
    expect(await idsOf('many')).toEqual(['b', 'c', 'd', 'e', 'f']);
    await add('many', 'urgent', { priority: 1 });
    expect(await idsOf('many')).toEqual(['urgent', 'c', 'd', 'e', 'f']);
    await add('many', 'g');
    expect(await idsOf('many')).toEqual(['c', 'd', 'e', 'f', 'g']);
    await add('many', 'long', { body: 'é'.repeat(49) });
    expect(await idsOf('many')).toEqual(['f', 'g', 'long']);
    expect(await idsOf('other')).toEqual(['x']);
  });

  it('those that are too old go, and are not received', async () => {
    await add('old', 'a');
    await add('old', 'b', { enqueuedMs: 1 });
    expect(await idsOf('old', RETENTION_MS)).toEqual(['b']);
    await add('old', 'c', { enqueuedMs: RETENTION_MS });
    expect(await idsOf('old')).toEqual(['b', 'c']);
  });

  it('of those who add at once to a queue that is full none fails, and each message is received once', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `${index}`);
    await Promise.all(ids.map((id) => add('full', id)));
    await add('full', 'last');
    expect(await idsOf('full')).toHaveLength(5);
    const roomy = { ...BOUNDS, maxMessages: 100, maxBytes: 1_000 };
    await Promise.all(ids.map((id) => add('once', id, {}, roomy)));
    const hide = (receipt: string) => ({ untilMs: 10, receipt });
    const taken = await Promise.all(ids.map((id) => queues.take('once', 1, 0, RETENTION_MS, hide(id))));
    expect(new Set(taken.flat().map(({ id }) => id)).size).toBe(taken.flat().length);
  });

  it('a receipt is good until the message is visible again, and then until the next one', async () => {
    await add('receipts', 'a');
    const take = async (nowMs: number, receipt: string) => {
      const [message] = await queues.take('receipts', 1, nowMs, RETENTION_MS, { untilMs: nowMs + 10, receipt });
      return message;
    };
    const first = await take(1, 'first');
    expect(first).toMatchObject({ id: 'a', firstDequeuedMs: 1, dequeueCount: 1, nextVisibleMs: 11 });
    expect(await take(10, 'none')).toBeUndefined();
    expect(await queues.remove('receipts', first?.receiptHandle ?? '', 11)).toBe('visible');
    const second = await take(11, 'second');
    expect(second).toMatchObject({ id: 'a', firstDequeuedMs: 1, dequeueCount: 2 });
    expect(await queues.remove('receipts', first?.receiptHandle ?? '', 12)).toBe('missing');
    expect(await queues.remove('another', second?.receiptHandle ?? '', 12)).toBe('missing');
    expect(await queues.remove('receipts', second?.receiptHandle ?? '', 12)).toBe('removed');
    expect(await idsOf('receipts', 100)).toEqual([]);
  });
});
