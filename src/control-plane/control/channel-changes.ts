import type { ChannelConfigurationInput } from '../../aliyun/xml/channel-documents.ts';
import type { ChannelService } from '../../oss/channel/channel-service.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { NotFound } from './not-found.ts';

/** A configuration as people write it. What is left out has the default of PutLiveChannel. */
export interface WrittenChannel {
  readonly description?: string;
  readonly status?: string;
  readonly type?: string;
  readonly fragDurationSec?: number;
  readonly fragCount?: number;
  readonly playlistName?: string;
  readonly snapshot?: {
    readonly roleName: string;
    readonly destBucket: string;
    readonly notifyTopic: string;
    readonly intervalSec?: number;
  };
}

export interface ChannelChangesDeps {
  readonly channels: ChannelService;
  readonly metadata: Pick<MetadataStore, 'getBucket' | 'getChannel'>;
}

/** What people do to channels, by the rules of the service and without a signature. */
export class ChannelChanges {
  readonly #deps: ChannelChangesDeps;

  constructor(deps: ChannelChangesDeps) {
    this.#deps = deps;
  }

  /**
   * @param only refuses to replace an existing channel, or to create one
   * @throws NotFound when there is no such bucket
   * @throws OssError when PutLiveChannel would be refused, or by `only`
   */
  async put(bucket: string, name: string, written: WrittenChannel, only?: 'new' | 'existing'): Promise<void> {
    if (!(await this.#deps.metadata.getBucket(bucket))) throw new NotFound(`There is no bucket "${bucket}".`);
    await this.#deps.channels.put(bucket, name, inputOf(written), only);
  }

  /**
   * @throws NotFound when there is no such channel
   * @throws OssError when PutLiveChannelStatus would be refused
   */
  async putStatus(bucket: string, name: string, status: string): Promise<void> {
    await this.#checkExists(bucket, name);
    await this.#deps.channels.putStatus(bucket, name, status);
  }

  /**
   * @throws NotFound when there is no such channel
   * @throws OssError when DeleteLiveChannel would be refused
   */
  async delete(bucket: string, name: string): Promise<void> {
    await this.#checkExists(bucket, name);
    await this.#deps.channels.delete(bucket, name);
  }

  async #checkExists(bucket: string, name: string): Promise<void> {
    if (await this.#deps.metadata.getChannel(bucket, name)) return;
    throw new NotFound(`There is no channel "${name}" in the bucket "${bucket}".`);
  }
}

/** As the body of a PutLiveChannel says it: what is absent there is undefined, and every number is a text. */
function inputOf(written: WrittenChannel): ChannelConfigurationInput {
  const { description, status, type = 'HLS', fragDurationSec, fragCount, playlistName, snapshot } = written;
  return {
    description,
    status,
    target: {
      type,
      fragDuration: fragDurationSec?.toString(),
      fragCount: fragCount?.toString(),
      playlistName,
    },
    snapshots: snapshot
      ? [
          {
            roleName: snapshot.roleName,
            destBucket: snapshot.destBucket,
            notifyTopic: snapshot.notifyTopic,
            interval: snapshot.intervalSec?.toString(),
          },
        ]
      : [],
  };
}
