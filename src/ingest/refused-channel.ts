/**
 * Looks among the channels that exist for the one that a refused publisher may have meant. Their names are told only to
 * somebody who may list them: the holder of a valid signature, or anybody where nothing is checked. The number of names
 * is limited, because this is done for every refusal.
 */
import { findSignedChannel, type RtmpUrlContext, type VerifiedRtmpUrl } from '../aliyun/auth/rtmp-url.ts';
import type { QueryParameter } from '../aliyun/auth/signed-request.ts';
import { OssError, withAdvice } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { ChannelName } from '../base/push-source.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';

const MAX_BUCKETS = 50;
const MAX_CHANNELS = 500;

/** What the address says. */
export interface MeantChannel {
  readonly bucket: string | undefined;
  readonly channel: string;
}

/** The refusal of a signature that fits no channel of the address: with the channel it fits, if there is one. */
export async function adviseOnSignature(
  error: OssError,
  meant: MeantChannel,
  query: readonly QueryParameter[],
  metadata: MetadataStore,
  context: RtmpUrlContext,
): Promise<OssError> {
  if (error.code !== 'SignatureDoesNotMatch' || error.comparison?.signed !== undefined) return error;
  const signed = findSignedChannel(query, await listCandidates(meant, metadata), context);
  return signed ? signedForAnother(error, signed, meant) : error;
}

/** The secret is right, so that the publisher is not told to check it. */
function signedForAnother({ code, ec, comparison }: OssError, signed: VerifiedRtmpUrl, meant: MeantChannel): OssError {
  const message = describeSigned(signed, meant);
  return new OssError(code, message, {
    reason: message,
    ...(ec !== undefined && { ec }),
    ...(comparison && { comparison: { expected: comparison.expected, signed: signed.stringToSign } }),
  });
}

/** The refusal of an address without a bucket whose channel is in no bucket. */
export async function noSuchChannelAnywhere(
  channel: string,
  query: readonly QueryParameter[] | undefined,
  metadata: MetadataStore,
  context: RtmpUrlContext,
): Promise<OssError> {
  const meant = { bucket: undefined, channel };
  const error = new OssError('NoSuchLiveChannel', 'The specified live channel does not exist.', {
    ec: '0026-00000021',
    reason: 'the URL names no bucket, and no bucket has a channel of this name',
  });
  const signed = query && findSignedChannel(query, await listCandidates(meant, metadata), context);
  if (!signed) return error;
  if (signed.channel !== channel) return withAdvice(error, describeSigned(signed, meant));
  return adviseOnChannel(error, signed, metadata);
}

/**
 * The refusal of a bucket or a channel that does not exist, for somebody who may publish there if it did. With an `owner`
 * only the buckets of that account are named.
 */
export async function adviseOnChannel(
  error: OssError,
  { bucket, channel }: ChannelName,
  metadata: MetadataStore,
  owner?: string,
): Promise<OssError> {
  const [what, name, known] =
    error.code === 'NoSuchBucket'
      ? ['bucket', bucket, await listBucketNames(metadata, owner)]
      : ['channel', channel, await listChannelNames(bucket, metadata)];
  const similar = nearest(name, known);
  if (similar !== undefined) return withAdvice(error, `Did you mean the ${what} "${similar}"?`);
  return withAdvice(error, `There is no ${what} "${name}".`);
}

function describeSigned(signed: ChannelName, meant: MeantChannel): string {
  if (meant.bucket === undefined || signed.bucket === meant.bucket) {
    return `The URL was signed for the channel "${signed.channel}", not for "${meant.channel}".`;
  }
  if (signed.channel === meant.channel) {
    return `The URL was signed for the bucket "${signed.bucket}", not for "${meant.bucket}".`;
  }
  return `The URL was signed for the channel "${signed.channel}" in the bucket "${signed.bucket}".`;
}

/** The channel in every bucket, and every channel; those of the bucket in the address first. */
async function listCandidates(
  { bucket, channel }: MeantChannel,
  metadata: MetadataStore,
): Promise<readonly ChannelName[]> {
  const others = (await listBucketNames(metadata)).filter((name) => name !== bucket);
  const buckets = bucket === undefined ? others : [bucket, ...others];
  const candidates = buckets.map((name): ChannelName => ({ bucket: name, channel }));
  for (const name of buckets) {
    const limit = MAX_BUCKETS + MAX_CHANNELS - candidates.length;
    if (limit <= 0) break;
    const channels = await listChannelNames(name, metadata, limit);
    candidates.push(...channels.map((found) => ({ bucket: name, channel: found })));
  }
  return candidates;
}

async function listBucketNames(metadata: MetadataStore, owner?: string): Promise<readonly string[]> {
  const { items } = await metadata.listBuckets({
    prefix: '',
    marker: '',
    limit: MAX_BUCKETS,
    ...(owner !== undefined && { owner }),
  });
  return items.map(({ name }) => name);
}

async function listChannelNames(
  bucket: string,
  metadata: MetadataStore,
  limit = MAX_CHANNELS,
): Promise<readonly string[]> {
  const { items } = await metadata.listChannels(bucket, { prefix: '', marker: '', limit });
  return items.map(({ name }) => name);
}
