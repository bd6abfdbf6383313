import { expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { SharedQueue } from '../../../src/notify/mns/shared-queue.ts';
import type { MessageQueues } from '../../../src/storage/message-queues/message-queues.ts';

const ATTRIBUTES = {
  maximumMessageSizeBytes: 65_536,
  loggingEnabled: false,
  delaySec: 0,
  retentionSec: 3_600,
  visibilityTimeoutSec: 30,
  pollingWaitSec: 0,
};

it('takes no message for a receiver who has left while it waited', async () => {
  const gone = new AbortController();
  let looks = 0;
  const messages: MessageQueues = {
    async take() {
      looks += 1;
      setImmediate(() => gone.abort());
      return [];
    },
    async add() {},
    remove: async () => 'missing',
    async clear() {},
    async close() {},
  };
  const queue = new SharedQueue('q', ATTRIBUTES, systemClock, messages);
  expect(await queue.receive({ count: 1, peek: false, waitSec: 30 }, gone.signal)).toEqual([]);
  expect(looks).toBe(1);
});
