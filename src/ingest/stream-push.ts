import type { Log } from '../base/log.ts';
import { sourceId } from '../base/push-source.ts';
import type { Events } from '../events/events.ts';
import type { StreamPush } from '../live/streams/publishing-streams.ts';
import type { LostRecording } from '../recording/fragments/recorder.ts';
import type { Publisher } from '../rtmp/publish.ts';
import type { Fence } from '../storage/leases/leases.ts';
import { type PushRecording, type PushRecordingDeps, startPushRecording } from './push-recording.ts';
import { lossOfBoth } from './recording-loss.ts';
import type { RegisteredStream } from './registry.ts';
import { openWatchedPush } from './watched-push.ts';

export interface StreamPushDeps extends PushRecordingDeps {
  readonly log: Log;
  readonly events: Events;
}

export interface StreamPushStart {
  readonly push: StreamPush;
  /** The lease of the stream. */
  readonly fence?: Fence | undefined;
  readonly publisher: Publisher;
  /** Called when everything it sent is stored, or given up: with what of its recordings was lost, if something was. */
  readonly onEnded: (cause: string, lost: LostRecording | undefined) => Promise<void>;
}

/** A push of a stream: watched, and recorded only as long as a rule says so. */
export function openStreamPush(
  { push: about, fence, publisher, onEnded }: StreamPushStart,
  deps: StreamPushDeps,
): RegisteredStream {
  const { domain, app, stream } = about.source;
  const sessionId = about.id;
  const log = deps.log.with({ session: sessionId, domain, app, stream });
  const { push, fanout, backPressure, registered } = openWatchedPush({
    publisher,
    log,
    clock: deps.clock,
    report(finding, detail) {
      log.warn('stream.finding', { finding, detail });
      deps.events.emit({ type: 'live.finding', domain, app, stream, sessionId, finding, detail });
    },
    reportLost: (reason) => deps.events.emit({ type: 'lease.lost', source: sourceId(about.source), sessionId, reason }),
    async finish(cause) {
      await stopRecording();
      await onEnded(cause, lost);
      return lost;
    },
  });
  let lost: LostRecording | undefined;
  let recording: PushRecording | undefined;
  async function stopRecording(): Promise<void> {
    if (!recording) return;
    const { segmenter, end } = recording;
    recording = undefined;
    fanout.remove(segmenter);
    backPressure.release(segmenter);
    lost = lossOfBoth(lost, await end());
  }
  return {
    ...registered,
    push: about,
    async record(shelf, fragDurationSec) {
      const onFailure = (what: 'recorder' | 'segmenter', error: Error) => push.fail(what, error);
      const options = { log, sessionId, fence, shelf, fragDurationSec, publisher, backPressure, onFailure };
      recording = await startPushRecording(options, deps);
      fanout.add(recording.segmenter);
    },
    stopRecording,
  };
}
