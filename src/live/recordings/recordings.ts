import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { Log } from '../../base/log.ts';
import { type StreamSource, sourceId } from '../../base/push-source.ts';
import type { Events } from '../../events/events.ts';
import type { StreamEvent } from '../../events/live-events.ts';
import type { PlaylistStore } from '../../recording/playlist/playlist-store.ts';
import { VodPlaylist } from '../../recording/playlist/vod-playlist.ts';
import type { Leases } from '../../storage/leases/leases.ts';
import { machineFault } from '../../storage/machine-fault.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { PendingWrites } from '../../storage/metadata/pending-writes.ts';
import type { FragmentEntry } from '../../storage/metadata/records.ts';
import { Documents } from '../../storage/metadata/stored-documents.ts';
import type { PublishingStream, StreamObserver } from '../streams/publishing-streams.ts';
import { ON_DEMAND, type RecordConfig, type RecordConfigs, sliceFormat, windowOf } from './record-config.ts';
import { newRecording, RECORDINGS, type Recording, type RecordingFile, recordingFile } from './recording.ts';
import { SliceShelf } from './slice-shelf.ts';
import { SliceUris } from './slice-uri.ts';

export interface RecordingsDeps {
  readonly metadata: MetadataStore;
  readonly writes: PendingWrites;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly configs: RecordConfigs;
  readonly playlists: PlaylistStore;
  readonly leases: Leases;
  readonly utcOffsetMs: number;
}

/**
 * A recording that is not ended. After the push `publishing` has ended, the stream may be published again before
 * `delay` is over.
 */
interface OpenRecording {
  readonly shelf: SliceShelf;
  publishing: PublishingStream | undefined;
  delay: Timer | undefined;
}

/** Of a stream that is live. */
export type RecordingState = 'not started' | 'recording' | 'stopped';

/** Records streams as their configurations say. Changes of one stream are made one after the other. */
export class Recordings implements StreamObserver {
  readonly #deps: RecordingsDeps;
  readonly #documents: Documents<Recording>;
  readonly #open = new Map<string, OpenRecording>();
  /** Pushes of which a recording was stopped. */
  readonly #stopped = new WeakSet<PublishingStream>();
  readonly #windows = new Map<PublishingStream, readonly Timer[]>();
  readonly #lock = new KeyedLock();

  constructor(deps: RecordingsDeps) {
    this.#deps = deps;
    this.#documents = new Documents(deps.metadata, RECORDINGS, deps.log);
  }

  /** A configuration has effect on streams that begin after it was made. */
  async published(publishing: PublishingStream): Promise<void> {
    const { configs, clock } = this.#deps;
    const config = await configs.match(publishing.push.source);
    if (config?.onDemand !== ON_DEMAND.automatic) return;
    const { fromMs, toMs } = windowOf(config);
    const nowMs = clock.now();
    if (nowMs >= toMs) return;
    const timers: Timer[] = [];
    if (Number.isFinite(toMs)) timers.push(this.#later(toMs - nowMs, () => this.stop(publishing)));
    if (fromMs > nowMs) timers.push(this.#later(fromMs - nowMs, () => this.start(publishing, config)));
    else await this.start(publishing, config);
    this.#windows.set(publishing, timers);
  }

  async ended(publishing: PublishingStream): Promise<void> {
    for (const timer of this.#windows.get(publishing) ?? []) timer.cancel();
    this.#windows.delete(publishing);
    await this.stop(publishing);
  }

  /** Starts a recording, or continues the one that waits for the stream to be published again. */
  start(publishing: PublishingStream, config: RecordConfig): Promise<void> {
    const { source } = publishing.push;
    return this.#exclusively(source, async () => {
      const waiting = await this.#waiting(source);
      if (waiting?.publishing) return;
      waiting?.delay?.cancel();
      const goesOn = waiting && JSON.stringify(waiting.shelf.recording.config) === JSON.stringify(config);
      if (waiting && !goesOn) await this.#finish(source);
      const open = goesOn ? waiting : { shelf: await this.#newShelf(source, config), delay: undefined, publishing };
      open.publishing = publishing;
      if (goesOn) await this.#own(open.shelf);
      open.shelf.stat = () => publishing.stat();
      this.#open.set(sourceId(source), open);
      const format = sliceFormat(config);
      if (format) await publishing.record(open.shelf, format.sliceDurationSec);
      this.#tell(goesOn ? 'live.record-resumed' : 'live.record-started', publishing, open.shelf.recording);
    });
  }

  /**
   * Stores the open slice. The recording then waits for the stream to be published again, for the time of its
   * configuration.
   */
  stop(publishing: PublishingStream): Promise<void> {
    const { source } = publishing.push;
    return this.#exclusively(source, async () => {
      const open = this.#open.get(sourceId(source));
      if (open?.publishing !== publishing) return;
      await publishing.stopRecording();
      await open.shelf.settled();
      open.publishing = undefined;
      this.#stopped.add(publishing);
      this.#tell('live.record-paused', publishing, open.shelf.recording);
      const delayMs = open.shelf.recording.config.delayTimeSec * 1000;
      if (this.#deps.leases.isShared) await this.#letWait(open.shelf.recording, delayMs);
      open.delay = this.#later(delayMs, () => this.cancelDelay(source));
    });
  }

  /** Ends the recording that waits for the stream to be published again. */
  cancelDelay(source: StreamSource): Promise<void> {
    return this.#exclusively(source, async () => {
      if (!this.#open.get(sourceId(source))?.publishing) await this.#finish(source);
    });
  }

  /** All recordings, or those of these sources, oldest first. */
  async list(sources?: readonly StreamSource[]): Promise<readonly Recording[]> {
    const scopes = sources?.map(sourceId) ?? [undefined];
    const lists = await Promise.all(scopes.map((scope) => this.#documents.list(scope)));
    return lists.flat().map(({ body }) => body);
  }

  /** The recording to which a stream is being recorded now. */
  current(source: StreamSource): Recording | undefined {
    const open = this.#open.get(sourceId(source));
    return open?.publishing && open.shelf.recording;
  }

  stateOf(publishing: PublishingStream): RecordingState {
    const open = this.#open.get(sourceId(publishing.push.source));
    if (open?.publishing) return 'recording';
    return open || this.#stopped.has(publishing) ? 'stopped' : 'not started';
  }

  /** Whether a recording waits for the stream to be published again, or for a command. */
  isWaiting(source: StreamSource): boolean {
    const open = this.#open.get(sourceId(source));
    return open !== undefined && !open.publishing;
  }

  slices({ id }: Recording): Promise<readonly FragmentEntry[]> {
    return this.#deps.metadata.lastFragments(id, Number.MAX_SAFE_INTEGER);
  }

  /** The number of slices, which is also the next sequence number: cheaper than to read them. */
  sliceCount({ id }: Recording): Promise<number> {
    return this.#deps.metadata.nextSequence(id);
  }

  /** The m3u8 file of the slices of a recording; it is stored when the recording ends. */
  fileOf(recording: Recording, slices: readonly FragmentEntry[]): RecordingFile | undefined {
    return recordingFile(recording, slices, this.#deps.utcOffsetMs);
  }

  /** All streams that have recordings. */
  async sources(): Promise<readonly StreamSource[]> {
    const recordings = await this.#documents.list();
    return [...new Map(recordings.map(({ scope, body }) => [scope, body.source])).values()];
  }

  /**
   * Ends the recordings that a crash left open: those of nodes that do not renew their leases any longer. A recording waits for
   * its stream on the node that made it, without a lease of the stream.
   */
  async closeBroken(): Promise<void> {
    const { leases, clock } = this.#deps;
    const present = new Set((await leases.presentNodes()).map(({ id }) => id));
    for (const { body } of await this.#documents.listOpen()) {
      if (body.owner !== undefined && present.has(body.owner)) continue;
      const isOver = !leases.isShared || (await this.#resumeUntil(body)) <= clock.now();
      if (isOver) await this.#closeBrokenOne(body);
    }
  }

  /** One that cannot be ended, e.g. because its bucket is gone, hinders neither the others nor the start. */
  async #closeBrokenOne(recording: Recording): Promise<void> {
    const { leases, log } = this.#deps;
    try {
      await (leases.isShared ? this.#closeIfOwnedBy(recording.owner, recording) : this.#close(recording));
    } catch (error) {
      const advice = [adviceOn(error), 'it is tried again at the next start'].filter(Boolean).join('; ');
      const { id, config } = recording;
      log.error('recording.failed', { recording: id, bucket: config.bucket, error: errorText(error), advice });
    }
  }

  /** Ends all recordings; called after the last push has ended. */
  async close(): Promise<void> {
    for (const { shelf, delay } of [...this.#open.values()]) {
      delay?.cancel();
      await this.cancelDelay(shelf.recording.source);
    }
  }

  /** Drops the open recordings without writing a file, because their slices were deleted. */
  drop(): void {
    for (const { delay } of this.#open.values()) delay?.cancel();
    this.#open.clear();
  }

  forget(beforeMs: number): Promise<void> {
    return this.#documents.forget(beforeMs);
  }

  async #newShelf(source: StreamSource, config: RecordConfig): Promise<SliceShelf> {
    const { clock, leases } = this.#deps;
    const recording = newRecording(source, config, clock.now(), leases.owner);
    await this.#put(recording);
    return this.#shelfOf(recording);
  }

  #shelfOf(recording: Recording): SliceShelf {
    const { events, utcOffsetMs } = this.#deps;
    return new SliceShelf(recording, {
      events,
      utcOffsetMs,
      onNewCycle: async (full, next) => {
        const { writes } = this.#deps;
        await writes.make(`begin of recording ${next.id}`, () => this.#putBegin(next));
        await writes.make(`end of recording ${full.id}`, () => this.#close(full));
      },
    });
  }

  async #finish(source: StreamSource): Promise<void> {
    const open = this.#open.get(sourceId(source));
    if (!open) return;
    this.#open.delete(sourceId(source));
    const { recording } = open.shelf;
    const { writes, leases } = this.#deps;
    await writes.make(`end of recording ${recording.id}`, () =>
      leases.isShared ? this.#closeIfOwnedBy(leases.owner, recording) : this.#close(recording),
    );
  }

  /** The recording of the stream that is not ended. That of this node may have been continued or ended by another one. */
  async #waiting(source: StreamSource): Promise<OpenRecording | undefined> {
    const { leases } = this.#deps;
    const id = sourceId(source);
    const open = this.#open.get(id);
    if (!leases.isShared || open?.publishing) return open;
    if (open) {
      const stored = await this.#documents.get(id, open.shelf.recording.id);
      if (stored?.body.owner === leases.owner && stored.body.endedMs === null) return open;
      open.delay?.cancel();
      this.#open.delete(id);
    }
    return this.#takeOver(source);
  }

  /**
   * The recording that waits for its stream on another node, or that a node which died has left. The caller has the lease of the
   * stream, under which both continue and end a recording. Those that cannot be continued are ended.
   */
  async #takeOver(source: StreamSource): Promise<OpenRecording | undefined> {
    const { leases, clock } = this.#deps;
    const open = await this.#documents.listOpen(sourceId(source));
    const latest = open.at(-1)?.body;
    for (const { body: recording } of open.slice(0, -1)) await this.#close(recording);
    if (!latest) return undefined;
    if ((await this.#resumeUntil(latest)) > clock.now()) {
      const shelf = this.#shelfOf({ ...latest, owner: leases.owner });
      await this.#own(shelf);
      const taken = { shelf, delay: undefined, publishing: undefined };
      this.#open.set(sourceId(source), taken);
      return taken;
    }
    await this.#close(latest);
    return undefined;
  }

  /** Other nodes see that the recording goes on here. */
  async #own(shelf: SliceShelf): Promise<void> {
    if (!this.#deps.leases.isShared) return;
    const { resumeUntilMs: _over, ...recording } = shelf.recording;
    shelf.recording = recording;
    await this.#put(recording);
  }

  /** Other nodes may continue it. */
  #letWait(recording: Recording, delayMs: number): Promise<void> {
    const { writes, clock } = this.#deps;
    const resumeUntilMs = clock.now() + delayMs;
    return writes.make(`pause of recording ${recording.id}`, () => this.#put({ ...recording, resumeUntilMs }));
  }

  /** Of a node that has died: as if it had waited since its last slice. */
  async #resumeUntil(recording: Recording): Promise<number> {
    if (recording.resumeUntilMs !== undefined) return recording.resumeUntilMs;
    const last = (await this.#deps.metadata.lastFragments(recording.id, 1)).at(-1);
    const lastMs = last ? last.startMs + last.durationMs : recording.startedMs;
    return lastMs + recording.config.delayTimeSec * 1000;
  }

  /** Under the lease of the stream, unless another node has it: that one has continued or ended the recording. */
  async #closeIfOwnedBy(owner: string | undefined, recording: Recording): Promise<void> {
    const { leases } = this.#deps;
    const id = sourceId(recording.source);
    const { lease, holder } = await leases.acquire({ source: id, sessionId: randomUUID() });
    if (holder && holder.owner !== leases.owner) return;
    try {
      const stored = await this.#documents.get(id, recording.id);
      if (stored?.body.endedMs === null && stored.body.owner === owner) await this.#close(recording);
    } finally {
      await lease?.release();
    }
  }

  /** Repeated late, it must not overwrite the end of the recording. */
  async #putBegin(recording: Recording): Promise<void> {
    const known = await this.#documents.get(sourceId(recording.source), recording.id);
    if (!known) await this.#put(recording);
  }

  /** Writes the file of a recording, if it has slices. May be repeated when it failed. */
  async #close(recording: Recording): Promise<void> {
    const { playlists, events } = this.#deps;
    const { id, source, startedMs } = recording;
    const slices = await this.slices(recording);
    const file = this.fileOf(recording, slices);
    const ended = { ...recording, endedMs: file?.endMs ?? startedMs };
    if (file) {
      const uris = new SliceUris(file.key);
      const playlist = new VodPlaylist<FragmentEntry>((text, { path }) => uris.write(text, path ?? ''));
      playlist.add(slices);
      await playlists.put(file.bucket, file.key, playlist.end());
      await this.#put(ended);
      const { domain, app, stream } = source;
      const about = { domain, app, stream, sessionId: slices.at(-1)?.sessionId ?? '', recordingId: id };
      events.emit({ type: 'live.record-finished', ...about, ...file });
    } else {
      await this.#put(ended);
    }
  }

  #put(recording: Recording): Promise<void> {
    const { id: name, source, startedMs: createdMs } = recording;
    return this.#documents.put({ scope: sourceId(source), name, createdMs, body: recording });
  }

  #tell(
    type: 'live.record-started' | 'live.record-paused' | 'live.record-resumed',
    { push }: PublishingStream,
    recording: Recording,
  ): void {
    const { domain, app, stream } = push.source;
    const about: StreamEvent = { domain, app, stream, sessionId: push.id };
    this.#deps.events.emit({ type, ...about, recordingId: recording.id });
  }

  #later(delayMs: number, action: () => Promise<void>): Timer {
    const { clock, log } = this.#deps;
    return clock.setTimeout(() => {
      action().catch((error) => log.error('recording.failed', { error: errorText(error) }));
    }, delayMs);
  }

  #exclusively<Result>(source: StreamSource, action: () => Promise<Result>): Promise<Result> {
    return this.#lock.run(sourceId(source), action);
  }
}

/** Undefined when there is none but to look at the error. */
function adviceOn(error: unknown): string | undefined {
  const isBucketGone = error instanceof OssError && error.code === 'NoSuchBucket';
  return isBucketGone ? 'make the bucket again' : machineFault(error);
}
