import type { Clock } from '../base/clock.ts';
import { errorStack } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import type { StreamFinding } from '../events/findings.ts';
import type { LostRecording } from '../recording/fragments/recorder.ts';
import type { PublishEnd, Publisher } from '../rtmp/publish.ts';
import { BackPressure } from './back-pressure.ts';
import { Diagnosis } from './diagnosis.ts';
import { Fanout } from './fanout.ts';
import { Push } from './push.ts';
import type { RegisteredUser } from './registry.ts';

/** What key frames are judged by, whether the push is recorded or not: the shortest slices there are. */
const USUAL_SLICE_MS = 5_000;

export interface WatchedPushOptions {
  readonly publisher: Publisher;
  readonly clock: Clock;
  /** Its lines say which push it is. */
  readonly log: Log;
  readonly report: (finding: StreamFinding, detail: string) => void;
  /** As in PushParts. */
  readonly reportLost?: (reason: string) => void;
  /** Called when nothing more arrives and the viewers know it. */
  readonly finish: (cause: PublishEnd['cause']) => Promise<LostRecording | undefined>;
}

export interface WatchedPush {
  readonly push: Push;
  readonly fanout: Fanout;
  readonly backPressure: BackPressure;
  /** For the registry, without the facts about the push. */
  readonly registered: Omit<RegisteredUser, 'push'>;
}

/** A push whose frames go to outputs that come and go: viewers, which it never waits for, and a recording. */
export function openWatchedPush({
  publisher,
  clock,
  log,
  report,
  reportLost,
  finish,
}: WatchedPushOptions): WatchedPush {
  const backPressure = new BackPressure(publisher);
  const fanout = new Fanout({
    onFull: (output) => backPressure.wait(output),
    onWatched: (isWatched) => publisher.readAtOnce(isWatched),
    onViewerFailed: (error) => log.error('viewer.failed', { error: errorStack(error) }),
  });
  const push = new Push({
    publisher,
    clock,
    log,
    backPressure,
    frames: fanout,
    ...(reportLost && { reportLost }),
    diagnosis: new Diagnosis({ fragDurationMs: USUAL_SLICE_MS, report }),
    finish: (cause) => {
      fanout.end(cause === 'closed-by-server');
      return finish(cause);
    },
  });
  const registered: WatchedPush['registered'] = {
    sink: push,
    ended: push.ended,
    recent: () => fanout.recent,
    watch: (viewer) => fanout.watch(viewer),
    stat: () => push.stat(),
    totals: () => push.totals(),
    cut: (code, description) => push.cut(code, description),
    stop: (reason) => push.stop(reason),
    lose: (reason) => push.lose(reason),
  };
  return { push, fanout, backPressure, registered };
}
