import type { Clock } from '../../base/clock.ts';
import { OssError, UsageError } from '../../base/errors.ts';
import type { Config } from '../../config/config.ts';
import { DEFAULT_CHANNEL } from '../../oss/channel/channel.ts';
import type { ChannelService } from '../../oss/channel/channel-service.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { newBucket } from '../../storage/metadata/new-bucket.ts';

/**
 * Creates the missing buckets and channels of the configuration; the channels belong to its first bucket.
 * @throws UsageError when a channel cannot have its name
 */
export async function createConfigured(
  { buckets, channels: channelNames }: Config,
  metadata: MetadataStore,
  channels: ChannelService,
  clock: Clock,
): Promise<void> {
  for (const { name, acl } of buckets) {
    await metadata.changeBucket(name, (current) => current ?? newBucket(name, acl, clock.now()));
  }
  const [first] = buckets;
  if (!first) return;
  for (const name of channelNames) {
    if (await metadata.getChannel(first.name, name)) continue;
    await channels.put(first.name, name, DEFAULT_CHANNEL).catch((error: unknown) => {
      if (!(error instanceof OssError)) throw error;
      throw new UsageError(`--channel "${name}" cannot be created: ${error.message}`);
    });
  }
}
