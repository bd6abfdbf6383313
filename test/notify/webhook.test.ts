import { describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Events } from '../../src/events/events.ts';
import { createOutgoing } from '../../src/http/outgoing.ts';
import { Webhook } from '../../src/notify/webhook.ts';
import { receiveHttp } from '../support/http-receiver.ts';

const send = createOutgoing('any');

describe('webhook', () => {
  it('posts what happens, in order, without the requests; stopping waits for the rest', async () => {
    const { url, received } = await receiveHttp();
    const events = new Events();
    const webhook = new Webhook({ url, events, log: silentLog, clock: systemClock, send });
    events.emit({ type: 'emulator.reset' });
    const request = { requestId: 'r', remoteAddr: 'a', method: 'GET', target: '/', status: 200, durationMs: 1 };
    events.emit({ type: 'request.answered', api: 'oss', ...request });
    events.emit({ type: 'clock.changed', nowMs: 1, frozen: true });
    await webhook.stop(5_000);
    events.emit({ type: 'emulator.reset' });
    expect(received.map(({ body }) => JSON.parse(body))).toEqual([
      { type: 'emulator.reset', id: 1, atMs: expect.any(Number) },
      { type: 'clock.changed', nowMs: 1, frozen: true, id: 3, atMs: expect.any(Number) },
    ]);
  });

  it('tries three times, then goes on with the next', async () => {
    const { url, received } = await receiveHttp((response, n) => response.writeHead(n <= 3 ? 500 : 204).end());
    const clock = new ManualClock(0);
    const impatient = { ...clock, now: () => 0, elapsed: () => 0, setTimeout: immediately(clock) };
    const events = new Events();
    const webhook = new Webhook({ url, events, log: silentLog, clock: impatient, send });
    events.emit({ type: 'emulator.reset' });
    events.emit({ type: 'emulator.reset', bucket: 'b' });
    await webhook.stop(60_000);
    expect(received.map(({ body }) => JSON.parse(body).id)).toEqual([1, 1, 1, 2]);
  });

  it('does not hold up the stop for a receiver that never answers', async () => {
    const { url } = await receiveHttp(() => {});
    const clock = new ManualClock(0);
    const events = new Events();
    const webhook = new Webhook({ url, events, log: silentLog, clock, send });
    events.emit({ type: 'emulator.reset' });
    const stopped = webhook.stop(1_000);
    clock.advance(1_000);
    await stopped;
  });
});

/** Timers of up to a second, those between attempts, fire at once; longer limits do not. */
function immediately(clock: ManualClock) {
  return (callback: () => void, delayMs: number) => {
    if (delayMs > 1_000) return clock.setTimeout(callback, delayMs);
    queueMicrotask(callback);
    return { cancel: () => {} };
  };
}
