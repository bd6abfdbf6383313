import type { AuthMode } from '../aliyun/auth/mode.ts';
import { hasRtmpCredentials, verifyRtmpUrl } from '../aliyun/auth/rtmp-url.ts';
import type { AccessKey, KeyRing } from '../aliyun/auth/signed-request.ts';
import { OssError } from '../base/errors.ts';
import type { ChannelName } from '../base/push-source.ts';
import type { ChannelService } from '../oss/channel/channel-service.ts';
import type { PublishCommand, Publisher, Refusal } from '../rtmp/publish.ts';
import type { ChannelRecord, MetadataStore } from '../storage/metadata/metadata-store.ts';
import { type ChannelPushDeps, openChannelPush } from './channel-push.ts';
import type { IngestFaults } from './ingest-faults.ts';
import type { ChannelPushAddress } from './push-address.ts';
import { decodeUrlText } from './pushed-url.ts';
import { adviseOnChannel, adviseOnSignature, noSuchChannelAnywhere } from './refused-channel.ts';
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
  const admitted = channels.admit(request, async (admission) => {
    const muxer = faults?.muxer(deps.muxer, { bucket, channel }) ?? deps.muxer;
    const onEnded = () => registry.remove(registered.push.source);
    const registered = await openChannelPush({ admission, publisher, onEnded }, { ...deps, muxer });
    const { id: sessionId } = admission.session;
    registry.add(registered);
    log.info('publish.accepted', { session: sessionId, bucket, channel, remote: remoteAddr });
    events.emit({ type: 'publish.accepted', bucket, channel, sessionId, remoteAddr });
    return registered;
  });
  return admitted.catch(async (error: unknown) => {
    if (!(error instanceof OssError) || error.code !== 'NoSuchLiveChannel') throw error;
    throw await adviseOnChannel(error, { bucket, channel }, deps.metadata);
  });
}

/**
 * The channel that is meant, when the publisher may push to it. On a bare IP address some SDKs leave the bucket out:
 * then it is the one whose channel the signature fits, or the only one that needs no signature.
 */
async function findChannel(address: ChannelPushAddress, deps: ChannelAdmissionDeps): Promise<ChannelName> {
  const { metadata } = deps;
  const candidates = await findCandidates(address, deps);
  if (!hasRtmpCredentials(address.rawQuery)) {
    const open = await openToAll(candidates, metadata);
    const [only, ...others] = open;
    if (only && others.length === 0) return only;
  }
  const { key, ...found } = await identify(address, candidates, deps);
  if (!(await metadata.getBucket(found.bucket))) {
    const error = new OssError('NoSuchBucket', 'The specified bucket does not exist.', { ec: '0015-00000101' });
    throw await adviseOnChannel(error, found, metadata);
  }
  if (key?.readOnly) {
    throw new OssError('AccessDenied', 'You have no right to access this object.', {
      ec: '0003-00000201',
      reason: 'the access key is read-only',
      advice: 'The access key is read-only.',
    });
  }
  return found;
}

/** The channel of the candidates, and the key of the signature. Without a key the push was admitted unchecked. */
async function identify(
  { bucket, channel, rawQuery }: ChannelPushAddress,
  candidates: readonly ChannelName[],
  { authMode, clock, keys, log, metadata }: ChannelAdmissionDeps,
): Promise<ChannelName & { readonly key?: AccessKey }> {
  const [first] = candidates;
  if (authMode === 'off' && first) return first;
  const context = { nowMs: clock.now(), keys };
  try {
    return verifyRtmpUrl(rawQuery, candidates, context);
  } catch (error) {
    if (!(error instanceof OssError)) throw error;
    const refusal = await adviseOnSignature(error, { bucket, channel }, rawQuery, metadata, context);
    if (authMode === 'strict' || !first) throw refusal;
    log.warn('auth.let-through', { ...first, code: refusal.code, ec: refusal.ec, reason: refusal.reason });
    return first;
  }
}

/** The channels that the address can mean, those that exist first. */
async function findCandidates(
  { bucket, channel, rawQuery }: ChannelPushAddress,
  { authMode, clock, keys, metadata }: ChannelAdmissionDeps,
): Promise<readonly ChannelName[]> {
  const decoded = decodeUrlText(channel) ?? channel;
  // A name that still has escapes is such a name, or was encoded twice.
  const names = decoded === channel ? [channel] : [channel, decoded];
  const found = await Promise.all(names.map((name) => findNamed(bucket, name, metadata)));
  const existing = found.flat();
  if (existing.length > 0) return existing.map(({ bucket, name }) => ({ bucket, channel: name }));
  if (bucket !== undefined) return names.map((name) => ({ bucket, channel: name }));
  const isChecked = authMode === 'strict' && hasRtmpCredentials(rawQuery);
  throw await noSuchChannelAnywhere(channel, isChecked ? rawQuery : undefined, metadata, { nowMs: clock.now(), keys });
}

async function findNamed(
  bucket: string | undefined,
  channel: string,
  metadata: MetadataStore,
): Promise<readonly ChannelRecord[]> {
  if (bucket === undefined) return metadata.findChannels(channel);
  const record = await metadata.getChannel(bucket, channel);
  return record ? [record] : [];
}

async function openToAll(candidates: readonly ChannelName[], metadata: MetadataStore): Promise<readonly ChannelName[]> {
  const buckets = await Promise.all(candidates.map(({ bucket }) => metadata.getBucket(bucket)));
  return candidates.filter((_, index) => buckets[index]?.acl === 'public-read-write');
}

/** The refusal as NetStream gives it; code and EC are in the description, which ffmpeg and OBS print. */
export function rtmpRefusal(error: OssError): Refusal {
  const reference = [error.code, error.ec].filter(Boolean).join(' ');
  if (error.code === 'ChannelStillLive')
    return { code: 'NetStream.Publish.BadName', description: 'Already publishing' };
  const code = isAuthentication(error) ? 'NetStream.Publish.Unauthorized' : 'NetStream.Publish.Denied';
  return { code, description: `${reference}: ${error.message}${adviceOn(error)}` };
}

/** What helps the person at the encoder; also one who meant a stream of ApsaraVideo Live. */
function adviceOn({ code, advice }: OssError): string {
  const vhost = 'For a stream of ApsaraVideo Live in the application live, add ?vhost=<domain>.';
  return [advice, code === 'NoSuchLiveChannel' ? vhost : undefined]
    .filter((sentence) => sentence !== undefined)
    .map((sentence) => ` ${sentence}`)
    .join('');
}

function isAuthentication(error: OssError): boolean {
  return error.status === 403 || error.ec?.startsWith('0002-') === true;
}
