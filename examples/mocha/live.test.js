const assert = require('node:assert/strict');
const OSS = require('ali-oss');
const { startEmulator } = require('oss-livechannel-emulator');

describe('a channel', () => {
  let emulator;
  before(async () => {
    emulator = await startEmulator();
  });
  afterEach(() => emulator.reset());
  after(() => emulator.stop());

  it('is live while somebody pushes', async () => {
    const client = new OSS(emulator.aliOssOptions);
    emulator.clock.freeze();
    const push = await emulator.publish({ channel: 'test-channel', durationSec: 600 });
    await emulator.clock.advance(10_000);
    const { data } = await client.getChannelStatus('test-channel');
    assert.equal(data.Status, 'Live');
    assert.equal(data.Video.Width, '640');
    await push.stop();
    assert.equal((await client.getChannelStatus('test-channel')).data.Status, 'Idle');
  });
});
