import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { openWatchedPush } from '../../src/ingest/watched-push.ts';
import type { StreamOutput } from '../../src/watch/watchable.ts';
import { NOBODY } from '../watch/support/pushed-stream.ts';

const viewer = (happened: string[] = []): StreamOutput => ({
  videoConfig() {},
  audioConfig() {},
  write: () => true,
  discontinuity() {},
  ended: () => happened.push('ended'),
});

it('is read at once as long as there are viewers', () => {
  const readsAtOnce: boolean[] = [];
  const { fanout } = openWatchedPush({
    publisher: { ...NOBODY, readAtOnce: (wanted) => readsAtOnce.push(wanted) },
    clock: new ManualClock(0),
    log: silentLog,
    report() {},
    finish: async () => {},
  });
  const leaveFirst = fanout.watch(viewer());
  const leaveSecond = fanout.watch(viewer());
  leaveFirst();
  expect(readsAtOnce.at(-1)).toBe(true);
  leaveSecond();
  expect(readsAtOnce.at(-1)).toBe(false);
});

it('ends its viewers before anything is stored', () => {
  const happened: string[] = [];
  const { push, fanout } = openWatchedPush({
    publisher: NOBODY,
    clock: new ManualClock(0),
    log: silentLog,
    report() {},
    finish: async (cause) => {
      happened.push(`finish ${cause}`);
    },
  });
  fanout.watch(viewer(happened));
  push.end({ cause: 'unpublished' });
  expect(happened).toEqual(['ended', 'finish unpublished']);
});

it('makes the publisher wait for an output, never for a viewer', () => {
  const happened: string[] = [];
  const { fanout, backPressure } = openWatchedPush({
    publisher: { ...NOBODY, pause: () => happened.push('pause'), resume: () => happened.push('resume') },
    clock: new ManualClock(0),
    log: silentLog,
    report() {},
    finish: async () => {},
  });
  const slow = { ...viewer(), write: () => false };
  fanout.watch(slow);
  fanout.write({ kind: 'audio', dtsMs: 0, data: Buffer.of(1) });
  expect(happened).toEqual([]);
  const output = { ...slow };
  fanout.add(output);
  fanout.write({ kind: 'audio', dtsMs: 40, data: Buffer.of(1) });
  backPressure.release(output);
  expect(happened).toEqual(['pause', 'resume']);
});
