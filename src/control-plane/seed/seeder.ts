import { createHash } from 'node:crypto';
import { isBucketName } from '../../base/bucket-name.ts';
import type { Clock } from '../../base/clock.ts';
import { resolveMoment } from '../../base/dates.ts';
import { OssError, UsageError } from '../../base/errors.ts';
import { MAX_KEY_BYTES } from '../../base/object-key.ts';
import { type ReportProgress, unreported } from '../../base/progress.ts';
import { channelId } from '../../base/push-source.ts';
import { readFields } from '../../base/schema.ts';
import type { Events } from '../../events/events.ts';
import type { ChannelService } from '../../oss/channel/channel-service.ts';
import { LivePlaylist, livePlaylistId } from '../../recording/fragments/live-playlist.ts';
import type { PlaylistExtension } from '../../recording/playlist/fragment-playlists.ts';
import type { PlaylistStore } from '../../recording/playlist/playlist-store.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { newBucket } from '../../storage/metadata/new-bucket.ts';
import type { ChannelRecord, RecordedFragment, SessionRecord } from '../../storage/metadata/records.ts';
import { timelineEntries } from '../../storage/metadata/timeline-entries.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import type { MadeBytes } from './made-bytes.ts';
import { type Seed, type SeedBucket, type SeedChannel, type SeedObject, type SeedPush, seedSchema } from './seed.ts';

const MAX_RECORDING_MS = 31 * 86_400_000;
const DEFAULT_REMOTE_ADDR = '127.0.0.1:1935';
/** How the ids of seeded pushes begin. */
const SEEDED = 'seed-';
/** The latest so many pushes of a channel are looked at. */
const MAX_EARLIER = 100_000;
const FRAGMENT_HEADERS = { 'content-type': 'video/MP2T' };

export interface SeederDeps {
  readonly clock: Clock;
  readonly events: Events;
  readonly metadata: MetadataStore;
  readonly objects: Objects;
  readonly playlists: PlaylistStore;
  readonly channels: ChannelService;
  readonly made: MadeBytes;
  readonly extensions: readonly PlaylistExtension[];
}

/** How much was made. */
export interface Seeded {
  readonly buckets: number;
  readonly objects: number;
  readonly channels: number;
  readonly pushes: number;
  readonly fragments: number;
}

/**
 * Creates what a seed describes. The same seed again gives the same result, also one whose times are relative to now; what a seed
 * does not name stays unchanged.
 */
export class Seeder {
  readonly #deps: SeederDeps;

  constructor(deps: SeederDeps) {
    this.#deps = deps;
  }

  /** @throws UsageError when a part of the seed is not valid; the message names the part */
  async seed(input: Seed, report: ReportProgress = unreported): Promise<Seeded> {
    const seed = readFields(seedSchema, input, 'The seed');
    const made = { buckets: 0, objects: 0, channels: 0, pushes: 0, fragments: 0 };
    this.#checkPushes(seed);
    const total = countParts(seed);
    const count = async (kind: 'buckets' | 'objects' | 'channels' | 'pushes') => {
      made[kind] += 1;
      await report({ done: made.buckets + made.objects + made.channels + made.pushes, total, unit: 'parts' });
    };
    for (const bucket of seed.buckets) {
      await this.#bucket(bucket);
      await count('buckets');
      for (const object of bucket.objects ?? []) {
        await this.#object(bucket.name, object);
        await count('objects');
      }
      for (const channel of bucket.channels ?? []) {
        const record = await this.#channel(bucket.name, channel);
        await count('channels');
        await this.#removeEarlier(record, [...(channel.history ?? []), ...(channel.recordings ?? [])]);
        for (const push of channel.history ?? []) {
          await this.#push(record, push, []);
          await count('pushes');
        }
        for (const push of channel.recordings ?? []) {
          made.fragments += await this.#recording(record, push);
          await count('pushes');
        }
      }
    }
    const { buckets, channels, objects, fragments } = made;
    this.#deps.events.emit({ type: 'emulator.seeded', buckets, channels, objects, fragments });
    return made;
  }

  /** Before anything is made, or taken away. */
  #checkPushes({ buckets }: Seed): void {
    const nowMs = this.#deps.clock.now();
    for (const { name: bucket, channels = [] } of buckets) {
      for (const { name, history = [], recordings = [] } of channels) {
        for (const push of [...history, ...recordings]) {
          const { fromMs, toMs } = rangeOf(push, nowMs);
          if (toMs <= fromMs) throw new UsageError(`The seed: a push to ${bucket}/${name} ends before it begins.`);
          if (recordings.includes(push) && toMs - fromMs > MAX_RECORDING_MS) {
            throw new UsageError(`The seed: a recording of ${bucket}/${name} is longer than 31 days.`);
          }
        }
      }
    }
  }

  async #bucket({ name, acl }: SeedBucket): Promise<void> {
    const { metadata, clock } = this.#deps;
    if (!isBucketName(name)) throw new UsageError(`The seed: "${name}" is not a bucket name (3 to 63 of a-z, 0-9, -).`);
    await metadata.changeBucket(name, (current) => {
      const bucket = current ?? newBucket(name, 'private', clock.now());
      return acl === undefined || acl === bucket.acl ? bucket : { ...bucket, acl };
    });
  }

  async #object(bucket: string, { key, text, base64, contentType }: SeedObject): Promise<void> {
    if (text !== undefined && base64 !== undefined) {
      throw new UsageError(`The seed: the object ${bucket}/${key} has both text and base64; give one.`);
    }
    if (/^[/\\]/.test(key) || Buffer.byteLength(key) > MAX_KEY_BYTES) {
      throw new UsageError(`The seed: "${key}" is not an object key (1 to ${MAX_KEY_BYTES} bytes, no slash in front).`);
    }
    const bytes = base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
    const headers = { 'content-type': contentType ?? 'application/octet-stream' };
    await this.#deps.objects.put(bucket, key, bytes, { headers });
  }

  async #channel(bucket: string, channel: SeedChannel): Promise<ChannelRecord> {
    const { name, description = '', enabled = true, fragDurationSec = 5, fragCount = 3, playlistName } = channel;
    const target = {
      type: 'HLS',
      fragDuration: String(fragDurationSec),
      fragCount: String(fragCount),
      ...(playlistName !== undefined && { playlistName }),
    };
    try {
      const status = enabled ? 'enabled' : 'disabled';
      return await this.#deps.channels.put(bucket, name, { description, status, target, snapshots: [] });
    } catch (error) {
      if (!(error instanceof OssError)) throw error;
      throw new UsageError(`The seed: the channel ${bucket}/${name}: ${error.message}`);
    }
  }

  /**
   * What an earlier seed has made of the channel, and overlaps what is to be made: the same seed later, with times relative to
   * now, takes its place. Pushes that do not overlap stay, and so does what was really pushed.
   */
  async #removeEarlier(channel: ChannelRecord, pushes: readonly SeedPush[]): Promise<void> {
    const { clock, metadata, objects } = this.#deps;
    const { bucket, name, incarnation } = channel;
    const ranges = pushes.map((push) => rangeOf(push, clock.now()));
    for (const session of await metadata.listSessions(bucket, name, incarnation, MAX_EARLIER)) {
      const { id, startedMs, endedMs, playlistName } = session;
      const isReplaced = ranges.some(({ fromMs, toMs }) => startedMs < toMs && fromMs < (endedMs ?? startedMs));
      if (!id.startsWith(SEEDED) || !isReplaced) continue;
      for (const { startMs } of await metadata.sessionFragments(livePlaylistId(incarnation, playlistName), id)) {
        await objects.delete(bucket, `${name}/${startMs}.ts`);
      }
      await metadata.deleteSession(session);
    }
  }

  /** Stores what a push over this time would have stored; resolves to the number of its fragments. */
  async #recording(channel: ChannelRecord, push: SeedPush): Promise<number> {
    const { clock, metadata, events, objects, playlists, extensions } = this.#deps;
    const { bucket, name, playlistName } = channel;
    const { fromMs, toMs } = rangeOf(push, clock.now());
    const sources = [channelId({ bucket, channel: name })];
    for (const { startMs } of await timelineEntries(metadata, { sources, by: 'start', fromMs, toMs })) {
      await objects.delete(bucket, `${name}/${startMs}.ts`);
    }
    const playlist = new LivePlaylist({ metadata, events, playlists, channel, playlistName, extensions });
    const fragments = await this.#fragments(channel, fromMs, toMs, await metadata.nextSequence(playlist.id));
    await this.#push(channel, push, fragments);
    await playlist.write();
    return fragments.length;
  }

  /** As many consecutive fragments as end before `toMs`, but at least one. */
  async #fragments(
    { fragDurationSec }: ChannelRecord,
    fromMs: number,
    toMs: number,
    firstSequence: number,
  ): Promise<readonly RecordedFragment[]> {
    const { made } = this.#deps;
    const recording = await made.recording(fragDurationSec);
    const fragments: RecordedFragment[] = [];
    let endMs = fromMs;
    for (let index = 0; ; index++) {
      const { durationMs, sizeBytes } = recording.fragment(index);
      const startMs = Math.round(endMs);
      endMs += durationMs;
      if (index > 0 && endMs > toMs) return fragments;
      fragments.push({
        startMs,
        durationMs,
        sizeBytes,
        location: made.location(fragDurationSec, index),
        sequence: firstSequence + index,
        discontinuity: index === 0 && firstSequence > 0,
      });
    }
  }

  /** A finished push in the history. The same push of a seed has the same id every time. */
  async #push(channel: ChannelRecord, push: SeedPush, fragments: readonly RecordedFragment[]): Promise<void> {
    const { clock, metadata } = this.#deps;
    const { bucket, name, incarnation, playlistName } = channel;
    const { fromMs: startedMs, toMs: endedMs } = rangeOf(push, clock.now());
    const what = [bucket, name, incarnation, startedMs, endedMs].join('/');
    const session: SessionRecord & { readonly endedMs: number } = {
      id: `${SEEDED}${createHash('sha256').update(what).digest('hex').slice(0, 24)}`,
      bucket,
      channel: name,
      incarnation,
      startedMs,
      endedMs,
      playlistName,
      remoteAddr: push.remoteAddr ?? DEFAULT_REMOTE_ADDR,
    };
    await metadata.putRecording({
      session,
      fragments,
      headers: FRAGMENT_HEADERS,
      playlistId: livePlaylistId(incarnation, playlistName),
    });
  }
}

function rangeOf({ from, to }: SeedPush, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: resolveMoment(from, nowMs), toMs: resolveMoment(to, nowMs) };
}

/** Buckets, objects, channels and pushes. */
function countParts({ buckets }: Seed): number {
  const channels = buckets.flatMap((bucket) => bucket.channels ?? []);
  const objects = buckets.flatMap((bucket) => bucket.objects ?? []);
  const pushes = channels.flatMap(({ history = [], recordings = [] }) => [...history, ...recordings]);
  return buckets.length + objects.length + channels.length + pushes.length;
}
