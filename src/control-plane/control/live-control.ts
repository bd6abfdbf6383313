import type { Clock } from '../../base/clock.ts';
import { unknownName } from '../../base/nearest.ts';
import { type RoomSource, type StreamSource, sourceId } from '../../base/push-source.ts';
import type { Registry } from '../../ingest/registry.ts';
import type { Live } from '../../live/live.ts';
import type { RoomUsers } from '../../live/rooms/rooms.ts';
import type { OnlineStream } from '../../live/streams/publishing-streams.ts';
import type { DomainKey } from '../../live/streams/streams.ts';
import type { DeadLetter } from '../../notify/mns/dead-letters.ts';
import type { RpcContent } from '../../rpc/rpc-call.ts';
import type { Viewer, Viewers } from '../../watch/viewers.ts';
import { type CallbackViews, viewCallback, viewDeadLetter } from './callback-views.ts';
import { NotFound } from './not-found.ts';
import {
  type IndexFileView,
  type PlaylistUrl,
  type RecordConfigView,
  type RecordingQuery,
  type RecordingView,
  viewIndexFiles,
  viewRecordConfig,
  viewRecordings,
} from './recording-views.ts';
import {
  issueAddress,
  type RoomAddress,
  type RoomAddressRequest,
  type RoomView,
  viewParticipant,
} from './room-views.ts';
import { type LiveStream, type StreamAddressing, type StreamView, viewLiveStream, viewStream } from './stream-views.ts';
import type { UrlControl } from './url-control.ts';

const DAY_SEC = 24 * 60 * 60;
const HOUR_MS = 60 * 60 * 1000;

export interface LiveControlDeps {
  readonly clock: Clock;
  readonly authKeys: readonly DomainKey[];
  readonly live: Pick<Live, 'streams' | 'rooms' | 'recordConfigs' | 'recordings' | 'indexFiles' | 'outbox' | 'product'>;
  readonly publishing: Pick<Registry, 'user'>;
  readonly viewers: Viewers;
  readonly deadLetters: DeadLetterBox;
  readonly urls: Pick<UrlControl, 'base' | 'playlist'>;
  readonly bucketNames: () => Promise<ReadonlySet<string>>;
}

/** Messages of MNS that could not be delivered and were dropped. */
export interface DeadLetterBox {
  /** The latest first. */
  deadLetters(): readonly DeadLetter[];
  /**
   * Undefined when there is no message with the id.
   * @throws MnsError when its topic or subscription does not exist any more
   */
  redeliver(id: string): DeadLetter | undefined;
}

/** What people and tests see of ApsaraVideo Live in a running emulator, and do to it. */
export class LiveControl {
  readonly #deps: LiveControlDeps;

  constructor(deps: LiveControlDeps) {
    this.#deps = deps;
  }

  /** Those that are published now, in the order in which they began; then those that were, the latest first. */
  async streams(limit = Number.POSITIVE_INFINITY): Promise<readonly StreamView[]> {
    const { live, clock, authKeys, urls, bucketNames } = this.#deps;
    // Rounded up, so that the address does not change with every call.
    const expiresSec = Math.ceil(clock.now() / HOUR_MS) * (HOUR_MS / 1000) + DAY_SEC;
    const buckets = await bucketNames();
    const addressing = ({ source: { app } }: Pick<OnlineStream['push'], 'source'>): StreamAddressing => ({
      base: urls.base,
      authKeys,
      expiresSec,
      hasShort: !buckets.has(app),
    });
    const views = new Map<string, StreamView>();
    for (const stream of await live.streams.onlineAnywhere()) {
      const { push } = stream;
      const published = await this.#viewPublishing(stream);
      views.set(sourceId(push.source), viewStream(push, published, addressing(push)));
    }
    for (const push of (await live.streams.pushes()).toReversed()) {
      if (views.size >= limit) break;
      const id = sourceId(push.source);
      if (!views.has(id)) views.set(id, viewStream(push, null, addressing(push)));
    }
    return [...views.values()].slice(0, limit);
  }

  async recordings(query: RecordingQuery): Promise<{
    readonly recordings: readonly RecordingView[];
    readonly indexFiles: readonly IndexFileView[];
  }> {
    const { live, urls } = this.#deps;
    const playlistUrl: PlaylistUrl = (playlist) => urls.playlist(playlist);
    return {
      recordings: await viewRecordings(query, live.recordings, playlistUrl),
      indexFiles: await viewIndexFiles(query, live.indexFiles, live.recordings, playlistUrl),
    };
  }

  /** The configurations of all domains, oldest first. */
  async recordConfigs(): Promise<readonly RecordConfigView[]> {
    return (await this.#deps.live.recordConfigs.list()).map(viewRecordConfig);
  }

  /**
   * Runs an operation, as a call that is signed by the owner of the account.
   * @throws NotFound when there is no such operation
   * @throws RpcError when the operation refuses the call
   */
  async run(name: string, parameters: Readonly<Record<string, string | number | boolean>>): Promise<RpcContent> {
    const { live, urls } = this.#deps;
    const operation = live.product.operations.get(name);
    if (!operation) {
      const advice = unknownName('operation', name, [...live.product.operations.keys()]);
      throw new NotFound(`ApsaraVideo Live: ${advice}.`);
    }
    const given = new Map(Object.entries(parameters).map(([parameter, value]) => [parameter, String(value)]));
    return operation.run({ parameters: given, caller: undefined, urls: urls.base });
  }

  /** The rooms with at least one participant. */
  rooms(): readonly RoomView[] {
    return this.#viewRooms(this.#deps.live.rooms.list());
  }

  /** Those of other nodes too. */
  async roomsAnywhere(): Promise<readonly RoomView[]> {
    return this.#viewRooms(await this.#deps.live.rooms.listAnywhere());
  }

  #viewRooms(rooms: readonly RoomUsers[]): readonly RoomView[] {
    const { publishing, urls } = this.#deps;
    return rooms.map(({ room, participants, node = null }) => ({
      ...room,
      node,
      participants: participants.map((participant) => {
        const source: RoomSource = { kind: 'room', ...room, userId: participant.userId };
        const user = participant.role === 'publisher' ? publishing.user(source) : undefined;
        return viewParticipant(room, participant, user, { viewers: this.#viewersOf(source), base: urls.base });
      }),
    }));
  }

  /**
   * Where a user may publish. Issuing an address stores nothing.
   * @throws UsageError when a name has a wrong form, or the application is not a configured one
   */
  roomAddress(request: RoomAddressRequest): RoomAddress {
    const { live, urls, clock } = this.#deps;
    return issueAddress(request, live.rooms, urls.base, clock.now());
  }

  /** Removes a user from a room. `false` when there is no such user. */
  removeParticipant(appId: string, channelId: string, userId: string): Promise<boolean> {
    return this.#deps.live.rooms.remove({ appId, channelId }, userId);
  }

  viewers(): readonly Viewer[] {
    return this.#deps.viewers.list();
  }

  /** `false` when there is no such viewer. */
  removeViewer(id: string): boolean {
    return this.#deps.viewers.remove(id, 'sent away over the control API');
  }

  callbacks(limit = Number.POSITIVE_INFINITY): CallbackViews {
    const { live, deadLetters } = this.#deps;
    return {
      callbacks: live.outbox.results.slice(0, limit).map(viewCallback),
      deadLetters: deadLetters.deadLetters().slice(0, limit).map(viewDeadLetter),
    };
  }

  /**
   * Starts to deliver a callback or a dead letter again. `false` when there is none with the id.
   * @throws MnsError when the topic or subscription of a dead letter does not exist any more
   */
  retryCallback(id: string): boolean {
    const { live, deadLetters } = this.#deps;
    return live.outbox.sendAgain(id) !== undefined || deadLetters.redeliver(id) !== undefined;
  }

  async #viewPublishing(stream: OnlineStream): Promise<LiveStream> {
    const { recordings } = this.#deps.live;
    const { source } = stream.push;
    const recording = recordings.current(source);
    const slices = recording ? await recordings.sliceCount(recording) : 0;
    return viewLiveStream(
      stream,
      this.#viewersOf(source),
      recording ? { id: recording.id, bucket: recording.config.bucket, startedMs: recording.startedMs, slices } : null,
    );
  }

  #viewersOf(source: StreamSource | RoomSource): number {
    return this.viewers().filter(({ subject }) => {
      const watched =
        'appId' in subject ? { kind: 'room' as const, ...subject } : { kind: 'stream' as const, ...subject };
      return sourceId(watched) === sourceId(source);
    }).length;
  }
}
