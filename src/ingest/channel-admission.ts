import type { AuthMode } from '../aliyun/auth/mode.ts';
import { hasRtmpCredentials, verifyRtmpUrl } from '../aliyun/auth/rtmp-url.ts';
import type { AccessKey, KeyRing } from '../aliyun/auth/signed-request.ts';
import type { Endpoint } from '../aliyun/endpoint.ts';
import type { Clock } from '../base/clock.ts';
import { OssError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Admission, ChannelService } from '../oss/channel/channel-service.ts';
import type { PublishRequest, Refusal } from '../rtmp/publish.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { type PublishAddress, queryParameter, readPublishAddress } from './address.ts';

export interface AdmissionOptions {
  readonly clock: Clock;
  readonly endpoint: Endpoint;
  readonly keys: KeyRing;
  readonly metadata: MetadataStore;
  readonly channels: ChannelService;
  readonly authMode: AuthMode;
  readonly log: Log;
}

interface Target {
  readonly bucket: string;
  readonly channel: string;
}

/**
 * Decides on one `publish`: address, bucket, signature or ACL, then the channel itself (exists, enabled, free).
 * @throws OssError
 */
export async function admitPublish<Result>(
  request: PublishRequest,
  options: AdmissionOptions,
  attach: (admission: Admission) => Promise<Result>,
): Promise<Result> {
  const address = readPublishAddress(request, options.endpoint);
  if (!address) {
    throw new OssError(
      'InvalidArgument',
      'The URL must be rtmp://<host>/live/<channel> or rtmp://<host>/<bucket>/live/<channel>.',
    );
  }
  const { bucket, channel } = await findTarget(address, options);
  const playlistName = queryParameter(address.rawQuery, 'playlistName');
  return options.channels.admit(
    { bucket, channel, remoteAddr: request.remoteAddr, ...(playlistName === undefined ? {} : { playlistName }) },
    attach,
  );
}

/**
 * The channel that is meant, once it is clear that the publisher may. On a bare IP address some SDKs leave the bucket
 * out: then it is the one whose channel the signature fits, or the only one that needs no signature.
 */
async function findTarget(address: PublishAddress, options: AdmissionOptions): Promise<Target> {
  const { rawQuery, channel } = address;
  const candidates =
    address.bucket === undefined ? await findBuckets(channel, options) : [{ bucket: address.bucket, channel }];
  if (!hasRtmpCredentials(rawQuery)) {
    const open = await openToAll(candidates, options.metadata);
    const [only, ...others] = open;
    if (only && others.length === 0) return only;
  }
  const { key, ...target } = identify(rawQuery, candidates, options);
  if (!(await options.metadata.getBucket(target.bucket))) {
    throw new OssError('NoSuchBucket', 'The specified bucket does not exist.', { ec: '0015-00000101' });
  }
  if (key?.readOnly) {
    throw new OssError('AccessDenied', 'You have no right to access this object.', {
      ec: '0003-00000201',
      reason: 'the access key is read-only',
    });
  }
  return target;
}

/** Whose push it is, and into which of the candidates. Without a key it was let through unchecked. */
function identify(
  rawQuery: string,
  candidates: readonly Target[],
  { authMode, clock, keys, log }: AdmissionOptions,
): Target & { readonly key?: AccessKey } {
  const [first] = candidates;
  if (authMode === 'off' && first) return first;
  try {
    return verifyRtmpUrl(rawQuery, candidates, { nowMs: clock.now(), keys });
  } catch (error) {
    if (authMode === 'strict' || !first || !(error instanceof OssError)) throw error;
    log.warn('auth.let-through', { ...first, code: error.code, ec: error.ec, reason: error.reason });
    return first;
  }
}

async function findBuckets(channel: string, { metadata }: AdmissionOptions): Promise<readonly Target[]> {
  const found = await metadata.findChannels(channel);
  if (found.length > 0) return found.map(({ bucket }) => ({ bucket, channel }));
  throw new OssError('NoSuchLiveChannel', 'The specified live channel does not exist.', {
    ec: '0026-00000021',
    reason: 'the URL names no bucket, and no bucket has a channel of this name',
  });
}

async function openToAll(candidates: readonly Target[], metadata: MetadataStore): Promise<readonly Target[]> {
  const buckets = await Promise.all(candidates.map(({ bucket }) => metadata.getBucket(bucket)));
  return candidates.filter((_, index) => buckets[index]?.acl === 'public-read-write');
}

/** The answer in the words of NetStream; code and EC stand in the description, where ffmpeg and OBS print them. */
export function rtmpRefusal(error: OssError): Refusal {
  const description = [error.code, error.ec].filter(Boolean).join(' ');
  if (error.code === 'ChannelStillLive')
    return { code: 'NetStream.Publish.BadName', description: 'Already publishing' };
  const code = isAuthentication(error) ? 'NetStream.Publish.Unauthorized' : 'NetStream.Publish.Denied';
  return { code, description: `${description}: ${error.message}${adviceOn(error)}` };
}

/** Whoever meant a stream of ApsaraVideo Live that is called like a channel's URL is told how to say so. */
function adviceOn({ code }: OssError): string {
  return code === 'NoSuchLiveChannel'
    ? ' For a stream of ApsaraVideo Live in the application live, add ?vhost=<domain>.'
    : '';
}

function isAuthentication(error: OssError): boolean {
  return error.status === 403 || error.ec?.startsWith('0002-') === true;
}
