import { expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { Disk, type FileWork } from '../../../../src/storage/objects/filesystem/disk.ts';

/** A call that takes so long, and says how it was made. */
function* call(clock: ManualClock, ms: number, error?: Error): FileWork<'now' | 'pooled'> {
  const take = (how: 'now' | 'pooled') => {
    clock.advance(ms);
    if (error) throw error;
    return how;
  };
  return (yield { now: () => take('now'), pooled: async () => take('pooled') }) as 'now' | 'pooled';
}

function* calls(clock: ManualClock, ...ms: readonly number[]): FileWork<string[]> {
  const made: string[] = [];
  for (const each of ms) made.push(yield* call(clock, each));
  return made;
}

function newDisk(): { clock: ManualClock; disk: Disk } {
  const clock = new ManualClock(0);
  return { clock, disk: new Disk(clock) };
}

it('calls in this thread, and returns the result itself, as long as the disk is quick', () => {
  const { clock, disk } = newDisk();
  expect(disk.run(calls(clock, 0, 49, 49))).toEqual(['now', 'now', 'now']);
});

it('goes on in the pool after the first slow call, within the same work too', async () => {
  const { clock, disk } = newDisk();
  expect(await disk.run(calls(clock, 1, 50, 1, 1))).toEqual(['now', 'now', 'pooled', 'pooled']);
  expect(await disk.run(calls(clock, 1))).toEqual(['pooled']);
});

it('calls in this thread again after a hundred quick calls in a row', async () => {
  const { clock, disk } = newDisk();
  await disk.run(calls(clock, 50, ...Array(99).fill(1), 60, ...Array(99).fill(1)));
  expect(await disk.run(calls(clock, 1))).toEqual(['pooled']);
  expect(disk.run(calls(clock, 1))).toEqual(['now']);
});

it.each(['quick', 'slow'])('a %s call that fails can be handled by the work, and otherwise fails it', async (speed) => {
  const { clock, disk } = newDisk();
  const ms = speed === 'slow' ? 50 : 0;
  await disk.run(calls(clock, ms));
  function* handled(): FileWork<string> {
    try {
      return yield* call(clock, ms, new Error('EIO'));
    } catch {
      return `handled, then ${yield* call(clock, ms)}`;
    }
  }
  expect(await disk.run(handled())).toBe(`handled, then ${speed === 'slow' ? 'pooled' : 'now'}`);
  await expect((async () => disk.run(call(clock, ms, new Error('ENOSPC'))))()).rejects.toThrow('ENOSPC');
});

it('a slow failure makes a disk slow too', async () => {
  const { clock, disk } = newDisk();
  expect(() => disk.run(call(clock, 5_000, new Error('EIO')))).toThrow('EIO');
  expect(await disk.run(calls(clock, 1))).toEqual(['pooled']);
});
