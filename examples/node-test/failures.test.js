import assert from 'node:assert/strict';
import { test } from 'node:test';
import OSS from 'ali-oss';
import { startEmulator } from 'oss-livechannel-emulator';

test('a client sees the failure it is to survive', async () => {
  const emulator = await startEmulator();
  try {
    const client = new OSS(emulator.aliOssOptions);
    emulator.faults.add({ match: { operation: 'PutObject' }, effect: { code: 'ServiceUnavailable' }, count: 1 });
    await assert.rejects(client.put('a', Buffer.from('a')), { code: 'ServiceUnavailable', status: 503 });
    await client.put('a', Buffer.from('a'));
  } finally {
    await emulator.stop();
  }
});

test('a publisher that falls silent is gone after ten seconds', async () => {
  const emulator = await startEmulator();
  try {
    emulator.clock.freeze();
    const push = await emulator.publish({ channel: 'cam', durationSec: 60 });
    emulator.faults.add({ match: { phase: 'rtmp.message', channel: 'cam' }, effect: { freezePublisher: true } });
    const ended = emulator.events.waitFor('publish.ended');
    await emulator.clock.advance(15_000);
    assert.equal((await ended).cause, 'idle');
    await assert.rejects(push.done);
  } finally {
    await emulator.stop();
  }
});
