import { describe, expect, it } from 'vitest';
import {
  channelConfigurationDocument,
  channelHistoryDocument,
  channelStatDocument,
  createLiveChannelResult,
  listLiveChannelResult,
  readChannelConfiguration,
} from '../../../src/aliyun/xml/channel-documents.ts';
import { refused } from '../auth/refused.ts';

const HOST = 'examplebucket.oss-cn-hangzhou.aliyuncs.com';

function document(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`;
}

function read(body: string) {
  return readChannelConfiguration(Buffer.from(body), 65_536);
}

describe('PutLiveChannel bodies as the SDKs send them', () => {
  const target = { type: 'HLS', fragDuration: '10', fragCount: '5', playlistName: 'playlist.m3u8' };
  const targetXml =
    '<Target><Type>HLS</Type><FragDuration>10</FragDuration><FragCount>5</FragCount><PlaylistName>playlist.m3u8</PlaylistName></Target>';

  it('Node', () => {
    const body = `<LiveChannelConfiguration><Description>this is my channel</Description><Status>enabled</Status>${targetXml}</LiveChannelConfiguration>`;
    expect(read(body)).toEqual({ description: 'this is my channel', status: 'enabled', target, snapshots: [] });
  });

  it('Node, with null for a description and nothing at all', () => {
    const body = `<LiveChannelConfiguration>Description${targetXml}</LiveChannelConfiguration>`;
    expect(read(body)).toEqual({ target, snapshots: [] });
    expect(read('<LiveChannelConfiguration/>')).toEqual({ snapshots: [] });
  });

  it('Go, as short as it gets', () => {
    const body = '<LiveChannelConfiguration><Target><Type>HLS</Type></Target></LiveChannelConfiguration>';
    expect(read(body)).toEqual({ target: { type: 'HLS' }, snapshots: [] });
  });

  it('Python, with empty elements', () => {
    const body =
      '<LiveChannelConfiguration><Description /><Status /><Target><Type>HLS</Type><PlaylistName /></Target></LiveChannelConfiguration>';
    const expected = { description: '', status: '', target: { type: 'HLS', playlistName: '' }, snapshots: [] };
    expect(read(body)).toEqual(expected);
  });

  it('PHP, whose PlayListName is not PlaylistName', () => {
    const body = `<?xml version="1.0" encoding="utf-8"?>\n<LiveChannelConfiguration><Target><Type>HLS</Type><PlayListName>hello.m3u8</PlayListName></Target></LiveChannelConfiguration>\n`;
    expect(read(body)).toEqual({ target: { type: 'HLS' }, snapshots: [] });
  });

  it('every Snapshot, for the second is an error of its own', () => {
    const snapshot =
      '<Snapshot><RoleName>r</RoleName><DestBucket>b</DestBucket><NotifyTopic>t</NotifyTopic><Interval>5</Interval></Snapshot>';
    const body = `<LiveChannelConfiguration>${snapshot}<Snapshot/></LiveChannelConfiguration>`;
    const first = { roleName: 'r', destBucket: 'b', notifyTopic: 't', interval: '5' };
    expect(read(body)).toEqual({ snapshots: [first, {}] });
  });

  it('refuses another root', () => {
    expect(refused(() => read('<CreateBucketConfiguration/>')).code).toBe('MalformedXML');
  });
});

describe('LiveChannelConfiguration', () => {
  const channel = {
    description: 'door cam',
    status: 'enabled',
    fragDurationSec: 4,
    fragCount: 6,
    playlistName: 'door.m3u8',
    snapshot: null,
  } as const;
  const head =
    '<LiveChannelConfiguration>\n  <Description>door cam</Description>\n  <Status>enabled</Status>\n  <Target>\n    <Type>HLS</Type>\n    <FragDuration>4</FragDuration>\n    <FragCount>6</FragCount>\n    <PlaylistName>door.m3u8</PlaylistName>\n  </Target>\n';

  it('without Snapshot', () => {
    expect(channelConfigurationDocument(channel)).toBe(document(`${head}</LiveChannelConfiguration>`));
  });

  it('with Snapshot', () => {
    const snapshot = { roleName: 'r', destBucket: 'b', notifyTopic: 't', intervalSec: 5 };
    expect(channelConfigurationDocument({ ...channel, snapshot })).toBe(
      document(
        `${head}  <Snapshot>\n    <RoleName>r</RoleName>\n    <DestBucket>b</DestBucket>\n    <NotifyTopic>t</NotifyTopic>\n    <Interval>5</Interval>\n  </Snapshot>\n</LiveChannelConfiguration>`,
      ),
    );
  });
});

describe('answers', () => {
  const urls = (name: string, playlist: string) => ({
    publishUrl: `rtmp://${HOST}/live/${name}`,
    playUrl: `http://${HOST}/${name}/${playlist}`,
  });

  it('CreateLiveChannelResult', () => {
    expect(createLiveChannelResult(urls('test-channel', 'door.m3u8'))).toBe(
      document(
        `<CreateLiveChannelResult>\n  <PublishUrls>\n    <Url>rtmp://${HOST}/live/test-channel</Url>\n  </PublishUrls>\n  <PlayUrls>\n    <Url>http://${HOST}/test-channel/door.m3u8</Url>\n  </PlayUrls>\n</CreateLiveChannelResult>`,
      ),
    );
  });

  it('LiveChannelStat, idle: the 100 bytes of the documented sample', () => {
    const idle = channelStatDocument({ status: 'Idle' });
    expect(idle).toBe(document('<LiveChannelStat>\n  <Status>Idle</Status>\n</LiveChannelStat>'));
    expect(Buffer.byteLength(idle)).toBe(100);
  });

  it('LiveChannelStat, live', () => {
    const live = {
      status: 'Live',
      connectedMs: Date.parse('2025-01-01T00:00:05.123Z'),
      remoteAddr: '127.0.0.1:53122',
    } as const;
    const head =
      '<LiveChannelStat>\n  <Status>Live</Status>\n  <ConnectedTime>2025-01-01T00:00:05.000Z</ConnectedTime>\n  <RemoteAddr>127.0.0.1:53122</RemoteAddr>\n';
    expect(channelStatDocument(live)).toBe(document(`${head}</LiveChannelStat>`));
    const video = { width: 1280, height: 720, frameRate: 24.97, bandwidth: 187500.4, codec: 'H264' };
    const audio = { bandwidth: 16000, sampleRate: 44100, codec: 'AAC' };
    expect(channelStatDocument({ ...live, video, audio })).toBe(
      document(
        `${head}  <Video>\n    <Width>1280</Width>\n    <Height>720</Height>\n    <FrameRate>25</FrameRate>\n    <Bandwidth>187500</Bandwidth>\n    <Codec>H264</Codec>\n  </Video>\n  <Audio>\n    <Bandwidth>16000</Bandwidth>\n    <SampleRate>44100</SampleRate>\n    <Codec>AAC</Codec>\n  </Audio>\n</LiveChannelStat>`,
      ),
    );
  });

  it('LiveChannelHistory', () => {
    expect(channelHistoryDocument([])).toBe(document('<LiveChannelHistory></LiveChannelHistory>'));
    const startedMs = Date.parse('2016-07-30T01:53:21Z');
    const session = { startedMs, endedMs: startedMs + 10_999, remoteAddr: '10.101.194.148:56861' };
    const record =
      '  <LiveRecord>\n    <StartTime>2016-07-30T01:53:21.000Z</StartTime>\n    <EndTime>2016-07-30T01:53:31.000Z</EndTime>\n    <RemoteAddr>10.101.194.148:56861</RemoteAddr>\n  </LiveRecord>\n';
    expect(channelHistoryDocument([session, session])).toBe(
      document(`<LiveChannelHistory>\n${record}${record}</LiveChannelHistory>`),
    );
  });

  it('LiveChannelHistory of ten: the 1892 bytes of the documented sample', () => {
    const session = { startedMs: 0, endedMs: 1, remoteAddr: '10.101.194.148:56861' };
    expect(Buffer.byteLength(channelHistoryDocument(Array.from({ length: 10 }, () => session)))).toBe(1892);
  });

  const camera = {
    name: 'cam-a',
    description: '',
    status: 'disabled',
    lastModifiedMs: Date.parse('2025-01-01T00:00:00Z'),
    ...urls('cam-a', 'playlist.m3u8'),
  } as const;

  it('ListLiveChannelResult', () => {
    const list = { prefix: 'cam', marker: '', maxKeys: 1, nextMarker: 'cam-a', channels: [camera] };
    expect(listLiveChannelResult(list)).toBe(
      document(
        `<ListLiveChannelResult>\n  <Prefix>cam</Prefix>\n  <Marker></Marker>\n  <MaxKeys>1</MaxKeys>\n  <IsTruncated>true</IsTruncated>\n  <NextMarker>cam-a</NextMarker>\n  <LiveChannel>\n    <Name>cam-a</Name>\n    <Description></Description>\n    <Status>disabled</Status>\n    <LastModified>2025-01-01T00:00:00.000Z</LastModified>\n    <PublishUrls>\n      <Url>rtmp://${HOST}/live/cam-a</Url>\n    </PublishUrls>\n    <PlayUrls>\n      <Url>http://${HOST}/cam-a/playlist.m3u8</Url>\n    </PlayUrls>\n  </LiveChannel>\n</ListLiveChannelResult>`,
      ),
    );
  });

  it('ListLiveChannelResult of nothing', () => {
    const list = { prefix: '', marker: '', maxKeys: 100, nextMarker: '', channels: [] };
    expect(listLiveChannelResult(list)).toBe(
      document(
        '<ListLiveChannelResult>\n  <Prefix></Prefix>\n  <Marker></Marker>\n  <MaxKeys>100</MaxKeys>\n  <IsTruncated>false</IsTruncated>\n  <NextMarker></NextMarker>\n</ListLiveChannelResult>',
      ),
    );
  });
});
