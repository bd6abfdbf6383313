import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type EmulatorEvent, Events } from '../../src/events/events.ts';

const written = (key: string): EmulatorEvent => ({ type: 'playlist.written', bucket: 'bucket', channel: 'cam', key });

describe('events', () => {
  it('are numbered from 1, carry the time, and reach listeners in order', () => {
    const clock = new ManualClock(5_000);
    const events = new Events(clock);
    const heard: string[] = [];
    const stop = events.subscribe((event) => heard.push(`${event.id} ${event.atMs} ${event.type}`));
    events.emit(written('a'));
    clock.advance(10);
    events.emit({ type: 'emulator.reset' });
    stop();
    events.emit(written('b'));
    expect(heard).toEqual(['1 5000 playlist.written', '2 5010 emulator.reset']);
  });

  it('are remembered for late readers, the latest of them', () => {
    const events = new Events(new ManualClock(0), { maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) events.emit(written(key));
    expect(events.since(0).map(({ id }) => id)).toEqual([3, 4, 5]);
    expect(events.since(4).map(({ id }) => id)).toEqual([5]);
    expect(events.since(5)).toEqual([]);
    expect(events.lastId).toBe(5);
  });
});

describe('the memory of events', () => {
  const refused = (target: string): EmulatorEvent => ({
    type: 'request.answered',
    api: 'oss',
    requestId: '0',
    remoteAddr: '192.0.2.1:50000',
    method: 'GET',
    target,
    bucket: 'bucket',
    key: target,
    status: 404,
    durationMs: 1,
  });

  it('is bounded in bytes, however long the requests were', () => {
    const maxBytes = 1024 * 1024;
    const events = new Events(new ManualClock(0), { maxBytes });
    for (let count = 0; count < 11_000; count++) events.emit(refused(`${'é'.repeat(2_400)}${count}`));
    const kept = events.since(0);
    const chars = kept.reduce((sum, event) => sum + JSON.stringify(event).length, 0);
    expect(2 * chars).toBeLessThanOrEqual(maxBytes);
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.at(-1)?.id).toBe(events.lastId);
  });

  it('keeps whole what is usual, and cuts a longer text for everybody alike', () => {
    const events = new Events(new ManualClock(0));
    const heard: unknown[] = [];
    events.subscribe((event) => heard.push(event));
    events.emit(refused('/bucket/key'));
    events.emit(refused('x'.repeat(1_000_000)));
    expect(events.since(0)).toEqual(heard);
    const [usual, long] = events.since(0);
    expect(usual).toMatchObject({ target: '/bucket/key', id: 1 });
    expect(long).toMatchObject({
      bucket: 'bucket',
      key: expect.stringMatching(/^x{4096}… \(995904 more characters\)$/),
    });
  });
});

describe('waitFor', () => {
  it('resolves with the next one that fits', async () => {
    const events = new Events();
    events.emit(written('a'));
    const next = events.waitFor('playlist.written', ({ key }) => key !== 'b');
    for (const key of ['b', 'c', 'd']) events.emit(written(key));
    expect(await next).toMatchObject({ key: 'c', id: 3 });
  });

  it('looks back when asked to', async () => {
    const events = new Events();
    events.emit(written('a'));
    expect(await events.waitFor('playlist.written', () => true, { after: 0 })).toMatchObject({ key: 'a' });
  });

  it('gives up in time of the clock', async () => {
    const clock = new ManualClock(0);
    const events = new Events(clock);
    const waiting = events.waitFor('emulator.reset', undefined, { timeoutMs: 100 });
    clock.advance(100);
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError', message: 'no emulator.reset within 100 ms' });
  });

  it('gives up when told to, before and after it began to wait', async () => {
    const events = new Events();
    const reason = new Error('enough');
    await expect(events.waitFor('emulator.reset', undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    const controller = new AbortController();
    const waiting = events.waitFor('emulator.reset', undefined, { signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
