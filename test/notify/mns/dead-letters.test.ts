import { expect, it } from 'vitest';
import { DeadLetters } from '../../../src/notify/mns/dead-letters.ts';

const SUBSCRIPTION = {
  topic: 'topic',
  name: 'subscription',
  endpoint: 'http://127.0.0.1:1/',
  filterTag: undefined,
  strategy: 'BACKOFF_RETRY',
  contentFormat: 'SIMPLIFIED',
  serviceUrl: 'http://127.0.0.1:9000',
} as const;

function addMany(letters: DeadLetters, count: number, { body = '', reason = '', path = '' }): void {
  for (let n = 0; n < count; n++) {
    const message = { id: String(n), topic: 'topic', body, bodyMd5: '', tag: undefined, publishedMs: 0 };
    const subscription = { ...SUBSCRIPTION, endpoint: SUBSCRIPTION.endpoint + path };
    letters.add({ message, subscription, attempts: 1, reason, droppedMs: 0 });
  }
}

it('keeps the latest thousand', () => {
  const letters = new DeadLetters();
  addMany(letters, 1_200, {});
  expect(letters.list()).toHaveLength(1_000);
  expect(letters.list()[0]?.message.id).toBe('1199');
});

it.each(['body', 'reason', 'path'])('keeps 16 MiB, whether a letter is long in its %s or elsewhere', (part) => {
  const letters = new DeadLetters();
  // 128 KiB in memory.
  addMany(letters, 500, { [part]: 'x'.repeat(65_536) });
  expect(letters.list().length).toBeGreaterThan(100);
  expect(letters.list().length).toBeLessThanOrEqual(128);
});
