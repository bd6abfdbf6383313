import { expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import type { StoreUnavailable } from '../../../../src/storage/objects/object-store.ts';
import { Attempts } from '../../../../src/storage/objects/remote/attempts.ts';

const refused = () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:9001'));

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
  const onAway = ({ message }: StoreUnavailable, forMs: number) => told.push(`${message} for ${forMs / 1000} s`);
  return { clock, told, attempts: new Attempts(clock, SHOWN, onAway) };
}

const SHOWN = 's3://store/bucket/ at http://127.0.0.1:9001';

it('a store is told of when a request takes longer than an attempt, and at each failure after that', async () => {
  const { clock, told, attempts } = watchedAttempts();
  expect(await attempts.run({ what: 'PUT', limitMs: 3_000, act: async () => 'done' })).toBe('done');
  clock.advance(10_000);
  expect(told).toEqual([]);
  const reason = await rejectedOn(clock, attempts, 20_000);
  expect(reason).toMatchObject({ message: `${SHOWN}: PUT: connect ECONNREFUSED`, isOutage: true });
  const [first, ...others] = told;
  expect(first).toBe(`${SHOWN}: PUT: connect ECONNREFUSED for 3 s`);
  expect(others.length).toBeGreaterThan(5);
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
    error: new Error('connect ECONNREFUSED 127.0.0.1:9001'),
    facts: { what: 'its object store does not answer', isOutage: true, isBusy: false },
  },
  {
    what: 'answers that it cannot',
    error: Object.assign(new Error('InternalError'), { $metadata: { httpStatusCode: 500 } }),
    facts: { what: 'its object store answers that it cannot (500)', isOutage: true, isBusy: false },
  },
  {
    what: 'has too many requests (S3)',
    error: Object.assign(new Error('Please'), { name: 'SlowDown', $metadata: { httpStatusCode: 503 } }),
    facts: { isOutage: true, isBusy: true },
  },
  {
    what: 'has too many requests (OSS)',
    error: Object.assign(new Error('Please'), { code: 'QpsLimitExceeded', status: 503 }),
    facts: { isOutage: true, isBusy: true },
  },
  {
    what: 'has too many requests (by the status alone)',
    error: Object.assign(new Error('Please'), { status: 429 }),
    facts: { isOutage: true, isBusy: true },
  },
  {
    what: 'refuses the credentials',
    error: Object.assign(new Error('AccessDenied'), { $metadata: { httpStatusCode: 403 } }),
    facts: { what: 'its object store refuses that (403)', isOutage: false, isBusy: false },
  },
])('an outage is told exactly where it is one: a store that $what', async ({ error, facts }) => {
  const { clock, told, attempts } = watchedAttempts();
  // Shorter than the first pause: it is over at the first failure, before anything was late.
  const reason = await rejectedOn(clock, attempts, 10, () => Promise.reject(error));
  expect(reason).toMatchObject(facts);
  expect(told).toHaveLength(facts.isOutage ? 1 : 0);
});

it('a request that was given up is no outage', async () => {
  const { clock, told, attempts } = watchedAttempts();
  const ending = new AbortController();
  const given = attempts.run({ what: 'PUT', limitMs: 10_000, signal: ending.signal, act: hanging });
  ending.abort(new Error('the emulator stops'));
  await expect(given).rejects.toMatchObject({ message: `${SHOWN}: PUT: the emulator stops`, isOutage: false });
  clock.advance(60_000);
  expect(told).toEqual([]);
});

it.each([
  ['answers', async () => 1, true],
  ['refuses', () => Promise.reject(Object.assign(new Error('no'), { status: 403 })), true],
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
