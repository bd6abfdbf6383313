import { describe, expect, it } from 'vitest';
import type { ChannelConfigurationInput } from '../../../src/aliyun/xml/channel-documents.ts';
import { OssError } from '../../../src/base/errors.ts';
import { checkChannelConfig, checkChannelName } from '../../../src/oss/channel/channel.ts';

const HLS = { type: 'HLS' };
const SNAPSHOT = { roleName: 'role', destBucket: 'pictures', notifyTopic: 'topic', interval: '5' };

function refusal(action: () => unknown): { code: string; status: number; ec: string | undefined } {
  try {
    action();
  } catch (error) {
    if (error instanceof OssError) return { code: error.code, status: error.status, ec: error.ec };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('checkChannelName', () => {
  it.each(['a', 'live channel 2', 'channel-1_x.y', '频道', 'a\uFFFD', 'a\u0001', 'c'.repeat(63)])(
    'accepts %s',
    (name) => {
      expect(() => checkChannelName(name)).not.toThrow();
    },
  );

  it.each([
    ['', '0017-00000257'],
    ['c'.repeat(64), '0017-00000258'],
    ['频'.repeat(22), '0017-00000258'],
    ['\uD800', '0017-00000259'],
    ['a/b', '0017-00000260'],
  ])('refuses %j', (name, ec) => {
    expect(refusal(() => checkChannelName(name))).toEqual({ code: 'InvalidChannelName', status: 400, ec });
  });
});

describe('checkChannelConfig', () => {
  it('fills in the defaults of the PutLiveChannel page', () => {
    expect(checkChannelConfig({ target: HLS, snapshots: [] })).toEqual({
      description: '',
      status: 'enabled',
      fragDurationSec: 5,
      fragCount: 3,
      playlistName: 'playlist.m3u8',
      snapshot: null,
    });
  });

  it('takes empty elements as absent where SDKs send them so', () => {
    const config = checkChannelConfig({
      description: '',
      status: '',
      target: { ...HLS, playlistName: '' },
      snapshots: [],
    });
    expect(config).toMatchObject({ status: 'enabled', playlistName: 'playlist.m3u8' });
  });

  it('takes the extremes', () => {
    const target = { ...HLS, fragDuration: '100', fragCount: '1', playlistName: 'a.m3u8' };
    const config = checkChannelConfig({ description: 'd'.repeat(128), target, snapshots: [SNAPSHOT] });
    expect(config).toMatchObject({ fragDurationSec: 100, fragCount: 1, playlistName: 'a.m3u8' });
    expect(config.snapshot).toEqual({ roleName: 'role', destBucket: 'pictures', notifyTopic: 'topic', intervalSec: 5 });
  });

  const target = (fields: object): ChannelConfigurationInput => ({ target: { ...HLS, ...fields }, snapshots: [] });
  const snapshot = (fields: object): ChannelConfigurationInput => ({
    target: HLS,
    snapshots: [{ ...SNAPSHOT, ...fields }],
  });
  it.each<[string, ChannelConfigurationInput, string]>([
    ['a long description', { description: 'd'.repeat(129), target: HLS, snapshots: [] }, '0044-00000001'],
    ['an unknown status', { status: 'Enabled', target: HLS, snapshots: [] }, '0044-00000002'],
    ['two snapshots', { target: HLS, snapshots: [SNAPSHOT, SNAPSHOT] }, '0044-00000003'],
    ['an interval of 0', snapshot({ interval: '0' }), '0044-00000005'],
    ['no topic', snapshot({ notifyTopic: '' }), '0044-00000006'],
    ['no role', snapshot({ roleName: '' }), '0044-00000007'],
    ['a bad bucket name', snapshot({ destBucket: 'A' }), '0044-00000008'],
    ['no target', { snapshots: [] }, '0044-00000012'],
    ['type RTMP', target({ type: 'RTMP' }), '0044-00000013'],
    ['type hls', target({ type: 'hls' }), '0044-00000013'],
    ['FragDuration 0', target({ fragDuration: '0', fragCount: '3' }), '0044-00000014'],
    ['FragDuration 101', target({ fragDuration: '101', fragCount: '3' }), '0044-00000014'],
    ['FragDuration 1.5', target({ fragDuration: '1.5', fragCount: '3' }), '0044-00000014'],
    ['FragCount without FragDuration', target({ fragCount: '3' }), '0044-00000014'],
    ['FragDuration without FragCount', target({ fragDuration: '5' }), '0044-00000015'],
    ['FragCount None', target({ fragDuration: '5', fragCount: 'None' }), '0044-00000015'],
    ['a slash in PlaylistName', target({ playlistName: 'a/b.m3u8' }), '0044-00000016'],
    ['a short PlaylistName', target({ playlistName: '.m3u8' }), '0044-00000017'],
    ['a long PlaylistName', target({ playlistName: `${'p'.repeat(124)}.m3u8` }), '0044-00000017'],
    ['PlaylistName without .m3u8', target({ playlistName: 'playlist.M3U8' }), '0044-00000018'],
  ])('refuses %s', (_, input, ec) => {
    expect(refusal(() => checkChannelConfig(input))).toEqual({ code: 'InvalidArgument', status: 400, ec });
  });
});
