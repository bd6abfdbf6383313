import type { AuthMode } from '../aliyun/auth/mode.ts';
import { hasRtmpCredentials, verifyRtmpUrl } from '../aliyun/auth/rtmp-url.ts';
import type { AccessKey, KeyRing } from '../aliyun/auth/signed-request.ts';
import { OssError } from '../base/errors.ts';
import type { ChannelName } from '../base/push-source.ts';
import type { ChannelService } from '../oss/channel/channel-service.ts';
import type { PublishCommand, Publisher, Refusal } from '../rtmp/publish.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { type ChannelPushDeps, openChannelPush } from './channel-push.ts';
import type { IngestFaults } from './ingest-faults.ts';
import type { ChannelPushAddress } from './push-address.ts';
import type { RegisteredChannel, Registry } from './registry.ts';

export interface ChannelAdmissionDeps extends ChannelPushDeps {
  readonly registry: Registry;
  readonly channels: ChannelService;
  readonly keys: KeyRing;
  readonly authMode: AuthMode;
  readonly faults?: IngestFaults;
}

/**
 * Decides on one `publish` to a channel: bucket, signature or ACL, then the channel itself (exists, enabled, free).
 * @throws OssError when it is refused
 */
export async function admitToChannel(
  address: ChannelPushAddress,
  { remoteAddr }: PublishCommand,
  publisher: Publisher,
  deps: ChannelAdmissionDeps,
): Promise<RegisteredChannel> {
  const { channels, events, faults, log, registry } = deps;
  const { bucket, channel } = await findChannel(address, deps);
  const { playlistName } = address;
  const request = { bucket, channel, remoteAddr, ...(playlistName !== undefined && { playlistName }) };
  return channels.admit(request, async (admission) => {
    const muxer = faults?.muxer(deps.muxer, { bucket, channel }) ?? deps.muxer;
    const onEnded = () => registry.remove(registered.push.source);
    const registered = await openChannelPush({ admission, publisher, onEnded }, { ...deps, muxer });
    const { id: sessionId } = admission.session;
    registry.add(registered);
    log.info('publish.accepted', { session: sessionId, bucket, channel, remote: remoteAddr });
    events.emit({ type: 'publish.accepted', bucket, channel, sessionId, remoteAddr });
    return registered;
  });
}

/**
 * The channel that is meant, when the publisher may push to it. On a bare IP address some SDKs leave the bucket out:
 * then it is the one whose channel the signature fits, or the only one that needs no signature.
 */
async function findChannel(
  { bucket, channel, rawQuery }: ChannelPushAddress,
  deps: ChannelAdmissionDeps,
): Promise<ChannelName> {
  const candidates = bucket === undefined ? await findCandidates(channel, deps) : [{ bucket, channel }];
  if (!hasRtmpCredentials(rawQuery)) {
    const open = await openToAll(candidates, deps.metadata);
    const [only, ...others] = open;
    if (only && others.length === 0) return only;
  }
  const { key, ...found } = identify(rawQuery, candidates, deps);
  if (!(await deps.metadata.getBucket(found.bucket))) {
    throw new OssError('NoSuchBucket', 'The specified bucket does not exist.', { ec: '0015-00000101' });
  }
  if (key?.readOnly) {
    throw new OssError('AccessDenied', 'You have no right to access this object.', {
      ec: '0003-00000201',
      reason: 'the access key is read-only',
    });
  }
  return found;
}

/** The channel of the candidates, and the key of the signature. Without a key the push was admitted unchecked. */
function identify(
  rawQuery: string,
  candidates: readonly ChannelName[],
  { authMode, clock, keys, log }: ChannelAdmissionDeps,
): ChannelName & { readonly key?: AccessKey } {
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

async function findCandidates(channel: string, { metadata }: ChannelAdmissionDeps): Promise<readonly ChannelName[]> {
  const found = await metadata.findChannels(channel);
  if (found.length > 0) return found.map(({ bucket }) => ({ bucket, channel }));
  throw new OssError('NoSuchLiveChannel', 'The specified live channel does not exist.', {
    ec: '0026-00000021',
    reason: 'the URL names no bucket, and no bucket has a channel of this name',
  });
}

async function openToAll(candidates: readonly ChannelName[], metadata: MetadataStore): Promise<readonly ChannelName[]> {
  const buckets = await Promise.all(candidates.map(({ bucket }) => metadata.getBucket(bucket)));
  return candidates.filter((_, index) => buckets[index]?.acl === 'public-read-write');
}

/** The refusal as NetStream gives it; code and EC are in the description, which ffmpeg and OBS print. */
export function rtmpRefusal(error: OssError): Refusal {
  const description = [error.code, error.ec].filter(Boolean).join(' ');
  if (error.code === 'ChannelStillLive')
    return { code: 'NetStream.Publish.BadName', description: 'Already publishing' };
  const code = isAuthentication(error) ? 'NetStream.Publish.Unauthorized' : 'NetStream.Publish.Denied';
  return { code, description: `${description}: ${error.message}${adviceOn(error)}` };
}

/** For a user who meant a stream of ApsaraVideo Live whose URL reads like that of a channel. */
function adviceOn({ code }: OssError): string {
  return code === 'NoSuchLiveChannel'
    ? ' For a stream of ApsaraVideo Live in the application live, add ?vhost=<domain>.'
    : '';
}

function isAuthentication(error: OssError): boolean {
  return error.status === 403 || error.ec?.startsWith('0002-') === true;
}
