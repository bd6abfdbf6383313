import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import type { FaultRule } from '../../src/control-plane/faults/fault-rule.ts';
import { loadClip } from '../../src/control-plane/publisher/clip.ts';
import { ClipPush } from '../../src/control-plane/publisher/clip-push.ts';
import { signedQuery } from '../live/signed-call.ts';
import { startTestEmulator } from '../support/emulator.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const MATCH = { app: 'app', stream: 's1' };

/** Every stream is recorded. */
async function start(rule: FaultRule) {
  const clock = new ManualClock(NOW_MS);
  const { emulator, port, endpoint } = await startTestEmulator({ liveRecordBucket: 'recordings' }, { clock });
  const set = emulator.faults.add(rule);
  const push = async (
    options: { readonly url?: string; readonly name?: string; readonly durationMs?: number } = {},
  ) => {
    const { url = `rtmp://127.0.0.1:${port}/app/${options.name ?? 's1'}`, durationMs = 3_600_000 } = options;
    return ClipPush.start({ url, clip: await loadClip(undefined), clock: emulator.clock, speed: 'max', durationMs });
  };
  const fired = () => emulator.events.since(0).filter(({ type }) => type === 'fault.fired');
  const ended = () => emulator.events.waitFor('live.ended', undefined, { after: 0 });
  const slices = () => emulator.events.since(0).filter(({ type }) => type === 'live.slice-stored');
  return { emulator, endpoint, set, push, fired, ended, slices };
}

describe('a push of a live stream', () => {
  it('is refused at connect, by its application', async () => {
    const { emulator, push, fired } = await start({
      match: { phase: 'rtmp.connect', app: 'app' },
      effect: { code: 'UserDisable' },
    });
    await expect(push()).rejects.toThrow('NetConnection.Connect.Rejected: UserDisable');
    expect(fired()).toMatchObject([{ phase: 'rtmp.connect', app: 'app' }]);
    const refused = await emulator.events.waitFor('publish.refused', undefined, { after: 0 });
    expect(refused).toMatchObject({ app: 'app', reason: 'a fault rule' });
  });

  it('is refused at publish, by its name, as often as the rule says', async () => {
    const { emulator, push, ended } = await start({
      match: { phase: 'rtmp.publish', ...MATCH },
      effect: { code: 'InternalError' },
      count: 1,
    });
    await (await push({ name: 's2', durationMs: 1_000 })).done;
    expect((await ended()).stream).toBe('s2');
    await expect(push()).rejects.toThrow('NetStream.Publish.Denied: InternalError');
    const refused = await emulator.events.waitFor('publish.refused', undefined, { after: 0 });
    expect(refused).toMatchObject({ app: 'app', stream: 's1', reason: 'fault rule fault-1' });
    await (await push({ durationMs: 1_000 })).done;
  });

  it('is reset in mid-stream; what came through is stored', async () => {
    const { push, ended, slices } = await start({
      match: { phase: 'rtmp.message', ...MATCH },
      effect: { reset: true },
      skip: 1_000,
      count: 1,
    });
    await expect((await push()).done).rejects.toThrow();
    expect((await ended()).cause).toBe('disconnected');
    expect(slices().length).toBeGreaterThan(0);
  });

  it('freezes, and is ended by the idle limit', async () => {
    const { emulator, push, ended, fired } = await start({
      match: { phase: 'rtmp.message', ...MATCH },
      effect: { freezePublisher: true },
      skip: 100,
      count: 1,
    });
    const striking = emulator.events.waitFor('fault.fired');
    const freezing = await push();
    await striking;
    const over = expect(freezing.done).rejects.toThrow();
    await emulator.clock.advance(20_000);
    expect((await ended()).cause).toBe('idle');
    await over;
    expect(fired()).toMatchObject([MATCH]);
  });

  it('loses the segmenter of its recording, and with it the push; what was stored stays', async () => {
    const { emulator, push, ended, slices } = await start({
      match: { phase: 'segmenter', ...MATCH },
      effect: { crashFfmpeg: true },
      skip: 1_000,
      count: 1,
    });
    await expect((await push()).done).rejects.toThrow('the segmenter failed');
    expect((await ended()).cause).toBe('closed-by-server');
    const stored = slices().length;
    expect(stored).toBeGreaterThan(0);
    const after = emulator.events.lastId;
    await (await push({ durationMs: 1_000 })).done;
    await emulator.events.waitFor('live.ended', undefined, { after });
    expect(slices().length).toBe(stored + 1);
  });

  it('is not touched by a rule for another stream, or for channels', async () => {
    const { emulator, push, ended, fired } = await start({
      match: { phase: 'rtmp.message', app: 'app', stream: 's2' },
      effect: { reset: true },
    });
    emulator.faults.add({ match: { phase: 'rtmp.message', channel: 's1' }, effect: { reset: true } });
    await (await push({ durationMs: 1_000 })).done;
    expect((await ended()).cause).toBe('unpublished');
    expect(fired()).toEqual([]);
  });
});

describe('a push into a room', () => {
  it('is struck by a rule that names nothing', async () => {
    const { emulator, endpoint, push, fired } = await start({
      match: { phase: 'rtmp.message' },
      effect: { reset: true },
      skip: 100,
    });
    const room = { AppId: 'app', ChannelId: 'channel', UserId: 'user', DisplayName: 'Somebody' };
    const call = signedQuery(NOW_MS, { Action: 'CreateRoomRealTimeStreamAddress', ...room });
    const { RtmpAddress: url } = Object(await (await fetch(`${endpoint}/?${call}`)).json());
    const left = emulator.events.waitFor('room.left');
    await expect((await push({ url })).done).rejects.toThrow();
    expect(await left).toMatchObject({ userId: 'user', cause: 'disconnected' });
    expect(fired()).toMatchObject([{ phase: 'rtmp.message' }]);
  });
});
