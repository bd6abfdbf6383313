import { getEventListeners } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { Attempts } from '../../../../src/storage/objects/remote/attempts.ts';
import type { StoreFault } from '../../../../src/storage/outages.ts';

const REFUSED = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9001'), { code: 'ECONNREFUSED' });
const refused = () => Promise.reject(REFUSED);

const hanging = () => new Promise<never>(() => {});

async function rejectedOn(
  clock: ManualClock,
  attempts: Attempts,
  limitMs: number,
  act: () => Promise<never> = refused,
): Promise<unknown> {
  let reason: unknown;
  const over = attempts.run({ what: 'PUT', limitMs, act }).catch((error: unknown) => {
    reason = error;
  });
  while (reason === undefined) {
    await new Promise(setImmediate);
    clock.advance(100);
  }
  await over;
  return reason;
}

/** What is told of a store, in seconds since the request began. */
function watchedAttempts() {
  const clock = new ManualClock(0);
  const told: string[] = [];
  const failed = ({ message, mayBeOutage }: StoreFault, forMs = 0) =>
    void told.push(`${message}${mayBeOutage ? ` for ${forMs / 1000} s` : ''}`);
  return { clock, told, attempts: new Attempts(clock, SHOWN, { failed }) };
}

const SHOWN = 's3://store/bucket/ at http://127.0.0.1:9001';

it('a store is told of when a request takes longer than an attempt, and at each failure after that', async () => {
  const { clock, told, attempts } = watchedAttempts();
  expect(await attempts.run({ what: 'PUT', limitMs: 3_000, act: async () => 'done' })).toBe('done');
  clock.advance(10_000);
  expect(told).toEqual([]);
  const reason = await rejectedOn(clock, attempts, 20_000);
  expect(reason).toMatchObject({ message: `${SHOWN}: PUT: connect ECONNREFUSED`, mayBeOutage: true });
  const [first, ...others] = told;
  expect(first).toBe(`${SHOWN}: PUT: connect ECONNREFUSED for 3 s`);
  expect(others.length).toBeGreaterThan(5);
});

it('of a request that is slow for longer than half of its time nothing is told, unless it fails', async () => {
  const { clock, told, attempts } = watchedAttempts();
  let answer = (_text: string) => {};
  const act = () =>
    new Promise<string>((resolve) => {
      answer = resolve;
    });
  const slow = attempts.run({ what: 'abort', limitMs: 2_000, act });
  clock.advance(1_900);
  answer('done');
  expect(await slow).toBe('done');
  clock.advance(60_000);
  expect(told).toEqual([]);
  await rejectedOn(clock, attempts, 2_000, hanging);
  expect(told).toEqual([`${SHOWN}: PUT: no answer within 2 s for 2 s`]);
});

it('of a store that hangs the time is told that an attempt may take, and of what fails the time of all', async () => {
  const { clock, told, attempts } = watchedAttempts();
  const reason = await rejectedOn(clock, attempts, 10_000, hanging);
  expect(told[0]).toBe(`${SHOWN}: PUT: no answer within 3 s for 3 s`);
  expect(reason).toMatchObject({ message: `${SHOWN}: PUT: no answer within 10 s` });
});

it.each([
  {
    what: 'does not answer',
    error: REFUSED,
    facts: { what: 'its object store does not answer', mayBeOutage: true, isBusy: false },
  },
  {
    what: 'was too slow for its client',
    error: Object.assign(new Error('no answer'), { name: 'ResponseTimeoutError' }),
    facts: { what: 'its object store does not answer', mayBeOutage: true },
  },
  {
    what: 'is behind a proxy',
    error: Object.assign(new Error('Bad Gateway'), { $metadata: { httpStatusCode: 502 } }),
    facts: { what: 'its object store answers that it cannot (502)', mayBeOutage: true, isBusy: false },
  },
  {
    what: 'has failed',
    error: Object.assign(new Error('InternalError'), { $metadata: { httpStatusCode: 500 } }),
    facts: { what: 'its object store answers that it cannot (500)', mayBeOutage: false, isBusy: false },
  },
  {
    what: 'is full',
    error: Object.assign(new Error('Insufficient Storage'), { status: 507 }),
    facts: { what: 'its object store answers that it cannot (507)', mayBeOutage: false, isBusy: false },
  },
  {
    what: 'was not asked, for want of credentials',
    error: Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' }),
    facts: { what: 'its object store cannot be used', mayBeOutage: false, isBusy: false },
  },
  {
    what: 'was not asked, by a bug',
    error: new TypeError('undefined is not a function'),
    facts: { what: 'its object store cannot be used', mayBeOutage: false },
  },
  {
    what: 'has too many requests (S3)',
    error: Object.assign(new Error('Please'), { name: 'SlowDown', $metadata: { httpStatusCode: 503 } }),
    facts: { mayBeOutage: true, isBusy: true },
  },
  {
    what: 'has too many requests (OSS)',
    error: Object.assign(new Error('Please'), { code: 'QpsLimitExceeded', status: 503 }),
    facts: { mayBeOutage: true, isBusy: true },
  },
  {
    what: 'has too many requests (by the status alone)',
    error: Object.assign(new Error('Please'), { status: 429 }),
    facts: { mayBeOutage: true, isBusy: true },
  },
  {
    what: 'refuses the credentials',
    error: Object.assign(new Error('AccessDenied'), { $metadata: { httpStatusCode: 403 } }),
    facts: { what: 'its object store refuses that (403)', mayBeOutage: false, isBusy: false },
  },
])('an outage is told exactly where it is one: a store that $what', async ({ error, facts }) => {
  const { clock, told, attempts } = watchedAttempts();
  // Shorter than the first pause: it is over at the first failure, before anything was late.
  const reason = await rejectedOn(clock, attempts, 10, () => Promise.reject(error));
  expect(reason).toMatchObject(facts);
  expect(told).toHaveLength(facts.mayBeOutage ? 1 : 0);
});

it('a request that was given up is no outage, but may have failed in one', async () => {
  const { clock, told, attempts } = watchedAttempts();
  const ending = new AbortController();
  const given = attempts.run({ what: 'PUT', limitMs: 10_000, signal: ending.signal, act: hanging });
  ending.abort(new Error('the emulator stops'));
  await expect(given).rejects.toMatchObject({ message: `${SHOWN}: PUT: the emulator stops`, mayBeOutage: false });
  clock.advance(60_000);
  expect(told).toEqual([`${SHOWN}: PUT: the emulator stops`]);
});

it.each([
  ['answers', async () => 1, true],
  ['refuses', () => Promise.reject(Object.assign(new Error('no'), { status: 403 })), true],
  ['has failed', () => Promise.reject(Object.assign(new Error('no'), { status: 500 })), true],
  ['answers that it cannot', () => Promise.reject(Object.assign(new Error('no'), { status: 503 })), false],
  ['does not answer', refused, false],
])('a probe of a store that %s', async (_what, act, isThere) => {
  const { attempts } = watchedAttempts();
  const probed = attempts.probe(act, new AbortController().signal).then(
    () => true,
    () => false,
  );
  expect(await probed).toBe(isThere);
});

it('a probe that a stop has ended is no answer', async () => {
  const { attempts } = watchedAttempts();
  await expect(attempts.probe(async () => 1, AbortSignal.abort(new Error('the emulator stops')))).rejects.toThrow(
    'the emulator stops',
  );
});

it('makes Node warn of no leak, however many requests have one signal, and leaves no listener', async () => {
  const { attempts } = watchedAttempts();
  const { signal } = new AbortController();
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const requests = Array.from({ length: 20 }, () =>
    attempts.run({ what: 'HEAD', limitMs: 1_000, signal, act: () => asked }),
  );
  expect(getEventListeners(signal, 'abort')).toHaveLength(20);
  answer();
  await Promise.all(requests);
  // Warnings are given in a turn of their own.
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
