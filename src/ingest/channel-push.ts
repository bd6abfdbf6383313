import type { Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type ChannelSource, sourceId } from '../base/push-source.ts';
import type { Events } from '../events/events.ts';
import type { SnapshotService } from '../notify/snapshot/snapshot-service.ts';
import type { Admission } from '../oss/channel/channel-service.ts';
import { LivePlaylist } from '../recording/fragments/live-playlist.ts';
import type { LostRecording } from '../recording/fragments/recorder.ts';
import { channelShelf } from '../recording/fragments/shelf.ts';
import type { PlaylistExtension } from '../recording/playlist/fragment-playlists.ts';
import type { PlaylistStore } from '../recording/playlist/playlist-store.ts';
import type { PublishEnd, Publisher } from '../rtmp/publish.ts';
import { BackPressure } from './back-pressure.ts';
import { Diagnosis } from './diagnosis.ts';
import { Push } from './push.ts';
import { type PushRecordingDeps, startPushRecording } from './push-recording.ts';
import { lossFields } from './recording-loss.ts';
import type { RegisteredChannel } from './registry.ts';

export interface ChannelPushDeps extends PushRecordingDeps {
  readonly log: Log;
  readonly events: Events;
  readonly playlists: PlaylistStore;
  readonly playlistExtensions: readonly PlaylistExtension[];
  readonly snapshots: SnapshotService;
  /** How long a push continues after its channel was disabled. */
  readonly disableDelayMs: number;
}

export interface ChannelPushStart {
  readonly admission: Admission;
  readonly publisher: Publisher;
  /** The channel is free again. */
  readonly onEnded: () => void;
}

/** A push of a channel: it is recorded into the channel's folder from its first key frame to its end. */
export async function openChannelPush(
  { admission: { channel, session, lease, rewritePlaylists, end }, publisher, onEnded }: ChannelPushStart,
  deps: ChannelPushDeps,
): Promise<RegisteredChannel> {
  const { clock, events, metadata, playlists, playlistExtensions: extensions, snapshots, disableDelayMs } = deps;
  const { id: sessionId, bucket, startedMs, remoteAddr, playlistName } = session;
  const source: ChannelSource = { kind: 'channel', bucket, channel: session.channel };
  const about = { bucket, channel: session.channel, sessionId };
  const log = deps.log.with({ session: sessionId, bucket, channel: session.channel });
  const backPressure = new BackPressure(publisher);
  const diagnosis = new Diagnosis({
    fragDurationMs: channel.fragDurationSec * 1000,
    report: (finding, detail) => {
      log.warn('stream.finding', { finding, detail });
      events.emit({ type: 'stream.finding', ...about, finding, detail });
    },
  });
  const { fence } = lease;
  const playlist = new LivePlaylist({ metadata, events, playlists, channel, playlistName, extensions, fence });
  const recording = await startPushRecording(
    {
      log,
      sessionId,
      fence,
      backPressure,
      shelf: channelShelf(source, playlist, events),
      fragDurationSec: channel.fragDurationSec,
      publisher,
      before: rewritePlaylists,
      onFailure: (what, error) => push.fail(what, error),
      onForcedCut: (durationMs) => diagnosis.forcedCut(durationMs),
    },
    deps,
  );
  let cutTimer: Timer | undefined;
  const keep = () => {
    cutTimer?.cancel();
    cutTimer = undefined;
  };
  const finish = async (cause: PublishEnd['cause']) => {
    keep();
    let lost: LostRecording | undefined;
    try {
      lost = await recording.end();
      await end();
    } finally {
      // A failure must not keep the channel from the next push.
      onEnded();
      await lease.release();
    }
    events.emit({ type: 'publish.ended', ...about, cause, ...lossFields(lost) });
    return lost;
  };
  const push = new Push({
    publisher,
    clock,
    log,
    backPressure,
    diagnosis,
    reportLost: (reason) => events.emit({ type: 'lease.lost', source: sourceId(source), sessionId, reason }),
    finish,
    frames: recording.segmenter,
    camera: channel.snapshot ? snapshots.open(session, channel.snapshot) : undefined,
  });
  return {
    push: { id: sessionId, source, startedMs, remoteAddr },
    sink: push,
    ended: push.ended,
    stat: () => push.stat(),
    totals: () => push.totals(),
    stop: (reason) => push.stop(reason),
    lose: (reason) => push.lose(reason),
    cutSoon() {
      cutTimer ??= clock.setTimeout(() => {
        push.cut('NetStream.Publish.Denied', 'LiveChannelDisabled: Live channel is disabled by owner.');
      }, disableDelayMs);
    },
    keep,
  };
}
