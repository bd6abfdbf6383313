/** The LiveChannel operations over HTTP: requests to calls of the channel service, results to answers. */
import { playUrl, publishUrl } from '../../aliyun/endpoint.ts';
import {
  channelConfigurationDocument,
  channelHistoryDocument,
  channelStatDocument,
  createLiveChannelResult,
  listLiveChannelResult,
  readChannelConfiguration,
} from '../../aliyun/xml/channel-documents.ts';
import { invalidArgument } from '../../base/errors.ts';
import type { Answer } from '../../http/answer.ts';
import type { ChannelRecord } from '../../storage/metadata/records.ts';
import type { VodQuery } from '../channel/vod.ts';
import { given } from './query.ts';
import { MAX_XML_BYTES, readDocument } from './request-body.ts';
import { type BucketCall, type Call, emptyAnswer, type Services, xmlAnswer } from './rest-call.ts';

export async function putLiveChannel(call: BucketCall, { channels }: Services): Promise<Answer> {
  const config = readChannelConfiguration(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  const channel = await channels.put(call.bucketName, call.key, config);
  // Only the sample of this operation has this header.
  return xmlAnswer(createLiveChannelResult(urlsOf(call, channel)), { 'x-oss-bucket-storage-type': 'standard' });
}

export async function listLiveChannel(call: BucketCall, { channels }: Services): Promise<Answer> {
  const page = await channels.list(call.bucketName, {
    ...given('prefix', call.query.get('prefix')),
    ...given('marker', call.query.get('marker')),
    ...given('maxKeys', call.query.get('max-keys')),
  });
  const entries = page.channels.map((channel) => {
    const { name, description, status, lastModifiedMs } = channel;
    const { publishUrl, playUrl } = urlsOf(call, channel);
    return { name, description, status, lastModifiedMs, publishUrl, playUrl };
  });
  return xmlAnswer(listLiveChannelResult({ ...page, channels: entries }));
}

/** 204 also when the channel does not exist (C++ SDK test). */
export async function deleteLiveChannel(call: BucketCall, { channels }: Services): Promise<Answer> {
  await channels.delete(call.bucketName, call.key);
  return emptyAnswer(204);
}

export async function putLiveChannelStatus(call: BucketCall, { channels }: Services): Promise<Answer> {
  await channels.putStatus(call.bucketName, call.key, call.query.get('status') ?? '');
  return emptyAnswer(200);
}

export async function getLiveChannelInfo(call: BucketCall, { channels }: Services): Promise<Answer> {
  const comp = call.query.get('comp');
  if (comp !== undefined) {
    throw invalidArgument('comp', comp, 'The parameter comp must be stat or history.');
  }
  return xmlAnswer(channelConfigurationDocument(await channels.info(call.bucketName, call.key)));
}

export async function getLiveChannelStat(call: BucketCall, { channels }: Services): Promise<Answer> {
  return xmlAnswer(channelStatDocument(await channels.stat(call.bucketName, call.key)));
}

/** Only finished pushes: every SDK reads EndTime, and some fail without it. */
export async function getLiveChannelHistory(call: BucketCall, { channels }: Services): Promise<Answer> {
  const sessions = await channels.history(call.bucketName, call.key);
  const finished = sessions.flatMap((session) =>
    session.endedMs === null ? [] : [{ ...session, endedMs: session.endedMs }],
  );
  return xmlAnswer(channelHistoryDocument(finished));
}

export async function postVodPlaylist(call: BucketCall, { vod }: Services): Promise<Answer> {
  // The name of a channel has no slash, so the last slash ends it. The VOD service checks both names.
  const slash = call.key.lastIndexOf('/');
  const channel = call.key.slice(0, Math.max(0, slash));
  const { etag } = await vod.post(call.bucketName, channel, call.key.slice(slash + 1), timeRange(call));
  return emptyAnswer(200, { etag: `"${etag}"` });
}

export async function getVodPlaylist(call: BucketCall, { vod }: Services): Promise<Answer> {
  const { pieces, sizeBytes, etag } = await vod.get(call.bucketName, call.key, timeRange(call));
  return {
    status: 200,
    headers: { 'content-type': 'application/x-mpegURL', etag: `"${etag}"`, 'content-length': String(sizeBytes) },
    body: pieces,
  };
}

function timeRange({ query }: Call): VodQuery {
  return { ...given('startTime', query.get('startTime')), ...given('endTime', query.get('endTime')) };
}

function urlsOf({ urls, bucketName }: Call, channel: ChannelRecord): { publishUrl: string; playUrl: string } {
  return {
    publishUrl: publishUrl(urls, bucketName, channel.name),
    playUrl: playUrl(urls, bucketName, channel.name, channel.playlistName),
  };
}
