import type { Log } from '../base/log.ts';
import { sourceId } from '../base/push-source.ts';
import type { Events } from '../events/events.ts';
import type { StreamPush } from '../live/streams/publishing-streams.ts';
import type { LostRecording } from '../recording/fragments/recorder.ts';
import type { Publisher } from '../rtmp/publish.ts';
import type { Fence } from '../storage/leases/leases.ts';
import { type PushRecording, type PushRecordingDeps, startPushRecording } from './push-recording.ts';
import { lossFields, lossOfBoth } from './recording-loss.ts';
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
  /** Called when everything it sent is stored, or given up: the stream is to be free again when it resolves. */
  readonly onEnded: () => Promise<void>;
}

/** A push of a stream: watched, and recorded only as long as a rule says so. */
export function openStreamPush(
  { push: accepted, fence, publisher, onEnded }: StreamPushStart,
  deps: StreamPushDeps,
): RegisteredStream {
  const { domain, app, stream } = accepted.source;
  const sessionId = accepted.id;
  const log = deps.log.with({ session: sessionId, domain, app, stream });
  const about = { domain, app, stream, sessionId };
  const { push, fanout, backPressure, registered } = openWatchedPush({
    publisher,
    log,
    clock: deps.clock,
    report(finding, detail) {
      log.warn('stream.finding', { finding, detail });
      deps.events.emit({ type: 'live.finding', ...about, finding, detail });
    },
    reportLost: (reason) =>
      deps.events.emit({ type: 'lease.lost', source: sourceId(accepted.source), sessionId, reason }),
    async finish(cause) {
      await stopRecording();
      await onEnded();
      const lost = await ended;
      deps.events.emit({ type: 'live.ended', ...about, cause, ...lossFields(lost) });
      return lost;
    },
  });
  let recording: PushRecording | undefined;
  /** Of all recordings that were stopped: resolves to what they have lost. */
  let ended: Promise<LostRecording | undefined> = Promise.resolve(undefined);
  async function stopRecording(): Promise<void> {
    if (recording) {
      const { segmenter, end } = recording;
      recording = undefined;
      fanout.remove(segmenter);
      backPressure.release(segmenter);
      ended = Promise.all([ended, end()]).then(([before, lost]) => lossOfBoth(before, lost));
    }
    await ended;
  }
  return {
    ...registered,
    push: accepted,
    async record(shelf, fragDurationSec) {
      const onFailure = (what: 'recorder' | 'segmenter', error: Error) => push.fail(what, error);
      const options = { log, sessionId, fence, shelf, fragDurationSec, publisher, backPressure, onFailure };
      recording = await startPushRecording(options, deps);
      fanout.add(recording.segmenter);
    },
    stopRecording,
  };
}
