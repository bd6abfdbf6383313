import { describe, expect, it } from 'vitest';
import { Batch, Batches, type Step } from '../../../src/console/buckets/batch.ts';
import { describeBatch } from '../../../src/console/buckets/describe-batch.ts';
import { CallFailed } from '../../../src/console/call-failed.ts';

const OPTIONS = { title: 'Upload', unit: 'file', countsBytes: true };

async function* stepsOf(steps: readonly Step[]): AsyncGenerator<Step> {
  yield* steps;
}

/** Steps that end when the test lets them. */
function heldSteps(number: number): { readonly steps: readonly Step[]; readonly begun: (() => void)[] } {
  const begun: (() => void)[] = [];
  const steps = Array.from({ length: number }, (_, i) => ({
    name: `${i}`,
    sizeBytes: 10,
    act: (signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new CallFailed('cancelled')));
        begun.push(resolve);
      }),
  }));
  return { steps, begun };
}

/** After everything that is due without input. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a batch', () => {
  it('does four things at a time until nothing is left', async () => {
    const { steps, begun } = heldSteps(10);
    const batch = new Batch(OPTIONS);
    const run = batch.run(stepsOf(steps));
    for (let done = 0; done < 10; done++) {
      await settled();
      expect(begun).toHaveLength(Math.min(10, done + 4));
      expect(batch.progress.value).toMatchObject({ state: 'running', total: 10, done });
      begun[done]?.();
    }
    await run;
    expect(batch.progress.value).toMatchObject({
      state: 'ended',
      done: 10,
      failed: 0,
      bytes: { total: 100, done: 100 },
    });
    expect(batch.isActive).toBe(false);
  });

  it('goes on after failures, and keeps the first different reasons with their number', async () => {
    const refused = (name: string, reason: string): Step => ({
      name,
      sizeBytes: 10,
      act: async (_signal, onBytes) => {
        onBytes(7);
        throw new CallFailed(reason);
      },
    });
    const done: Step = { name: 'good', sizeBytes: 5, act: async (_signal, onBytes) => onBytes(3) };
    const impossible: Step = { ...done, name: 'large', sizeBytes: 1000, problem: 'too large' };
    const reasons = ['no', 'no', 'never', 'no', 'fourth'];
    const batch = new Batch(OPTIONS);
    await batch.run(stepsOf([impossible, ...reasons.map((reason, i) => refused(`${i}`, reason)), done]));
    const { progress } = batch;
    expect(progress.value).toEqual({
      state: 'ended',
      total: 7,
      done: 1,
      failed: 6,
      bytes: { total: 5, done: 5 },
      reasons: [
        { reason: 'too large', count: 1, first: 'large' },
        { reason: 'no', count: 3, first: '0' },
        { reason: 'never', count: 1, first: '2' },
      ],
    });
    expect(describeBatch(progress.value, 'file')).toBe('1 of 7 files done, 6 failed');
  });

  it('begins nothing more when it is cancelled, and counts nothing as failed', async () => {
    const { steps, begun } = heldSteps(10);
    const batches = new Batches();
    const batch = batches.start({ ...OPTIONS, steps: stepsOf(steps) });
    await settled();
    begun[0]?.();
    await settled();
    expect([begun.length, batches.isActive.value]).toEqual([5, true]);
    batch.cancel();
    await settled();
    expect(begun).toHaveLength(5);
    expect(batch.progress.value).toMatchObject({ state: 'cancelled', done: 1, failed: 0 });
    expect(describeBatch(batch.progress.value, 'file')).toBe('1 of 10 files done, then cancelled');
    expect(batches.isActive.value).toBe(false);
    batches.dismiss(batch);
    expect(batches.all.value).toEqual([]);
  });

  it('stops looking for more when it is cancelled', async () => {
    let found = 0;
    async function* endless(): AsyncGenerator<Step> {
      for (;;) {
        found++;
        yield { name: 'x', sizeBytes: 1, act: async () => {} };
        if (found === 50) batch.cancel();
      }
    }
    const batch = new Batch(OPTIONS);
    await batch.run(endless());
    expect([found, batch.progress.value.state]).toEqual([51, 'cancelled']);
  });
});
