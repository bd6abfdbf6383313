/**
 * The documents of the LiveChannel operations. Shapes: PutLiveChannel, GetLiveChannelInfo, -Stat, -History, List pages.
 */
import type { ChannelStat } from '../../media/stat.ts';
import type { ChannelRecord, SessionRecord } from '../../storage/metadata/records.ts';
import { childOf, childrenOf, readXml, textOf, type XmlElement } from './read.ts';
import { writeXml, xmlTime } from './write.ts';

/** What a PutLiveChannel body says. Undefined: the element is absent; `''`: it is there and empty. */
export interface ChannelConfigurationInput {
  readonly description?: string | undefined;
  readonly status?: string | undefined;
  readonly target?: TargetInput | undefined;
  readonly snapshots: readonly SnapshotInput[];
}

export interface TargetInput {
  readonly type?: string | undefined;
  readonly fragDuration?: string | undefined;
  readonly fragCount?: string | undefined;
  readonly playlistName?: string | undefined;
}

export interface SnapshotInput {
  readonly roleName?: string | undefined;
  readonly destBucket?: string | undefined;
  readonly notifyTopic?: string | undefined;
  readonly interval?: string | undefined;
}

export type ChannelConfiguration = Pick<
  ChannelRecord,
  'description' | 'status' | 'fragDurationSec' | 'fragCount' | 'playlistName' | 'snapshot'
>;

export interface ChannelUrls {
  readonly publishUrl: string;
  readonly playUrl: string;
}

export type FinishedSession = Pick<SessionRecord, 'startedMs' | 'remoteAddr'> & { readonly endedMs: number };

export interface ChannelListDocument {
  readonly prefix: string;
  readonly marker: string;
  readonly maxKeys: number;
  /** The last name returned when more remain, otherwise empty. */
  readonly nextMarker: string;
  readonly channels: readonly (ChannelUrls &
    Pick<ChannelRecord, 'name' | 'description' | 'status' | 'lastModifiedMs'>)[];
}

/** @throws OssError MalformedXML when it is not such a document. Values are not checked here. */
export function readChannelConfiguration(body: Buffer, maxBytes: number): ChannelConfigurationInput {
  const root = readXml(body, 'LiveChannelConfiguration', maxBytes);
  const target = childOf(root, 'Target');
  return {
    description: textOf(root, 'Description'),
    status: textOf(root, 'Status'),
    target: target && readTarget(target),
    snapshots: childrenOf(root, 'Snapshot').map(readSnapshot),
  };
}

export function channelConfigurationDocument(channel: ChannelConfiguration): string {
  const { snapshot } = channel;
  return writeXml('LiveChannelConfiguration', {
    Description: channel.description,
    Status: channel.status,
    Target: {
      Type: 'HLS',
      FragDuration: channel.fragDurationSec,
      FragCount: channel.fragCount,
      PlaylistName: channel.playlistName,
    },
    // Without a snapshot there is no element: the ali-oss test compares the whole document with what it sent.
    Snapshot: snapshot
      ? {
          RoleName: snapshot.roleName,
          DestBucket: snapshot.destBucket,
          NotifyTopic: snapshot.notifyTopic,
          Interval: snapshot.intervalSec,
        }
      : undefined,
  });
}

export function createLiveChannelResult({ publishUrl, playUrl }: ChannelUrls): string {
  return writeXml('CreateLiveChannelResult', { PublishUrls: { Url: publishUrl }, PlayUrls: { Url: playUrl } });
}

/** Only the status unless it is Live: Go, Python and Java fail on empty elements for times and streams. */
export function channelStatDocument(stat: ChannelStat): string {
  if (stat.status !== 'Live') return writeXml('LiveChannelStat', { Status: stat.status });
  const { video, audio } = stat;
  return writeXml('LiveChannelStat', {
    Status: stat.status,
    ConnectedTime: xmlTime(stat.connectedMs),
    RemoteAddr: stat.remoteAddr,
    Video: video && {
      Width: Math.round(video.width),
      Height: Math.round(video.height),
      FrameRate: Math.round(video.frameRate),
      Bandwidth: Math.round(video.bandwidth),
      Codec: video.codec,
    },
    Audio: audio && {
      Bandwidth: Math.round(audio.bandwidth),
      SampleRate: Math.round(audio.sampleRate),
      Codec: audio.codec,
    },
  });
}

/** Oldest first. */
export function channelHistoryDocument(sessions: readonly FinishedSession[]): string {
  return writeXml('LiveChannelHistory', {
    LiveRecord: sessions.map((session) => ({
      StartTime: xmlTime(session.startedMs),
      EndTime: xmlTime(session.endedMs),
      RemoteAddr: session.remoteAddr,
    })),
  });
}

/** Every element is present even when empty: Python and C# read each. */
export function listLiveChannelResult(list: ChannelListDocument): string {
  return writeXml('ListLiveChannelResult', {
    Prefix: list.prefix,
    Marker: list.marker,
    MaxKeys: list.maxKeys,
    IsTruncated: list.nextMarker !== '',
    NextMarker: list.nextMarker,
    LiveChannel: list.channels.map((channel) => ({
      Name: channel.name,
      Description: channel.description,
      Status: channel.status,
      LastModified: xmlTime(channel.lastModifiedMs),
      PublishUrls: { Url: channel.publishUrl },
      PlayUrls: { Url: channel.playUrl },
    })),
  });
}

function readTarget(target: XmlElement): TargetInput {
  return {
    type: textOf(target, 'Type'),
    fragDuration: textOf(target, 'FragDuration'),
    fragCount: textOf(target, 'FragCount'),
    playlistName: textOf(target, 'PlaylistName'),
  };
}

function readSnapshot(snapshot: XmlElement): SnapshotInput {
  return {
    roleName: textOf(snapshot, 'RoleName'),
    destBucket: textOf(snapshot, 'DestBucket'),
    notifyTopic: textOf(snapshot, 'NotifyTopic'),
    interval: textOf(snapshot, 'Interval'),
  };
}
