import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import OSS from 'ali-oss';
import {
  type ChannelInfo,
  type ChannelPage,
  type ChannelSettings,
  type ChannelStat,
  type ClientOptions,
  type ListQuery,
  type LiveRecord,
  type SdkClient,
  SdkError,
} from './client.ts';
import { BUCKET } from './matrix.ts';

const { version } = createRequire(import.meta.url)('ali-oss/package.json');

export function createAliOss({ endpoint, auth, style }: ClientOptions): OSS {
  return new OSS({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    bucket: BUCKET,
    region: 'oss-cn-hangzhou',
    endpoint,
    authorizationV4: auth === 'V4',
    sldEnable: style === 'path',
    cname: style === 'cname',
    agent: localAgent(),
  } as OSS.Options);
}

/** Resolves every name to this machine, as the `hosts` file does for the clients that are programs. */
function localAgent(): Agent {
  return new Agent({
    lookup: (_host, options, callback) => {
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    },
  });
}

/** The Node library with the interface of the suites. It needs no program: it runs in this process. */
export function startAliOss(options: ClientOptions): Promise<SdkClient> {
  return Promise.resolve(adapt(createAliOss(options)));
}

/**
 * `Object()` around answers: @types/ali-oss describes some of them wrongly, so the answers are read as unknown data.
 */
function adapt(oss: OSS): SdkClient {
  return {
    version,
    putBucket: async () => void (await explained(oss.putBucket(BUCKET))),
    deleteBucket: async () => void (await explained(oss.deleteBucket(BUCKET))),
    create: async (channel, settings) => {
      const { publishUrls, playUrls } = await explained(oss.putChannel(channel, configurationOf(settings)));
      return { publishUrls, playUrls };
    },
    info: async (channel) => infoOf(await explained(oss.getChannel(channel))),
    setStatus: async (channel, status) => void (await explained(oss.putChannelStatus(channel, status))),
    stat: async (channel) => statOf(await explained(oss.getChannelStatus(channel))),
    history: async (channel) => historyOf(await explained(oss.getChannelHistory(channel))),
    list: async (query) => pageOf(await explained(oss.listChannels(listQueryOf(query)))),
    names: (prefix, pageSize) => listNames(oss, prefix, pageSize),
    postVod: async (channel, playlistName, startTime, endTime) =>
      void (await explained(oss.createVod(channel, playlistName, { startTime, endTime }))),
    getVod: () => Promise.reject(new Error('ali-oss has no GetVodPlaylist')),
    delete: async (channel) => void (await explained(oss.deleteChannel(channel))),
    signRtmpUrl: async (channel, playlistName, expires) =>
      oss.getRtmpUrl(channel, { params: { playlistName }, expires }),
    stop: async () => {},
  };
}

/** The loop of the documentation; the library has no iterator. */
async function listNames(oss: OSS, prefix: string, pageSize: number): Promise<readonly string[]> {
  const names: string[] = [];
  let marker: string | null = '';
  do {
    const page = pageOf(await explained(oss.listChannels(listQueryOf({ prefix, marker, maxKeys: pageSize }))));
    names.push(...page.channels.map(({ name }) => name));
    marker = page.isTruncated ? page.nextMarker : null;
  } while (marker !== null);
  return names;
}

async function explained<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    const { message, code, status, ecCode, requestId } = Object(error);
    throw new SdkError(message, { code, status, ec: ecCode, requestId });
  }
}

/** An undefined field would be sent as an empty element, so it is left out. */
function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function configurationOf(settings: ChannelSettings): OSS.PutChannelConf {
  const { type = 'HLS', fragDurationSec, fragCount, playlistName, snapshot } = settings;
  return Object(
    given({
      Description: settings.description,
      Status: settings.status,
      Target: given({ Type: type, FragDuration: fragDurationSec, FragCount: fragCount, PlaylistName: playlistName }),
      Snapshot: snapshot && {
        RoleName: snapshot.roleName,
        DestBucket: snapshot.destBucket,
        NotifyTopic: snapshot.notifyTopic,
        Interval: snapshot.intervalSec,
      },
    }),
  );
}

/** The published type misspells max-keys. */
function listQueryOf({ prefix, marker, maxKeys }: ListQuery): OSS.ListChannelsQuery {
  return Object(given({ prefix, marker, 'max-keys': maxKeys }));
}

function infoOf(answer: unknown): ChannelInfo {
  const { Description, Status, Target, Snapshot } = Object(answer).data;
  return {
    description: Description,
    status: Status,
    type: Target.Type,
    fragDurationSec: Target.FragDuration,
    fragCount: Target.FragCount,
    playlistName: Target.PlaylistName,
    ...(Snapshot && {
      snapshot: {
        roleName: Snapshot.RoleName,
        destBucket: Snapshot.DestBucket,
        notifyTopic: Snapshot.NotifyTopic,
        intervalSec: Snapshot.Interval,
      },
    }),
  };
}

function statOf(answer: unknown): ChannelStat {
  const { Status, ConnectedTime, RemoteAddr, Video, Audio } = Object(answer).data;
  return {
    status: Status,
    ...(ConnectedTime !== undefined && { connectedSec: secondsOf(ConnectedTime), remoteAddr: RemoteAddr }),
    ...(Video !== undefined && {
      video: {
        width: Video.Width,
        height: Video.Height,
        frameRate: Video.FrameRate,
        bandwidth: Video.Bandwidth,
        codec: Video.Codec,
      },
    }),
    ...(Audio !== undefined && {
      audio: { bandwidth: Audio.Bandwidth, sampleRate: Audio.SampleRate, codec: Audio.Codec },
    }),
  };
}

function historyOf(answer: unknown): readonly LiveRecord[] {
  return Object(answer).records.map(({ StartTime, EndTime, RemoteAddr }: Record<string, string>) => ({
    startSec: secondsOf(StartTime),
    endSec: secondsOf(EndTime),
    remoteAddr: RemoteAddr,
  }));
}

function pageOf(answer: unknown): ChannelPage {
  const { channels, isTruncated, nextMarker } = Object(answer);
  return {
    isTruncated,
    nextMarker,
    channels: channels.map(({ Name, Description, Status, LastModified, ...urls }: Record<string, string>) => ({
      name: Name,
      description: Description,
      status: Status,
      lastModifiedSec: secondsOf(LastModified),
      publishUrls: urls.PublishUrls,
      playUrls: urls.PlayUrls,
    })),
  };
}

function secondsOf(time: string | undefined): number {
  return Date.parse(time ?? '') / 1000;
}
