import { expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { SharedQueue } from '../../../src/notify/mns/shared-queue.ts';
import type { MessageQueues } from '../../../src/storage/message-queues/message-queues.ts';
import { QUEUE } from './queue-attributes.ts';

function queueOf(messages: Partial<MessageQueues>): SharedQueue {
  const none: MessageQueues = {
    take: async () => [],
    async add() {},
    remove: async () => 'removed',
    async clear() {},
    async close() {},
  };
  return new SharedQueue('q', QUEUE, systemClock, { ...none, ...messages });
}

it('takes no message for a receiver who has left while it waited', async () => {
  const gone = new AbortController();
  let looks = 0;
  const queue = queueOf({
    async take() {
      looks += 1;
      setImmediate(() => gone.abort());
      return [];
    },
  });
  expect(await queue.receive({ count: 1, peek: false, waitSec: 30 }, gone.signal)).toEqual([]);
  expect(looks).toBe(1);
});

it.each(['', '\0', '\ud800', 'a', '-1', '0a-1x'])('has no message with the receipt handle %j', async (handle) => {
  await expect(queueOf({}).delete(handle)).rejects.toMatchObject({ code: 'MessageNotExist' });
});

it('deletes the message of a receipt handle', async () => {
  await queueOf({}).delete('0a-1');
});
