import type { AccessKey } from '../../aliyun/auth/signed-request.ts';
import { clientAuthority, publicUrlBase, type UrlBase } from '../../aliyun/endpoint.ts';
import type { Clock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import type { Config } from '../../config/config.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { ChannelRecord } from '../../storage/metadata/records.ts';
import { type PresignedUrl, type PresignRequest, presign } from './presigning.ts';
import { playlistUrl, type SignedChannel, type SignedUrls, type SignRequest, signChannel } from './signing.ts';

const DAY_SEC = 24 * 60 * 60;

export interface UrlControlDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly metadata: MetadataStore;
  /** Where it listens, of `config.host`. */
  readonly port: () => number;
  /** @throws NotFound when the channel does not exist */
  readonly channel: (bucket: string, name: string) => Promise<ChannelRecord>;
}

/** The URLs by which others reach the emulator, signed with the key of `--access-key-id`. */
export class UrlControl {
  readonly #deps: UrlControlDeps;

  constructor(deps: UrlControlDeps) {
    this.#deps = deps;
  }

  /** Of the URLs in answers and events. */
  get base(): UrlBase {
    const { publicUrl } = this.#deps.config;
    return publicUrl === undefined ? this.#ownBase : publicUrlBase(publicUrl);
  }

  /** @throws UsageError when the emulator was started without one */
  get firstBucket(): string {
    const [first] = this.#deps.config.buckets;
    if (!first) throw new UsageError('The emulator was started without a bucket: name one.');
    return first.name;
  }

  /** @throws NotFound when the channel does not exist */
  async sign(request: SignRequest): Promise<SignedUrls> {
    const { channel, bucket = this.firstBucket, expiresSec = DAY_SEC } = request;
    const record = await this.#deps.channel(bucket, channel);
    const playlistName = request.playlistName ?? record.playlistName;
    const isPrivate = (await this.#deps.metadata.getBucket(bucket))?.acl === 'private';
    const target = { bucket, channel, playlistName, parameters: { playlistName }, isPrivate };
    return signChannel(this.base, target, this.#key, this.#deps.clock.now() + expiresSec * 1000);
  }

  /** Where to push to that leads to this process, even if another public URL is configured; for a day. */
  ownPublishUrl(target: Pick<SignedChannel, 'bucket' | 'channel'>, playlistName?: string): string {
    const parameters: Record<string, string> = playlistName === undefined ? {} : { playlistName };
    const signed = { ...target, playlistName: playlistName ?? '', parameters, isPrivate: false };
    return signChannel(this.#ownBase, signed, this.#key, this.#deps.clock.now() + DAY_SEC * 1000).url;
  }

  /**
   * Signs a request of the REST API.
   * @throws UsageError when the request names a key without a bucket
   */
  presign(request: PresignRequest): PresignedUrl {
    const { config, clock } = this.#deps;
    return presign(request, { base: this.base, accessKey: this.#key, region: config.region, nowMs: clock.now() });
  }

  /** Of a stored playlist, for a day. */
  playlist(stored: { readonly bucket: string; readonly key: string; readonly isAbsolute?: boolean }): Promise<string> {
    const { metadata, clock } = this.#deps;
    const expiresSec = Math.floor(clock.now() / 1000) + DAY_SEC;
    return playlistUrl(stored, metadata, { base: this.base, accessKey: this.#key, expiresSec });
  }

  /** How clients on this machine reach the emulator. */
  get #ownBase(): UrlBase {
    const { config, port } = this.#deps;
    return { scheme: 'http', style: 'path', authority: clientAuthority(config.host, port()) };
  }

  get #key(): AccessKey {
    const { accessKeyId, accessKeySecret } = this.#deps.config;
    return { accessKeyId, accessKeySecret };
  }
}
