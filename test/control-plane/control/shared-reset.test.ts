import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { type ResetSteps, SharedReset } from '../../../src/control-plane/control/shared-reset.ts';
import { createInProcessLeases } from '../../../src/storage/leases/in-process-leases.ts';
import { type Leases, RESET_LEASE, type Seen, type SeenReset } from '../../../src/storage/leases/leases.ts';
import { START_LEASE } from '../../../src/storage/leases/run-alone.ts';

const IDLE: SeenReset = { owner: null, number: 3, isGoingOn: false, state: { step: 'emptied' } };

function stepsInto(done: string[]): ResetSteps {
  const step = (name: string) => async (bucket: string | undefined, wasReset?: unknown) => {
    done.push(`${name} ${bucket ?? 'all'}${wasReset === false ? ' in vain' : ''}`);
  };
  return {
    end: step('end'),
    empty: step('empty'),
    forget: step('forget'),
    restore: step('restore'),
    goOn: step('go on'),
  };
}

/** A node, and what it does of the resets that it sees. */
function follower() {
  const done: string[] = [];
  const listeners: ((seen: Seen) => void)[] = [];
  let reset = IDLE;
  const tell = () => {
    for (const listener of listeners) listener({ reset, newerSchema: undefined });
  };
  const leases: Leases = {
    ...createInProcessLeases(),
    onSeen: (listener) => listeners.push(listener),
    acknowledge: async (text) => {
      done.push(text);
    },
    renewAll: async () => tell(),
  };
  const shared = new SharedReset({ leases, steps: stepsInto(done), clock: systemClock, log: silentLog });
  onTestFinished(() => shared.close());
  const see = (next: SeenReset) => {
    reset = next;
    tell();
  };
  see(IDLE);
  const until = async (text: string) => {
    while (!done.includes(text)) await new Promise((resolve) => setImmediate(resolve));
  };
  return { done, see, until };
}

it('a node follows the reset of another one step by step, and says so', async () => {
  const { done, see, until } = follower();
  const going = { owner: 'other', number: 4, isGoingOn: true };
  see({ ...going, state: undefined });
  see({ ...going, state: { step: 'ending', bucket: 'b' } });
  await until('reset 4 ending');
  see({ ...going, state: { step: 'emptying', bucket: 'b' } });
  see({ ...going, state: { step: 'emptied', bucket: 'b' } });
  await until('reset 4 emptied');
  see({ ...going, owner: null, isGoingOn: false, state: { step: 'emptied', bucket: 'b' } });
  expect(done).toEqual(['end b', 'reset 4 ending', 'forget b', 'go on b', 'reset 4 emptied']);
});

it('a node that was away during resets forgets everything when it is back', async () => {
  const { done, see, until } = follower();
  see({ owner: null, number: 5, isGoingOn: false, state: { step: 'emptied', bucket: 'b' } });
  await until('go on all');
  expect(done).toEqual(['end all', 'forget all', 'go on all']);
});

it.each([
  ['ending', ['end all', 'reset 4 ending', 'go on all in vain']],
  ['emptying', ['end all', 'reset 4 ending', 'forget all', 'go on all']],
] as const)('goes on when the node that resets dies while it is %s', async (step, expected) => {
  const { done, see, until } = follower();
  see({ owner: 'other', number: 4, isGoingOn: true, state: { step } });
  await until('reset 4 ending');
  see({ owner: 'other', number: 4, isGoingOn: false, state: { step } });
  await until(expected.at(-1) ?? '');
  expect(done).toEqual(expected);
});

it('a node alone makes the steps in their order, one reset at a time', async () => {
  const done: string[] = [];
  const leases = createInProcessLeases();
  const shared = new SharedReset({ leases, steps: stepsInto(done), clock: systemClock, log: silentLog });
  await Promise.all([shared.make(), shared.make('b')]);
  expect(done).toEqual(
    ['all', 'b'].flatMap((what) => ['end', 'empty', 'forget', 'restore', 'go on'].map((step) => `${step} ${what}`)),
  );
});

it('a reset that waits for a start tells nothing of the one before, which failed', async () => {
  const done: string[] = [];
  const leases = createInProcessLeases();
  let failure: Error | undefined = new Error('no disk');
  const steps = stepsInto(done);
  const goOn = async (bucket: string | undefined, wasReset: boolean) => {
    if (failure) throw failure;
    await steps.goOn(bucket, wasReset);
  };
  const shared = new SharedReset({ leases, steps: { ...steps, goOn }, clock: systemClock, log: silentLog });
  await expect(shared.make()).rejects.toBe(failure);
  failure = undefined;
  const { lease: start } = await leases.acquire({ source: START_LEASE, sessionId: 'of a node that starts' });
  const next = shared.make();
  while (!(await leases.holder(RESET_LEASE))) await new Promise((resolve) => setImmediate(resolve));
  expect(shared.stateOf(RESET_LEASE)).toBeUndefined();
  await start?.release();
  await next;
  expect(done.at(-1)).toBe('go on all');
});
