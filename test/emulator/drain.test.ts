import { describe, expect, it } from 'vitest';
import { RtmpRefusedError } from '../../src/rtmp/client.ts';
import { startServing, temporaryFolder } from '../e2e/command.ts';
import { controlOf } from '../support/control.ts';
import { startTestEmulator } from '../support/emulator.ts';

const CHANNEL = '/channels/examplebucket/test-channel';
const LONG = { channel: 'test-channel', durationSec: 600, speed: 'realtime' } as const;

describe('a drain', () => {
  it('refuses new pushes, and lets the present ones go on until they end', async () => {
    const { emulator, endpoint } = await startTestEmulator({ drainTimeoutSec: 600 });
    const control = controlOf({ endpoint });
    const { publishes } = emulator.control;
    const push = await publishes.start(LONG);
    expect(await control('health', '/health?draining=404')).toMatchObject({ status: 200, body: { status: 'ok' } });

    const begun = { draining: true, liveSessions: 1, timeoutSec: 600 };
    expect(await control('drain', '/drain')).toEqual({ status: 202, body: begun });
    expect(await control('drain', '/drain')).toEqual({ status: 202, body: begun });
    const refused = publishes.start({ channel: 'other', durationSec: 1 });
    await expect(refused).rejects.toThrow(RtmpRefusedError);
    await expect(refused).rejects.toThrow('No new pushes are taken here');
    expect(emulator.events.since(0)).toContainEqual(
      expect.objectContaining({ type: 'publish.refused', reason: 'the emulator is draining' }),
    );
    expect(await control('health', '/health')).toMatchObject({ status: 200, body: { status: 'draining' } });
    const own = await fetch(`${endpoint}/_emulator/health?draining=404`);
    expect([own.status, await own.json()]).toMatchObject([404, { status: 'draining', liveSessions: 1 }]);
    const ready = await control('ready', '/ready');
    expect([ready.status, ready.body.ready, ready.body.draining]).toEqual([503, false, true]);
    expect(ready.body.components.every(({ state }: { state: string }) => state === 'ok')).toBe(true);
    expect(push.state).toBe('running');

    await push.stop();
    await emulator.control.drain();
  });

  it('ends those that go on for too long, and stores and lists what they sent', async () => {
    const { emulator, endpoint } = await startTestEmulator({ drainTimeoutSec: 0 });
    const push = await emulator.control.publishes.start(LONG);
    await expect.poll(() => push.sentMs).toBeGreaterThan(300);
    await controlOf({ endpoint })('drain', '/drain');
    await emulator.control.drain();
    await expect(push.done).rejects.toThrow('the emulator is shutting down');
    const fragments = await emulator.control.channels.fragments(
      'examplebucket',
      'test-channel',
      0,
      Date.now() + 60_000,
    );
    const playlist = await fetch(`${endpoint}/examplebucket/test-channel/playlist.m3u8`);
    expect(fragments.length).toBeGreaterThan(0);
    expect(await playlist.text()).toContain(`${fragments[0]?.startMs}.ts`);
    expect(await emulator.control.channels.history('examplebucket', 'test-channel', 10)).toHaveLength(1);
  });
});

describe('SIGTERM', () => {
  async function publishing(...args: string[]) {
    const serving = await startServing(
      '--rtmp-port',
      'off',
      '--webrtc-port',
      '0',
      '--data-dir',
      await temporaryFolder(),
      ...args,
    );
    const control = controlOf({ endpoint: `http://127.0.0.1:${serving.port}` });
    const { body } = await control('publish', '/publish', LONG);
    return { serving, control, id: body.id as string };
  }

  it('lets pushes end within --drain-timeout, and answers requests meanwhile', async () => {
    const { serving, control, id } = await publishing('--drain-timeout', '600');
    serving.child.kill('SIGTERM');
    await serving.line(/draining .*pushes=1/);
    expect((await control('channel', CHANNEL)).body.live).not.toBeNull();
    expect((await control('ready', '/ready')).status).toBe(503);
    await control('stopPublish', `/publish/${id}`);
    expect(await serving.exited).toBe(0);
    expect(serving.lines.join('\n')).toMatch(/drained .*cut=0/);
  });

  it('a second time ends it at once', async () => {
    const { serving } = await publishing('--drain-timeout', '600');
    serving.child.kill('SIGTERM');
    await serving.line(/draining .*pushes=1/);
    serving.child.kill('SIGINT');
    expect(await serving.exited).toBe(1);
  });

  it('ends pushes at once by default', async () => {
    const { serving } = await publishing();
    serving.child.kill('SIGTERM');
    expect(await serving.exited).toBe(0);
    expect(serving.lines.join('\n')).toMatch(/drained .*cut=1/);
  });
});
