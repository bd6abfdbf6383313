import type { ChannelConfigurationInput } from '../../../src/aliyun/xml/channel-documents.ts';
import { OssError } from '../../../src/base/errors.ts';
import type { ChannelList, ChannelListQuery } from '../../../src/oss/channel/channel-service.ts';
import type { VodQuery } from '../../../src/oss/channel/vod.ts';
import type { Services } from '../../../src/oss/rest/rest-call.ts';
import type { ChannelRecord } from '../../../src/storage/metadata/records.ts';

type RestChannels = Services['channels'];
type RestVod = Services['vod'];

export function channelRecord(name: string, changes: Partial<ChannelRecord> = {}): ChannelRecord {
  return {
    bucket: 'examplebucket',
    name,
    incarnation: 'incarnation-1',
    description: '',
    status: 'enabled',
    fragDurationSec: 5,
    fragCount: 3,
    playlistName: 'playlist.m3u8',
    snapshot: null,
    lastModifiedMs: Date.UTC(2025, 0, 1),
    ...changes,
  };
}

/** Records every call and returns fixed values; the rules of channels have their own tests. */
export class FakeChannels implements RestChannels {
  readonly calls: unknown[][] = [];

  async put(bucket: string, name: string, config: ChannelConfigurationInput): Promise<ChannelRecord> {
    this.calls.push(['put', bucket, name, config]);
    if (name === '')
      throw new OssError('InvalidChannelName', 'ChannelName must not be empty.', { ec: '0017-00000257' });
    return channelRecord(name, { playlistName: config.target?.playlistName || 'playlist.m3u8' });
  }

  async putStatus(...call: [bucket: string, name: string, status: string]): Promise<void> {
    this.calls.push(['putStatus', ...call]);
  }

  async info(bucket: string, name: string): Promise<ChannelRecord> {
    this.calls.push(['info', bucket, name]);
    if (name !== 'missing') return channelRecord(name);
    throw new OssError('NoSuchLiveChannel', 'The specified live channel does not exist.', { ec: '0026-00000021' });
  }

  async stat(bucket: string, name: string): ReturnType<RestChannels['stat']> {
    this.calls.push(['stat', bucket, name]);
    return { status: 'Idle' };
  }

  async history(bucket: string, name: string): ReturnType<RestChannels['history']> {
    this.calls.push(['history', bucket, name]);
    const session = {
      bucket,
      channel: name,
      incarnation: 'incarnation-1',
      remoteAddr: '127.0.0.1:5000',
      playlistName: 'playlist.m3u8',
    };
    return [
      { ...session, id: 'one', startedMs: Date.UTC(2025, 0, 1), endedMs: Date.UTC(2025, 0, 1, 0, 0, 9) },
      { ...session, id: 'two', startedMs: Date.UTC(2025, 0, 2), endedMs: null },
    ];
  }

  async list(bucket: string, query: ChannelListQuery): Promise<ChannelList> {
    this.calls.push(['list', bucket, query]);
    const channels = [channelRecord('cam-a'), channelRecord('cam b')];
    return { prefix: '', marker: '', maxKeys: 100, truncated: false, nextMarker: '', channels };
  }

  async delete(bucket: string, name: string): Promise<void> {
    this.calls.push(['delete', bucket, name]);
  }
}

export class FakeVod implements RestVod {
  readonly calls: unknown[][] = [];

  async post(...call: [bucket: string, channel: string, playlistName: string, query: VodQuery]) {
    this.calls.push(call);
    return { etag: 'ABC' };
  }

  async get(...call: [bucket: string, channel: string, query: VodQuery]) {
    this.calls.push(call);
    return { pieces: [Buffer.from('#EXT'), Buffer.from('M3U\n')], sizeBytes: 8, etag: 'ABC' };
  }
}
