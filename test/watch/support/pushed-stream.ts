/** The push of a clip without an encoder: the messages of the clip are given to the push directly. */
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { type Clip, loadClip, repeatClip } from '../../../src/control-plane/publisher/clip.ts';
import { openWatchedPush } from '../../../src/ingest/watched-push.ts';
import type { Publisher, PublishSink } from '../../../src/rtmp/publish.ts';
import type { WatchableStream } from '../../../src/watch/watchable.ts';

export const NOBODY: Publisher = {
  pause() {},
  resume() {},
  readAtOnce() {},
  readIn() {},
  close() {},
  reset() {},
  freeze() {},
  thaw() {},
};
const STEP_MS = 10;

export interface PushedStream {
  readonly session: PushedSession;
  end(): void;
}

/** Takes messages, and can be watched. */
export type PushedSession = PublishSink & WatchableStream;

export function newSession(): PushedSession {
  const { push, fanout } = openWatchedPush({
    publisher: NOBODY,
    clock: systemClock,
    log: silentLog,
    report: () => {},
    finish: async () => {},
  });
  return {
    message: (message) => push.message(message),
    end: (reason) => push.end(reason),
    recent: () => fanout.recent,
    watch: (viewer) => fanout.watch(viewer),
    stat: () => push.stat(),
  };
}

/** Pushes a clip repeatedly in real time; the first `aheadMs` of it at once. */
export async function pushClip(path: string | undefined, aheadMs = 0): Promise<PushedStream> {
  return pushInRealTime(await loadClip(path), aheadMs);
}

function pushInRealTime(clip: Clip, aheadMs: number): PushedStream {
  const session = newSession();
  const messages = repeatClip(clip, 3_600_000);
  const startMs = systemClock.now() - aheadMs;
  let next = messages.next();
  const step = () => {
    while (!next.done && next.value.timestampMs <= systemClock.now() - startMs) {
      session.message(next.value);
      next = messages.next();
    }
  };
  step();
  const timer = setInterval(step, STEP_MS);
  return {
    session,
    end() {
      clearInterval(timer);
      session.end({ cause: 'unpublished' });
    },
  };
}
