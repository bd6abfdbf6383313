import type { ControllableClock } from '../base/controllable-clock.ts';
import type { CallbackViews } from '../control-plane/control/callback-views.ts';
import type { ChannelView } from '../control-plane/control/channel-views.ts';
import type { LifecycleView } from '../control-plane/control/lifecycle-views.ts';
import type { RoomAddress, RoomAddressRequest, RoomView } from '../control-plane/control/room-views.ts';
import type { SignedUrls, SignRequest } from '../control-plane/control/signing.ts';
import type { StreamView } from '../control-plane/control/stream-views.ts';
import type { Faults } from '../control-plane/faults/faults.ts';
import type { PublishRequest } from '../control-plane/publisher/publish-request.ts';
import type { Publication } from '../control-plane/publisher/publishes.ts';
import type { Seed } from '../control-plane/seed/seed.ts';
import type { Seeded } from '../control-plane/seed/seeder.ts';
import type { Events } from '../events/events.ts';
import type { BackedUp } from '../storage/backed-up.ts';

/** What `new OSS(…)` of ali-oss takes, for path style on a local endpoint. */
export interface AliOssOptions {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string;
  readonly sldEnable: true;
}

/** A running emulator, with everything a test needs. */
export interface RunningEmulator extends AsyncDisposable {
  /** `http://127.0.0.1:port`, for SDKs. */
  readonly endpoint: string;
  /** The port of REST, playback and RTMP. */
  readonly port: number;
  /** The second port for RTMP; undefined unless the option sets one. */
  readonly rtmpPort: number | undefined;
  readonly credentials: { readonly accessKeyId: string; readonly accessKeySecret: string };
  /** The first bucket: the default where no bucket is named. */
  readonly bucket: string;
  readonly region: string;
  /**
   * Ready-made options of the Node SDK.
   * @example const client = new OSS(emulator.aliOssOptions);
   */
  readonly aliOssOptions: AliOssOptions;
  /**
   * Variables that tell a child process the addresses of the emulator.
   * @example spawn('pytest', { env: { ...process.env, ...emulator.env } });
   */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The time of the emulator. Expiry, skew, idle limits, history and the names of fragments follow it.
   * @example await emulator.clock.advance(3_600_000);
   */
  readonly clock: ControllableClock;
  /**
   * Failures on purpose.
   * @example emulator.faults.add({ match: { operation: 'GetObject' }, effect: { code: 'InternalError' }, count: 1 });
   */
  readonly faults: Faults;
  /**
   * The events, in order.
   * @example await emulator.events.waitFor('fragment.stored', ({ channel }) => channel === 'cam');
   */
  readonly events: Events;
  /**
   * A signed ingest URL, with the same in the form of OBS, and the URL to play.
   * @throws UsageError when the channel does not exist
   * @example const { url } = await emulator.sign({ channel: 'test-channel' });
   */
  sign(request: SignRequest): Promise<SignedUrls>;
  /**
   * The signed ingest URL of a channel.
   * @throws UsageError when the channel does not exist
   * @example spawn('ffmpeg', ['-re', '-i', 'clip.flv', '-c', 'copy', '-f', 'flv', await emulator.rtmpUrl('test-channel')]);
   */
  rtmpUrl(channel: string, bucket?: string): Promise<string>;
  /**
   * The URL of the live playlist of a channel, signed if the bucket is private.
   * @throws UsageError when the channel does not exist
   * @example await page.goto(await emulator.playUrl('test-channel'));
   */
  playUrl(channel: string, bucket?: string): Promise<string>;
  /**
   * Every channel of every bucket, with its current push.
   * @example const live = (await emulator.channels()).filter(({ state }) => state === 'live');
   */
  channels(): Promise<readonly ChannelView[]>;
  /**
   * Every stream of ApsaraVideo Live: those that are published now, then those that were.
   * @example
   * await emulator.publish({ url: `rtmp://127.0.0.1:${emulator.port}/app/s1`, durationSec: 3600 });
   * const [stream] = await emulator.streams();
   * console.assert(stream?.app === 'app' && stream.state === 'live');
   */
  streams(): Promise<readonly StreamView[]>;
  /**
   * The address at which a user may publish into a room, as CreateRoomRealTimeStreamAddress returns it, without a signed call.
   * @example
   * const { rtmpAddress } = emulator.roomAddress({ appId: 'app', channelId: 'lesson', userId: 'alice' });
   * await emulator.publish({ url: rtmpAddress, durationSec: 3600 });
   * @throws UsageError when a name has a wrong form, or the application is not a configured one
   */
  roomAddress(request: RoomAddressRequest): RoomAddress;
  /**
   * The rooms with at least one participant, with their participants.
   * @example const present = emulator.rooms().flatMap(({ participants }) => participants.map(({ userId }) => userId));
   */
  rooms(): readonly RoomView[];
  /**
   * The callbacks about streams and rooms, and the messages that could not be delivered; the latest first.
   * @example const failed = emulator.callbacks().callbacks.filter(({ delivered }) => !delivered);
   */
  callbacks(): CallbackViews;
  /**
   * Creates buckets, objects, channels, and recordings of the past.
   * @throws UsageError when a part of the seed is not valid
   * @example
   * await emulator.seed({
   *   buckets: [{ name: 'media', channels: [{ name: 'door', recordings: [{ from: '-24h', to: 'now' }] }] }],
   * });
   */
  seed(seed: Seed): Promise<Seeded>;
  /**
   * Executes the lifecycle rules of all buckets, or of one, by the time of the emulator; resolves when that is done, to the
   * buckets in which something was due.
   * @throws UsageError when there is no such bucket
   * @throws Error when the database or the object store is away
   * @example
   * await emulator.clock.advance(30 * 24 * 3_600_000);
   * const [{ expired } = { expired: 0 }] = await emulator.runLifecycle();
   */
  runLifecycle(bucket?: string): Promise<readonly LifecycleView[]>;
  /**
   * Pushes a clip over RTMP, as an encoder would, to a channel or to the address of a stream or room; resolves when the push was accepted.
   * @throws UsageError when the request is not valid
   * @throws RtmpRefusedError when the push is refused
   * @example await (await emulator.publish({ channel: 'cam', durationSec: 10, speed: 'max' })).done;
   * @example await emulator.publish({ url: 'rtmp://push.example.com/app/s1', durationSec: 3600 });
   */
  publish(request: PublishRequest): Promise<Publication>;
  /**
   * Back to the state after the start: pushes, rows, bytes, history, faults and clock. With a bucket, only what is in it.
   * @throws UsageError when there is no such bucket
   * @example afterEach(() => emulator.reset());
   */
  reset(bucket?: string): Promise<void>;
  /**
   * Copies the data folder while it is used; another emulator with the copy as `dataDir` restores it.
   * @throws UsageError when everything is in memory, or the copy cannot be made there
   * @example
   * const refusal = await emulator.backUp('backup').catch((error) => error);
   * console.assert(refusal.message.startsWith('Everything is in memory'));
   */
  backUp(folder: string): Promise<BackedUp>;
  /** Ends every push, stores what it sent, and closes the ports. */
  stop(): Promise<void>;
}
