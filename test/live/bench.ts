import { expect, onTestFinished } from 'vitest';
import { readRpcRequest } from '../../src/aliyun/auth/rpc-request.ts';
import { createKeyRing } from '../../src/aliyun/credentials.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { type StreamSource, sourceId } from '../../src/base/push-source.ts';
import { type EmulatorEvent, Events, type Stamped } from '../../src/events/events.ts';
import { createOutgoing } from '../../src/http/outgoing.ts';
import { type Live, type LiveOptions, openLive } from '../../src/live/live.ts';
import type { PublishingUser, PublishingUsers, RoomPush } from '../../src/live/rooms/publishing-users.ts';
import type { RoomPushRequest } from '../../src/live/rooms/rooms.ts';
import type { PublishingStream, PublishingStreams, StreamPush } from '../../src/live/streams/publishing-streams.ts';
import type { StreamPushRequest } from '../../src/live/streams/streams.ts';
import type { MediaStat, MediaTotals } from '../../src/media/stat.ts';
import { Recorder, recordingPosition } from '../../src/recording/fragments/recorder.ts';
import type { Shelf } from '../../src/recording/fragments/shelf.ts';
import type { PlaylistStore } from '../../src/recording/playlist/playlist-store.ts';
import type { FragmentInfo } from '../../src/recording/segmenter/segmenter.ts';
import { Explanations } from '../../src/rpc/explanations.ts';
import { RpcApi } from '../../src/rpc/rpc-api.ts';
import { createInProcessLeases } from '../../src/storage/leases/in-process-leases.ts';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import { PendingWrites } from '../../src/storage/metadata/pending-writes.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../src/storage/objects/memory.ts';
import type { ObjectStore } from '../../src/storage/objects/object-store.ts';
import { Objects } from '../../src/storage/objects/objects.ts';

/** The start of the clock. */
export const NOON_MS = Date.UTC(2026, 2, 1, 12);

/** The answer of a call, as JSON. */
export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the types of the answer
  readonly body: any;
}

export interface Bench {
  readonly clock: ManualClock;
  readonly events: Events;
  readonly happened: readonly Stamped<EmulatorEvent>[];
  /** Lines of the log. */
  readonly logged: readonly string[];
  readonly metadata: MetadataStore;
  readonly objects: Objects;
  readonly live: Live;
  readonly publishing: Map<string, FakeStream>;
  /** A call that needs no signature. */
  call(action: string, parameters?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Publishes `app/stream`, recorded or not. */
  publish(app: string, stream: string, request?: Partial<StreamPushRequest>): Promise<FakeStream>;
  /** Publishes to an address from CreateRoomRealTimeStreamAddress. */
  join(rtmpAddress: string, overrides?: Partial<RoomPushRequest>): Promise<FakeUser>;
  /** The text of an object. */
  text(bucket: string, key: string): Promise<string>;
  /** Opens ApsaraVideo Live again over the same stores. */
  reopen(): Promise<void>;
}

const DEFAULTS: LiveOptions = {
  authMode: 'off',
  domains: [],
  authKeys: [],
  applications: [],
  recordBucket: undefined,
  maxSlices: 69_120,
  utcOffsetMs: 0,
  hlsGraceMs: 10_000,
};

/** ApsaraVideo Live without HTTP and RTMP: a test publishes streams and stores slices by calls. */
export async function openBench(
  options: Partial<LiveOptions> = {},
  overrides: Partial<PlaylistStore> = {},
): Promise<Bench> {
  const clock = new ManualClock(NOON_MS);
  const events = new Events(clock);
  const happened: Stamped<EmulatorEvent>[] = [];
  events.subscribe((event) => happened.push(event));
  const logged: string[] = [];
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const bytes = createMemoryStore();
  const objects = new Objects({ metadata, bytes, clock });
  const playlists: PlaylistStore = {
    put: (bucket, key, text) => objects.put(bucket, key, typeof text === 'string' ? Buffer.from(text) : text),
  };
  for (const name of ['examplebucket', 'otherbucket']) {
    await metadata.putBucket({
      name,
      acl: 'private',
      storageClass: 'Standard',
      createdMs: 0,
      owner: '1234567890123456',
      configurations: {},
    });
  }
  const publishing = new Map<string, FakeStream>();
  const users = new Map<string, FakeUser>();
  const registry: PublishingStreams & PublishingUsers = {
    stream: (source) => publishing.get(sourceId(source)),
    streams: () => publishing.values(),
    user: (source) => users.get(sourceId(source)),
    users: () => users.values(),
  };
  const log = createLog(
    'debug',
    (line) => logged.push(line),
    () => clock.now(),
  );
  const writes = new PendingWrites(clock, log);
  const open = () =>
    openLive({
      clock,
      realClock: clock,
      events,
      metadata,
      objects,
      leases: createInProcessLeases(),
      playlists: { ...playlists, ...overrides },
      publishing: registry,
      send: createOutgoing('any'),
      log,
      writes,
      endpoint: { serviceDomains: ['localhost'], cnames: new Map() },
      options: { ...DEFAULTS, ...options },
    });
  let live = await open();
  onTestFinished(() => live.close());
  return {
    clock,
    events,
    happened,
    logged,
    metadata,
    objects,
    publishing,
    get live() {
      return live;
    },
    async call(action, parameters = {}) {
      const query = new URLSearchParams({ Action: action, Version: '2016-11-01', Format: 'JSON', ...parameters });
      const request = readRpcRequest('POST', query.toString(), new Map(), Buffer.alloc(0));
      const urls = { scheme: 'http', style: 'path', authority: '127.0.0.1:9000' } as const;
      const api = new RpcApi({
        products: [live.product],
        keys: createKeyRing([{ accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' }]),
        authMode: 'off',
        explanations: new Explanations(),
        clock,
        readPresent: () => ({ nowMs: clock.now() }),
        events,
        log,
      });
      const { status, body } = await api.answer(request, {
        host: '127.0.0.1:9000',
        remoteAddr: '192.0.2.9:50000',
        isSecure: false,
        urls,
        reset: () => expect.unreachable('no fault asks for it'),
      });
      return { status, body: JSON.parse(body) };
    },
    async publish(app, stream, request = {}) {
      const source: StreamSource = request.source ?? { kind: 'stream', domain: '*', app, stream };
      const wanted: StreamPushRequest = {
        remoteAddr: '192.0.2.7:50000',
        localAddr: '127.0.0.1:9000',
        publishDomain: '127.0.0.1',
        rawArgs: 'k=v',
        authKey: undefined,
        ...request,
        source,
      };
      return live.streams.admit(wanted, async (push, lease) => {
        const fake = new FakeStream(push, { clock, metadata, bytes }, async () => {
          await live.streams.ended(fake);
          publishing.delete(sourceId(source));
          await lease.release();
        });
        publishing.set(sourceId(source), fake);
        return fake;
      });
    },
    async join(rtmpAddress, overrides = {}) {
      const { pathname, searchParams } = new URL(rtmpAddress.replace('rtmp:', 'http:'));
      const [, app = '', streamName = ''] = pathname.split('/');
      const authKey = searchParams.get('auth_key') ?? undefined;
      const request = { app, streamName, authKey, remoteAddr: '192.0.2.8:50000', ...overrides };
      return live.rooms.admit(request, (push) => {
        const user = new FakeUser(push, () => {
          users.delete(sourceId(push.source));
          void live.rooms.left(user, 'unpublished');
        });
        users.set(sourceId(push.source), user);
        return user;
      });
    },
    async text(bucket, key) {
      const { reader } = await objects.open(bucket, key);
      const chunks: Buffer[] = [];
      for await (const chunk of reader.chunks()) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    },
    async reopen() {
      live = await open();
    },
  };
}

/** A stream with slices that the test makes. */
export class FakeStream implements PublishingStream {
  readonly push: StreamPush;
  media: MediaStat = { video: { width: 640, height: 360, frameRate: 25, bandwidth: 1000, codec: 'H264' } };
  readonly recent = () => [];
  readonly cuts: string[] = [];
  shelf: Shelf | undefined;
  sliceDurationSec = 0;
  readonly #deps: { clock: ManualClock; metadata: MetadataStore; bytes: ObjectStore };
  readonly #onEnd: () => Promise<void>;
  #recorder: Recorder | undefined;

  constructor(
    push: StreamPush,
    deps: { clock: ManualClock; metadata: MetadataStore; bytes: ObjectStore },
    onEnd: () => Promise<void>,
  ) {
    this.push = push;
    this.#deps = deps;
    this.#onEnd = onEnd;
  }

  stat(): MediaStat {
    return this.media;
  }

  totals(): MediaTotals {
    return { videoFrames: 0, videoBytes: 0, audioFrames: 0, audioBytes: 0 };
  }

  cut(code: string): void {
    this.cuts.push(code);
  }

  watch(): () => void {
    return () => {};
  }

  async record(shelf: Shelf, sliceDurationSec: number): Promise<void> {
    this.shelf = shelf;
    this.sliceDurationSec = sliceDurationSec;
    const { clock, metadata, bytes } = this.#deps;
    const position = await recordingPosition(metadata, shelf);
    const onFailure = (error: Error) => expect.unreachable(error.message);
    const options = { clock, metadata, bytes, shelf, sessionId: this.push.id, onFailure, onBusy: () => {} };
    this.#recorder = new Recorder(options, position);
  }

  async stopRecording(): Promise<void> {
    await this.#recorder?.flushed();
    this.#recorder = undefined;
  }

  /** Stores `count` slices of five seconds, and advances the clock by their duration. */
  async slices(count: number, info: Partial<FragmentInfo> = {}): Promise<void> {
    const durationMs = info.durationMs ?? 5_000;
    for (let index = 0; index < count; index++) {
      const writer = this.#recorder?.open();
      writer?.write(Buffer.alloc(188, 0x47));
      this.#deps.clock.advance(durationMs);
      writer?.close({ startDtsTicks: 0, discontinuity: false, forcedCut: false, sizeBytes: 188, ...info, durationMs });
      await this.#recorder?.flushed();
    }
  }

  async end(): Promise<void> {
    await this.stopRecording();
    await this.#onEnd();
  }
}

/** A record configuration with one m3u8 format, and the changes of a test. */
export function recordConfig(parameters: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    DomainName: 'example.com',
    AppName: '*',
    OssBucket: 'examplebucket',
    OssEndpoint: '127.0.0.1:9000',
    'RecordFormat.1.Format': 'm3u8',
    'RecordFormat.1.OssObjectPrefix': 'file/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
    'RecordFormat.1.SliceOssObjectPrefix': 'slices/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
    'RecordFormat.1.SliceDuration': '5',
    ...parameters,
  };
}

/** `2026-03-01T12:00:10Z` for 10 seconds after noon. */
export function at(seconds: number): string {
  return `${new Date(NOON_MS + seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** A publisher in a room, which leaves when it is cut. */
export class FakeUser implements PublishingUser {
  readonly push: RoomPush;
  readonly recent = () => [];
  readonly cuts: string[] = [];
  readonly end: () => void;

  constructor(push: RoomPush, end: () => void) {
    this.push = push;
    this.end = end;
  }

  stat(): MediaStat {
    return {};
  }

  cut(code: string): void {
    this.cuts.push(code);
    this.end();
  }

  watch(): () => void {
    return () => {};
  }
}
