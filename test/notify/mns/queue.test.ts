import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { MnsError } from '../../../src/notify/mns/mns-error.ts';
import { Queue } from '../../../src/notify/mns/queue.ts';
import { QUEUE } from './queue-attributes.ts';

const ONE = { count: 1, peek: false, waitSec: 0 };
const forever = new AbortController().signal;

function createQueue(): { queue: Queue; clock: ManualClock } {
  const clock = new ManualClock(1_000_000);
  return { queue: new Queue(QUEUE, clock), clock };
}

async function bodies(queue: Queue, options = ONE): Promise<readonly string[]> {
  return (await queue.receive(options, forever)).map(({ body }) => body);
}

function codeOf(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof MnsError ? error.code : String(error);
  }
}

describe('Queue', () => {
  it('hands out by priority, then by arrival', async () => {
    const { queue } = createQueue();
    for (const [body, priority] of [
      ['a', 8],
      ['b', 16],
      ['c', 1],
      ['d', 8],
    ] as const)
      queue.send({ body, priority });
    expect(await bodies(queue, { ...ONE, count: 16 })).toEqual(['c', 'a', 'd', 'b']);
  });

  it('hides what was received, and shows it again when it was not deleted in time', async () => {
    const { queue, clock } = createQueue();
    const sent = queue.send({ body: 'a' });
    const [first] = await queue.receive(ONE, forever);
    expect(first).toMatchObject({ id: sent.id, dequeueCount: 1, firstDequeuedMs: 1_000_000, nextVisibleMs: 1_030_000 });
    expect(await bodies(queue)).toEqual([]);
    clock.advance(30_000);
    const [second] = await queue.receive(ONE, forever);
    expect(second).toMatchObject({ id: sent.id, dequeueCount: 2, firstDequeuedMs: 1_000_000 });
    expect(second?.receiptHandle).not.toBe(first?.receiptHandle);
  });

  it('deletes by the latest receipt only, and only while the message is hidden', async () => {
    const { queue, clock } = createQueue();
    queue.send({ body: 'a' });
    const [first] = await queue.receive(ONE, forever);
    const handle = first?.receiptHandle ?? '';
    clock.advance(30_000);
    expect(codeOf(() => queue.delete(handle))).toBe('ReceiptHandleError');
    const [second] = await queue.receive(ONE, forever);
    expect(codeOf(() => queue.delete(handle))).toBe('MessageNotExist');
    queue.delete(second?.receiptHandle ?? '');
    clock.advance(30_000);
    expect(await bodies(queue)).toEqual([]);
  });

  it('shows messages to who peeks, without hiding them', async () => {
    const { queue } = createQueue();
    queue.send({ body: 'a' });
    expect(await bodies(queue, { ...ONE, peek: true })).toEqual(['a']);
    expect(await bodies(queue)).toEqual(['a']);
  });

  it('holds a delayed message back', async () => {
    const { queue, clock } = createQueue();
    queue.send({ body: 'a', delaySec: 10 });
    expect(await bodies(queue)).toEqual([]);
    clock.advance(10_000);
    expect(await bodies(queue)).toEqual(['a']);
  });

  it('forgets a message after the retention period', async () => {
    const { queue, clock } = createQueue();
    queue.send({ body: 'a' });
    clock.advance(3_600_000);
    expect(await bodies(queue)).toEqual([]);
  });

  it('lets a receiver wait for a message that is sent, or becomes visible', async () => {
    const { queue, clock } = createQueue();
    const waiting = bodies(queue, { ...ONE, waitSec: 30 });
    queue.send({ body: 'a' });
    expect(await waiting).toEqual(['a']);
    const again = bodies(queue, { ...ONE, waitSec: 30 });
    clock.advance(30_000);
    expect(await again).toEqual(['a']);
  });

  it('lets a receiver go when the time is up, or when it left', async () => {
    const { queue, clock } = createQueue();
    const waiting = bodies(queue, { ...ONE, waitSec: 5 });
    clock.advance(5_000);
    expect(await waiting).toEqual([]);
    const left = new AbortController();
    const abandoned = queue.receive({ ...ONE, waitSec: 5 }, left.signal);
    left.abort();
    expect(await abandoned).toEqual([]);
  });

  it('gives a message to one of two receivers that wait', async () => {
    const { queue, clock } = createQueue();
    const both = [bodies(queue, { ...ONE, waitSec: 5 }), bodies(queue, { ...ONE, waitSec: 5 })];
    queue.send({ body: 'a' });
    expect(await Promise.race(both)).toEqual(['a']);
    clock.advance(5_000);
    expect((await Promise.all(both)).flat()).toEqual(['a']);
  });
});

it('holds a bounded number of bytes: the first messages go', async () => {
  const { queue } = createQueue();
  const body = 'x'.repeat(64 * 1024);
  for (let count = 0; count < 300; count++) queue.send({ body: `${count} ${body}` });
  const kept = await queue.receive({ count: 10_000, peek: true, waitSec: 0 }, forever);
  expect(kept.length).toBeGreaterThan(100);
  expect(kept.reduce((sum, message) => sum + 2 * message.body.length, 0)).toBeLessThanOrEqual(16 * 1024 * 1024);
  expect(kept.at(-1)?.body.slice(0, 3)).toBe('299');
});
