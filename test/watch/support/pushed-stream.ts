/** A pushed stream without a publisher: a session gets the messages of a clip. */
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { type Clip, loadClip, repeatClip } from '../../../src/control-plane/publisher/clip.ts';
import { LiveSession } from '../../../src/ingest/live-session.ts';
import type { Publisher } from '../../../src/rtmp/publish.ts';

export const NOBODY: Publisher = {
  pause() {},
  resume() {},
  readAtOnce() {},
  close() {},
  reset() {},
  freeze() {},
  thaw() {},
};
const STEP_MS = 10;

export interface PushedStream {
  readonly session: LiveSession;
  end(): void;
}

export function newSession(): LiveSession {
  return new LiveSession({
    publisher: NOBODY,
    clock: systemClock,
    log: silentLog,
    report: () => {},
    finish: async () => {},
  });
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
