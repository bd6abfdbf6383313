import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { hostOf } from '../../net/socket-addresses.ts';
import { paginate, STREAM_PAGES } from '../../rpc/paging.ts';
import { optionalChoice, optionalText, optionalTime, type Parameters, requiredText } from '../../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../../rpc/rpc-call.ts';
import type { LiveServices } from '../services.ts';
import type { OnlineStream, StreamPush } from './publishing-streams.ts';
import { readPeriod, readStreamName } from './stream-parameters.ts';

const STREAM = ['DomainName', 'AppName', 'StreamName'];
/** How long a stream is blocked by default: six months. */
const BLOCK_MS = 180 * 24 * 3_600_000;
/** The service reports the CodecIDs of FLV. */
const CODEC_ID = { h264: 7, aac: 10 };

export const STREAM_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
  { name: 'DescribeLiveStreamsOnlineList', required: ['DomainName'], run: describeOnlineList },
  { name: 'DescribeLiveStreamState', required: STREAM, run: describeState },
  {
    name: 'DescribeLiveStreamsPublishList',
    required: ['DomainName', 'StartTime', 'EndTime'],
    run: describePublishList,
  },
  { name: 'ForbidLiveStream', required: [...STREAM, 'LiveStreamType'], run: forbidStream },
  { name: 'ResumeLiveStream', required: [...STREAM, 'LiveStreamType'], run: resumeStream },
  { name: 'DescribeLiveStreamsBlockList', required: ['DomainName'], run: describeBlockList },
];

async function describeOnlineList({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const domain = services.domains.check(requiredText(parameters, 'DomainName'));
  const wanted = nameFilter(parameters);
  const isTranscoded = optionalChoice(parameters, 'StreamType', ['all', 'raw', 'trans']) === 'trans';
  const online = isTranscoded ? [] : await services.streams.onlineAnywhere(domain);
  const publishing = online.filter(({ push }) => wanted(push));
  const { items, fields } = paginate(publishing, parameters, STREAM_PAGES);
  return { ...fields, OnlineInfo: { LiveStreamOnlineInfo: items.map((stream) => onlineInfo(stream, domain)) } };
}

function onlineInfo(publishing: OnlineStream, domain: string): RpcContent {
  const { push } = publishing;
  const { video, audio } = publishing.stat();
  return {
    ...publishFields(push, domain),
    ClientIp: hostOf(push.remoteAddr),
    ServerIp: hostOf(push.localAddr),
    Width: video?.width,
    Height: video?.height,
    FrameRate: video?.frameRate,
    VideoCodecId: video && CODEC_ID.h264,
    AudioCodecId: audio && CODEC_ID.aac,
    VideoDataRate: video && kilobits(video.bandwidth),
    AudioDataRate: audio && kilobits(audio.bandwidth),
  };
}

async function describeState({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { domain, app, stream } = readStreamName(parameters, services);
  const online = await services.streams.onlineAnywhere(domain);
  const isPublishing = online.some(({ push: { source } }) => source.app === app && source.stream === stream);
  return { StreamState: isPublishing ? 'online' : 'offline', Type: 'push' };
}

const ORDERS = ['publish_time_asc', 'publish_time_desc', 'stream_name_asc', 'stream_name_desc'] as const;

/** The pushes that overlap the period. */
async function describePublishList({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const domain = services.domains.check(requiredText(parameters, 'DomainName'));
  const { startMs, endMs } = readPeriod(parameters, 30);
  const wanted = nameFilter(parameters);
  const order = optionalChoice(parameters, 'OrderBy', ORDERS);
  const pushes = (await services.streams.history(domain)).filter(
    (push) => push.startedMs <= endMs && (push.endedMs ?? endMs) >= startMs && wanted(push),
  );
  const byName = (a: StreamPush, b: StreamPush) => (a.source.stream < b.source.stream ? -1 : 1);
  const ascending = order.startsWith('stream_name') ? pushes.toSorted(byName) : pushes;
  const ordered = order.endsWith('desc') ? ascending.toReversed() : ascending;
  const { items, fields } = paginate(ordered, parameters, STREAM_PAGES, 'PageNumber');
  return { ...fields, PublishInfo: { LiveStreamPublishInfo: items.map((push) => publishInfo(push, domain)) } };
}

function publishInfo(push: StreamPush, domain: string): RpcContent {
  return {
    ...publishFields(push, domain),
    StopTime: push.endedMs === null ? '' : formatRpcTime(push.endedMs),
    StreamUrl: `rtmp://${domain}/${push.source.app}/${push.source.stream}`,
    TranscodeId: '',
    ClientAddr: hostOf(push.remoteAddr),
    EdgeNodeAddr: hostOf(push.localAddr),
  };
}

function publishFields({ source, startedMs, publishDomain }: OnlineStream['push'], domain: string): RpcContent {
  const { app, stream } = source;
  return {
    DomainName: domain,
    AppName: app,
    StreamName: stream,
    PublishTime: formatRpcTime(startedMs),
    PublishUrl: `rtmp://${publishDomain}/${app}/${stream}`,
    PublishDomain: publishDomain,
    PublishType: 'edge',
    Transcoded: 'no',
  };
}

/** Disconnects the publisher and blocks the stream, unless the call is for one time only. */
async function forbidStream({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { domain, app, stream } = readStreamName(parameters, services);
  checkStreamType(parameters);
  const once = optionalChoice(parameters, 'Oneshot', ['no', 'yes']) === 'yes';
  const nowMs = services.clock.now();
  const resumeMs = optionalTime(parameters, 'ResumeTime', 'InvalidResumeTime.Malformed') ?? nowMs + BLOCK_MS;
  if (resumeMs <= nowMs) throw new RpcError('InvalidResumeTime.Malformed', { reason: 'ResumeTime is in the past' });
  if (!once && !(await services.streams.block(domain, { app, stream, resumeMs }))) {
    throw new RpcError('ConfigAlreadyExists', { reason: `${domain}/${app}/${stream} is blocked already` });
  }
  for (const publishing of await services.streams.onlineAnywhere(domain)) {
    const { source } = publishing.push;
    const isMeant = source.app === app && source.stream === stream;
    if (isMeant) await publishing.cut('NetStream.Publish.Denied', 'The stream was forbidden by its owner.');
  }
  return {};
}

async function resumeStream({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { domain, app, stream } = readStreamName(parameters, services);
  checkStreamType(parameters);
  await services.streams.unblock(domain, app, stream);
  return {};
}

async function describeBlockList({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const domain = services.domains.check(requiredText(parameters, 'DomainName'));
  const { items, fields } = paginate(await services.streams.blocked(domain), parameters, STREAM_PAGES);
  const urls = items.map(({ app, stream }) => `${domain}/${app}/${stream}`);
  return { DomainName: domain, ...fields, StreamUrls: { StreamUrl: urls } };
}

function checkStreamType(parameters: Parameters): void {
  optionalChoice(parameters, 'LiveStreamType', ['publisher']);
}

/** `fuzzy`, the default, matches also a part of a name. */
function nameFilter(parameters: Parameters): (push: Pick<StreamPush, 'source'>) => boolean {
  const isStrict = optionalChoice(parameters, 'QueryType', ['fuzzy', 'strict']) === 'strict';
  const app = optionalText(parameters, 'AppName');
  const stream = optionalText(parameters, 'StreamName');
  const fits = (name: string, wanted: string | undefined) =>
    wanted === undefined || (isStrict ? name === wanted : name.includes(wanted));
  return ({ source }) => fits(source.app, app) && fits(source.stream, stream);
}

function kilobits(bytesPerSec: number): number {
  return Math.round((bytesPerSec * 8) / 1000);
}
