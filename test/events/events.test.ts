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
    const events = new Events(new ManualClock(0), 3);
    for (const key of ['a', 'b', 'c', 'd', 'e']) events.emit(written(key));
    expect(events.since(0).map(({ id }) => id)).toEqual([3, 4, 5]);
    expect(events.since(4).map(({ id }) => id)).toEqual([5]);
    expect(events.since(5)).toEqual([]);
    expect(events.lastId).toBe(5);
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
