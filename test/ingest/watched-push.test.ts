import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { LiveSession } from '../../src/ingest/live-session.ts';
import type { StreamOutput } from '../../src/watch/watchable.ts';

const output = (): StreamOutput => ({
  videoConfig() {},
  audioConfig() {},
  write: () => true,
  discontinuity() {},
  ended() {},
});

it('a session is read at once as long as somebody watches', () => {
  const readsAtOnce: boolean[] = [];
  const session = new LiveSession({
    publisher: {
      readAtOnce: (wanted) => readsAtOnce.push(wanted),
      pause() {},
      resume() {},
      close() {},
      reset() {},
      freeze() {},
      thaw() {},
    },
    clock: new ManualClock(0),
    log: silentLog,
    report() {},
    finish: async () => {},
  });
  const leaveFirst = session.watch(output());
  const leaveSecond = session.watch(output());
  leaveFirst();
  expect(readsAtOnce.at(-1)).toBe(true);
  leaveSecond();
  expect(readsAtOnce.at(-1)).toBe(false);
});
