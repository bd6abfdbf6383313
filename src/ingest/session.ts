import type { Clock, Timer } from '../base/clock.ts';
import { errorStack, toError } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import type { Events } from '../events/events.ts';
import type { StreamFinding } from '../events/findings.ts';
import type { MediaMessage } from '../media/flv/media-message.ts';
import type { MediaStat, MediaTotals } from '../media/stat.ts';
import type { SnapshotService } from '../notify/snapshot/snapshot-service.ts';
import type { Admission } from '../oss/channel/channel-service.ts';
import { LivePlaylist } from '../recording/fragments/live-playlist.ts';
import { Recorder, type RecordingPosition, recordingPosition } from '../recording/fragments/recorder.ts';
import { channelShelf, type Shelf } from '../recording/fragments/shelf.ts';
import type { PlaylistStore } from '../recording/playlist/playlist-store.ts';
import { cuttingRule, type FragmentSink, type MuxerFactory, type Segmenter } from '../recording/segmenter/segmenter.ts';
import { createSegmenter } from '../recording/segmenter/segmenting-session.ts';
import type { PublishEnd, Publisher, PublishSink } from '../rtmp/publish.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { ObjectStore } from '../storage/objects/object-store.ts';
import { Diagnosis } from './diagnosis.ts';
import { Intake } from './intake.ts';
import type { RegisteredSession } from './registry.ts';

export interface SessionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly playlists: PlaylistStore;
  readonly muxer: MuxerFactory;
  readonly snapshots: SnapshotService;
  /** How long a push goes on after its channel was disabled. */
  readonly disableDelayMs: number;
}

/** The push and who must know when its channel is free again. */
export interface SessionStart {
  readonly admission: Admission;
  readonly publisher: Publisher;
  readonly onEnded: () => void;
}

/**
 * One publish, from its admission until everything it sent is stored: live, then ending (the peer is gone, the last
 * fragment is being stored), then ended. The channel is taken until the end, so that the next push finds everything of
 * this one listed.
 */
export class PublishSession implements PublishSink, RegisteredSession {
  readonly id: string;
  readonly connectedMs: number;
  readonly remoteAddr: string;
  /** Resolves when everything is stored and the history is closed. */
  readonly ended: Promise<void>;
  readonly #start: SessionStart;
  readonly #deps: SessionDeps;
  readonly #log: Log;
  readonly #recorder: Recorder;
  readonly #segmenter: Segmenter;
  readonly #intake: Intake;
  /** What the publisher is made to wait for. */
  readonly #waitingFor = new Set<unknown>();
  #cut: Timer | undefined;
  #resolveEnded: () => void = () => {};

  static async open(start: SessionStart, deps: SessionDeps): Promise<PublishSession> {
    const { metadata, events, playlists } = deps;
    const { channel, session } = start.admission;
    const playlist = new LivePlaylist({ metadata, events, playlists, channel, playlistName: session.playlistName });
    const shelf = channelShelf({ kind: 'channel', bucket: channel.bucket, channel: channel.name }, playlist, events);
    return new PublishSession(start, deps, shelf, await recordingPosition(metadata, shelf));
  }

  private constructor(start: SessionStart, deps: SessionDeps, shelf: Shelf, position: RecordingPosition) {
    const { channel, session } = start.admission;
    const { clock, metadata, bytes, muxer, snapshots } = deps;
    this.#start = start;
    this.#deps = deps;
    this.#log = deps.log.with({ session: session.id, bucket: session.bucket, channel: session.channel });
    this.id = session.id;
    this.connectedMs = session.startedMs;
    this.remoteAddr = session.remoteAddr;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#recorder = new Recorder(
      {
        clock,
        metadata,
        bytes,
        shelf,
        sessionId: session.id,
        onFailure: (error) => this.#fail('recorder', error),
        onBusy: (until) => {
          this.#wait(until);
          until.then(() => this.#goOn(until));
        },
      },
      position,
    );
    const diagnosis = new Diagnosis({
      fragDurationMs: channel.fragDurationSec * 1000,
      report: (finding, detail) => this.#tell(finding, detail),
    });
    this.#segmenter = createSegmenter({
      rule: cuttingRule(channel.fragDurationSec),
      muxer,
      sink: noticeForcedCuts(this.#recorder, (durationMs) => diagnosis.forcedCut(durationMs)),
      onDrain: () => this.#goOn(this.#segmenter),
      onFailure: (error) => this.#fail('segmenter', error),
    });
    const camera = channel.snapshot ? snapshots.open(session, channel.snapshot) : undefined;
    this.#intake = new Intake({ clock, log: this.#log, segmenter: this.#segmenter, diagnosis, camera });
  }

  get target(): { readonly bucket: string; readonly channel: string } {
    return this.#start.admission.session;
  }

  message(message: MediaMessage): void {
    try {
      if (!this.#intake.take(message)) this.#wait(this.#segmenter);
    } catch (error) {
      // A bug, then; it must cost this push only.
      this.#fail('intake', toError(error));
    }
  }

  /** The peer is gone, or was sent away. */
  end(reason: PublishEnd): void {
    this.#cut?.cancel();
    this.#finish(reason)
      .catch((error) => this.#log.error('session.end-failed', { error: String(error) }))
      .finally(this.#resolveEnded);
  }

  stat(): MediaStat {
    return this.#intake.stats.stat(this.#deps.clock.now());
  }

  totals(): MediaTotals {
    return this.#intake.stats.totals;
  }

  cutSoon(): void {
    this.#cut ??= this.#deps.clock.setTimeout(() => {
      this.#close('NetStream.Publish.Denied', 'LiveChannelDisabled: Live channel is disabled by owner.');
    }, this.#deps.disableDelayMs);
  }

  keep(): void {
    this.#cut?.cancel();
    this.#cut = undefined;
  }

  stop(reason: string): Promise<void> {
    this.#close('NetConnection.Connect.AppShutdown', reason);
    return this.ended;
  }

  async #finish(reason: PublishEnd): Promise<void> {
    const { id, bucket, channel } = this.#start.admission.session;
    const { clock, events, metadata } = this.#deps;
    // What a failed muxer could not give is lost; what it gave is stored and listed all the same.
    await this.#segmenter.end().catch((error) => this.#log.error('segmenter.end-failed', { error: String(error) }));
    await this.#recorder.flushed();
    try {
      await metadata.endSession(id, clock.now());
    } finally {
      // Whatever failed must not keep the channel from the next push.
      this.#start.onEnded();
    }
    this.#log.info('publish.ended', { cause: reason.cause, detail: 'detail' in reason ? reason.detail : undefined });
    events.emit({ type: 'publish.ended', bucket, channel, sessionId: id, cause: reason.cause });
  }

  #tell(finding: StreamFinding, detail: string): void {
    const { id: sessionId, bucket, channel } = this.#start.admission.session;
    this.#log.warn('stream.finding', { finding, detail });
    this.#deps.events.emit({ type: 'stream.finding', bucket, channel, sessionId, finding, detail });
  }

  #fail(what: string, error: Error): void {
    this.#log.error('session.failed', { what, error: errorStack(error) });
    this.#close('NetStream.Publish.Failed', `InternalError: the ${what} failed`);
  }

  #close(code: string, description: string): void {
    this.#start.publisher.close({ code, description });
  }

  #wait(reason: unknown): void {
    if (this.#waitingFor.size === 0) this.#start.publisher.pause();
    this.#waitingFor.add(reason);
  }

  #goOn(reason: unknown): void {
    if (this.#waitingFor.delete(reason) && this.#waitingFor.size === 0) this.#start.publisher.resume();
  }
}

function noticeForcedCuts(sink: FragmentSink, onForcedCut: (durationMs: number) => void): FragmentSink {
  return {
    open() {
      const writer = sink.open();
      return {
        write: (packets) => writer.write(packets),
        abort: () => writer.abort(),
        close(info) {
          if (info.forcedCut) onForcedCut(info.durationMs);
          writer.close(info);
        },
      };
    },
  };
}
