import type { AuthMode } from '../aliyun/auth/mode.ts';
import { decodeUrlText } from '../aliyun/auth/rtmp-query.ts';
import { hasRtmpCredentials, verifyRtmpUrl } from '../aliyun/auth/rtmp-url.ts';
import { type AccessKey, accountOf, type KeyRing, queryValue } from '../aliyun/auth/signed-request.ts';
import { commonConditionValue } from '../aliyun/policy/condition-values.ts';
import { OssError } from '../base/errors.ts';
import type { ChannelName } from '../base/push-source.ts';
import type { AccountAccessBlocks } from '../oss/access/account-access-blocks.ts';
import { type Access, authorizeAccess } from '../oss/access/authorize-access.ts';
import { policyOf } from '../oss/access/bucket-access.ts';
import type { ChannelService } from '../oss/channel/channel-service.ts';
import type { PublishCommand, Publisher, Refusal } from '../rtmp/publish.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { Bucket, ChannelRecord } from '../storage/metadata/records.ts';
import { type ChannelPushDeps, openChannelPush } from './channel-push.ts';
import type { IngestFaults } from './ingest-faults.ts';
import type { ChannelPushAddress } from './push-address.ts';
import { adviseOnChannel, adviseOnSignature, noSuchChannelAnywhere } from './refused-channel.ts';
import type { RegisteredChannel, Registry } from './registry.ts';

export interface ChannelAdmissionDeps extends ChannelPushDeps {
  readonly registry: Registry;
  readonly channels: ChannelService;
  readonly keys: KeyRing;
  readonly authMode: AuthMode;
  readonly accessBlocks: AccountAccessBlocks;
  /** Region of all buckets. */
  readonly region: string;
  readonly faults?: IngestFaults;
}

/**
 * Decides on one `publish` to a channel: bucket, signature or ACL, then the channel itself (exists, enabled, free).
 * @throws OssError when it is refused
 */
export async function admitToChannel(
  address: ChannelPushAddress,
  command: PublishCommand,
  publisher: Publisher,
  deps: ChannelAdmissionDeps,
): Promise<RegisteredChannel> {
  const { channels, events, faults, log, registry } = deps;
  const { remoteAddr } = command;
  const { bucket, channel } = await findChannel(address, command, deps);
  const playlistName = queryValue(address.parameters, 'playlistName');
  const request = { bucket, channel, remoteAddr, ...(playlistName !== undefined && { playlistName }) };
  const admitted = channels.admit(request, async (admission) => {
    const muxer = faults?.muxer(deps.muxer, { bucket, channel }) ?? deps.muxer;
    const onEnded = () => registry.remove(registered);
    const registered = await openChannelPush({ admission, publisher, onEnded }, { ...deps, muxer });
    const { id: sessionId } = admission.session;
    registry.add(registered, admission.lease);
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
async function findChannel(
  address: ChannelPushAddress,
  command: PublishCommand,
  deps: ChannelAdmissionDeps,
): Promise<ChannelName> {
  const { metadata } = deps;
  const candidates = await findCandidates(address, deps);
  if (!hasRtmpCredentials(address.parameters)) {
    const open = await openToAll(candidates, address, command, deps);
    const [only, ...others] = open;
    if (only && others.length === 0) return only;
  }
  const { key, ...found } = await identify(address, candidates, deps);
  const bucket = await metadata.getBucket(found.bucket);
  if (!bucket) {
    const error = new OssError('NoSuchBucket', 'The specified bucket does not exist.', { ec: '0015-00000101' });
    throw await adviseOnChannel(error, found, metadata, key && accountOf(key));
  }
  if (key?.readOnly) {
    throw new OssError('AccessDenied', 'You have no right to access this object.', {
      ec: '0003-00000201',
      reason: 'the access key is read-only',
      advice: 'The access key is read-only.',
    });
  }
  if (key) await authorizePublish(found.channel, { bucket, caller: key, address, command }, deps);
  return found;
}

/** The channel of the candidates, and the key of the signature. Without a key the push was admitted unchecked. */
async function identify(
  { bucket, channel, parameters }: ChannelPushAddress,
  candidates: readonly ChannelName[],
  { authMode, clock, keys, log, metadata }: ChannelAdmissionDeps,
): Promise<ChannelName & { readonly key?: AccessKey }> {
  const [first] = candidates;
  if (authMode === 'off' && first) return first;
  const context = { nowMs: clock.now(), keys };
  try {
    return verifyRtmpUrl(parameters, candidates, context);
  } catch (error) {
    if (!(error instanceof OssError)) throw error;
    const refusal = await adviseOnSignature(error, { bucket, channel }, parameters, metadata, context);
    if (authMode === 'strict' || !first) throw refusal;
    log.warn('auth.let-through', { ...first, code: refusal.code, ec: refusal.ec, reason: refusal.reason });
    return first;
  }
}

/** The channels that the address can mean, those that exist first. */
async function findCandidates(
  { bucket, channel, parameters }: ChannelPushAddress,
  { authMode, clock, keys, metadata }: ChannelAdmissionDeps,
): Promise<readonly ChannelName[]> {
  const decoded = decodeUrlText(channel) ?? channel;
  // A name that still has escapes is such a name, or was encoded twice.
  const names = decoded === channel ? [channel] : [channel, decoded];
  const found = await Promise.all(names.map((name) => findNamed(bucket, name, metadata)));
  const existing = found.flat();
  if (existing.length > 0) return existing.map(({ bucket, name }) => ({ bucket, channel: name }));
  if (bucket !== undefined) return names.map((name) => ({ bucket, channel: name }));
  const isChecked = authMode === 'strict' && hasRtmpCredentials(parameters);
  throw await noSuchChannelAnywhere(channel, isChecked ? parameters : undefined, metadata, {
    nowMs: clock.now(),
    keys,
  });
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

/** The candidates that an anonymous publisher may push to. */
async function openToAll(
  candidates: readonly ChannelName[],
  address: ChannelPushAddress,
  command: PublishCommand,
  deps: ChannelAdmissionDeps,
): Promise<readonly ChannelName[]> {
  const open: ChannelName[] = [];
  for (const candidate of candidates) {
    const bucket = await deps.metadata.getBucket(candidate.bucket);
    if (!bucket) continue;
    try {
      await authorizePublish(candidate.channel, { bucket, caller: undefined, address, command }, deps);
      open.push(candidate);
    } catch (error) {
      if (!(error instanceof OssError)) throw error;
    }
  }
  return open;
}

interface Publishing {
  readonly bucket: Bucket;
  readonly caller: AccessKey | undefined;
  readonly address: ChannelPushAddress;
  readonly command: PublishCommand;
}

/** @throws OssError AccessDenied */
function authorizePublish(
  channel: string,
  { bucket, caller, address, command }: Publishing,
  { clock, accessBlocks, region }: ChannelAdmissionDeps,
): Promise<void> {
  const { remoteAddr, isSecure = false } = command;
  const facts = { nowMs: clock.now(), remoteAddr, isSecure, accessKeyId: caller?.accessKeyId };
  const access: Access = {
    caller,
    bucket,
    policy: policyOf(bucket),
    key: channel,
    action: 'oss:PublishRtmpStream',
    permission: 'write object',
    payer: queryValue(address.parameters, 'x-oss-request-payer'),
    value: (key) => commonConditionValue(key, facts),
  };
  // An object that has the name of the channel has nothing to do with it: the ACL of the bucket counts.
  return authorizeAccess(access, { objects: { find: async () => undefined }, accessBlocks, region });
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
