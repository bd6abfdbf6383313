/** The rules of a LiveChannel's configuration. Source: PutLiveChannel page; the EC pages for each refusal. */
import type { ChannelConfiguration, ChannelConfigurationInput } from '../../aliyun/xml/channel-documents.ts';
import { isBucketName } from '../../base/bucket-name.ts';
import { invalidArgument, OssError } from '../../base/errors.ts';
import type { ChannelStatus, SnapshotConfig } from '../../storage/metadata/records.ts';

/** The configuration of a channel that is made without one. */
export const DEFAULT_CHANNEL: ChannelConfigurationInput = { target: { type: 'HLS' }, snapshots: [] };
const DEFAULT_FRAG_DURATION_SEC = 5;
const DEFAULT_FRAG_COUNT = 3;
export const DEFAULT_PLAYLIST_NAME = 'playlist.m3u8';

const MAX_DESCRIPTION_BYTES = 128;
const PLAYLIST_NAME_BYTES = { min: 6, max: 128 };

/**
 * The name of a channel is that of an object with fewer than 64 bytes and without a slash.
 * @throws OssError InvalidChannelName
 */
export function checkChannelName(name: string): void {
  const refuse = (ec: string, message: string) => {
    throw new OssError('InvalidChannelName', message, { ec });
  };
  if (name === '') refuse('0017-00000257', 'ChannelName must not be empty.');
  if (!name.isWellFormed()) {
    refuse('0017-00000259', 'The characters encoding must be utf-8.');
  }
  if (name.includes('/')) refuse('0017-00000260', 'ChannelName must not contain a slash.');
  if (Buffer.byteLength(name) >= 64) refuse('0017-00000258', 'The Length of channel name must be less than 64.');
}

/** @throws OssError InvalidArgument with the EC of the first element that breaks a rule */
export function checkChannelConfig(input: ChannelConfigurationInput): ChannelConfiguration {
  const description = input.description ?? '';
  if (Buffer.byteLength(description) > MAX_DESCRIPTION_BYTES) {
    throw invalidArgument(
      'Description',
      description,
      'The length of Description must not exceed 128 bytes.',
      '0044-00000001',
    );
  }
  const status = input.status || 'enabled';
  if (!isChannelStatus(status)) {
    throw invalidArgument('Status', status, 'Status must be enabled or disabled.', '0044-00000002');
  }
  const { target } = input;
  if (!target) throw invalidArgument('Target', '', 'Target must not be empty.', '0044-00000012');
  if (target.type !== 'HLS') throw invalidArgument('Type', target.type ?? '', 'Type must be HLS.', '0044-00000013');
  const { fragDurationSec, fragCount } = checkFragments(target.fragDuration, target.fragCount);
  const playlistName = target.playlistName || DEFAULT_PLAYLIST_NAME;
  checkPlaylistName(playlistName);
  return { description, status, fragDurationSec, fragCount, playlistName, snapshot: checkSnapshots(input.snapshots) };
}

export function isChannelStatus(value: string): value is ChannelStatus {
  return value === 'enabled' || value === 'disabled';
}

/** @throws OssError InvalidArgument */
export function checkPlaylistName(name: string): void {
  const refuse = (ec: string, message: string) => {
    throw invalidArgument('PlaylistName', name, message, ec);
  };
  if (name.includes('/')) refuse('0044-00000016', 'PlaylistName must not contain a slash.');
  const sizeBytes = Buffer.byteLength(name);
  if (sizeBytes < PLAYLIST_NAME_BYTES.min || sizeBytes > PLAYLIST_NAME_BYTES.max) {
    refuse('0044-00000017', 'The length of PlaylistName must be between 6 and 128 bytes.');
  }
  if (!name.endsWith('.m3u8')) refuse('0044-00000018', 'PlaylistName must end with ".m3u8".');
}

/** The defaults have effect only together: if only one of the two is given, the other is refused as missing. */
function checkFragments(fragDuration?: string, fragCount?: string): { fragDurationSec: number; fragCount: number } {
  if (fragDuration === undefined && fragCount === undefined) {
    return { fragDurationSec: DEFAULT_FRAG_DURATION_SEC, fragCount: DEFAULT_FRAG_COUNT };
  }
  return {
    fragDurationSec: checkInteger('FragDuration', fragDuration, '0044-00000014'),
    fragCount: checkInteger('FragCount', fragCount, '0044-00000015'),
  };
}

function checkSnapshots(snapshots: ChannelConfigurationInput['snapshots']): SnapshotConfig | null {
  const [snapshot] = snapshots;
  if (!snapshot) return null;
  if (snapshots.length > 1)
    throw invalidArgument('Snapshot', '', 'There must be at most one Snapshot.', '0044-00000003');
  const { roleName = '', destBucket = '', notifyTopic = '' } = snapshot;
  if (roleName === '') throw invalidArgument('RoleName', roleName, 'RoleName must not be empty.', '0044-00000007');
  if (!isBucketName(destBucket)) {
    throw invalidArgument('DestBucket', destBucket, 'DestBucket is not a valid bucket name.', '0044-00000008');
  }
  if (notifyTopic === '')
    throw invalidArgument('NotifyTopic', notifyTopic, 'NotifyTopic must not be empty.', '0044-00000006');
  const intervalSec = checkInteger('Interval', snapshot.interval, '0044-00000005');
  return { roleName, destBucket, notifyTopic, intervalSec };
}

function checkInteger(name: string, text: string | undefined, ec: string): number {
  const value = /^\d{1,3}$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (value >= 1 && value <= 100) return value;
  throw invalidArgument(name, text ?? '', `${name} must be an integer between 1 and 100.`, ec);
}

export function noSuchLiveChannel(): OssError {
  return new OssError('NoSuchLiveChannel', 'The specified live channel does not exist.', { ec: '0026-00000021' });
}

/** No refusal of the service, where PutLiveChannel replaces what there is. */
export function channelAlreadyExists(): OssError {
  return new OssError('FileAlreadyExists', 'There is a live channel of this name already.');
}
