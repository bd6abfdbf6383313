import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { Outages, type StoreFault } from '../../src/storage/outages.ts';
import { keptLog } from '../support/kept-log.ts';

const SHOWN = 's3://store/a/ at http://127.0.0.1:9001';
const AWAY = `warn  store.away store=objects at="${SHOWN}" reason="PUT: connect ECONNREFUSED" advice=wait`;
const back = (awaySec: number) => `warn  store.back store=objects at="${SHOWN}" awaySec=${awaySec}`;
const fault = (mayBeOutage: boolean, text: string): StoreFault =>
  Object.assign(new Error(`${SHOWN}: PUT: ${text}`), { mayBeOutage, outage: false });
const refused = () => fault(true, 'connect ECONNREFUSED 127.0.0.1:9001');
const otherwise = () => fault(false, 'its connections are in use');

const OPTIONS = { store: 'objects', shown: SHOWN, advice: 'wait' } as const;

function watched() {
  const clock = new ManualClock(0);
  const { log, lines } = keptLog();
  const store = { answers: false, probes: 0 };
  const outages = new Outages({
    ...OPTIONS,
    clock,
    log,
    async probe() {
      store.probes += 1;
      if (!store.answers) throw refused();
    },
  });
  outages.begin();
  /** Second by second: each probe is one of microtasks. */
  const pass = async (seconds: number) => {
    await new Promise(setImmediate);
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
  };
  const fail = async (failed = refused(), forMs = 0) => {
    outages.failed(failed, forMs);
    await pass(0);
    return failed.outage;
  };
  return { lines, log, store, outages, pass, fail };
}

it('an outage is a line at its begin and one at its end, with its length, however much fails meanwhile', async () => {
  const { lines, store, outages, pass, fail } = watched();
  await fail(refused(), 3_000);
  expect([lines, outages.isAway]).toEqual([[AWAY], true]);
  for (let times = 0; times < 20; times++) {
    outages.failed(refused());
    await pass(1);
  }
  store.answers = true;
  await pass(2);
  expect([lines, outages.isAway]).toEqual([[AWAY], true]);
  await pass(3);
  // Away for 3 s before it was noticed and 20 s after, and it was asked a second later.
  expect([lines, outages.isAway]).toEqual([[AWAY, back(24)], false]);
  const { probes } = store;
  await pass(60);
  expect(store.probes).toBe(probes);
});

it('a store that answers now and then is away until nothing fails any longer', async () => {
  const { lines, store, outages, pass, fail } = watched();
  await fail();
  store.answers = true;
  for (let times = 0; times < 10; times++) {
    outages.failed(refused());
    await pass(2);
  }
  expect(lines).toEqual([AWAY]);
  await pass(10);
  expect(lines).toEqual([AWAY, back(19)]);
});

it('a request without an answer is no outage when the store answers: a connection was lost, or the request is slow', async () => {
  const { lines, store, outages, pass, fail } = watched();
  store.answers = true;
  for (let times = 0; times < 5; times++) expect(await fail(refused(), 3_000)).toBe(false);
  await pass(10);
  expect([lines, outages.isAway, store.probes]).toEqual([[], false, 5]);
});

it('it is asked once for all requests that fail at a time', async () => {
  const { lines, store, outages, pass } = watched();
  for (let times = 0; times < 5; times++) outages.failed(refused());
  expect([lines, outages.isAway, store.probes]).toEqual([[], false, 1]);
  await pass(0);
  expect([lines, outages.isAway, store.probes]).toEqual([[AWAY], true, 1]);
});

it('a store that fails for another reason is not asked, and is not away longer by that', async () => {
  const { lines, store, pass, fail } = watched();
  await fail(otherwise());
  expect([lines, store.probes]).toEqual([[], 0]);
  await fail();
  store.answers = true;
  for (let times = 0; times < 10; times++) {
    await fail(otherwise());
    await pass(1);
  }
  expect(lines).toEqual([AWAY, back(1)]);
});

it('what fails in an outage is marked, whatever it says, and what began it; before and after it nothing is', async () => {
  const { store, pass, fail } = watched();
  const marks = async () => [await fail(otherwise()), await fail(refused())];
  expect(await marks()).toEqual([false, true]);
  expect(await marks()).toEqual([true, true]);
  store.answers = true;
  await pass(10);
  expect(await marks()).toEqual([false, false]);
});

it.each([true, false])(
  'what fails while the store is asked is marked when it is known that it answers: %s',
  async (answers) => {
    const { store, outages, pass } = watched();
    store.answers = answers;
    const faults = [refused(), otherwise(), refused()];
    for (const failed of faults) outages.failed(failed);
    const asked = outages.ask();
    expect(store.probes).toBe(1);
    await pass(0);
    expect(await Promise.all([...faults.map(({ outage }) => outage), asked])).toEqual(Array(4).fill(!answers));
  },
);

it('a check that fails asks the store, and does not make an outage longer', async () => {
  const { lines, store, outages, pass } = watched();
  store.answers = true;
  expect(await outages.ask()).toBe(false);
  expect(lines).toEqual([]);
  store.answers = false;
  // The reason is what the store failed with when it was asked.
  expect(await outages.ask()).toBe(true);
  store.answers = true;
  for (let second = 0; second < 10; second++) {
    outages.ask();
    await pass(1);
  }
  expect(lines).toEqual([AWAY, back(1)]);
});

it('a stop in which the store is asked does not wait for its answer, and tells of no outage', async () => {
  const { log, lines } = keptLog();
  const outages = new Outages({ ...OPTIONS, log, clock: new ManualClock(0), probe: () => new Promise(() => {}) });
  outages.begin();
  const failed = refused();
  outages.failed(failed);
  outages.close();
  expect(await failed.outage).toBe(false);
  expect([lines, outages.isAway]).toEqual([[], false]);
});

it('the next outage is told as the first one was', async () => {
  const { lines, store, pass, fail } = watched();
  for (let times = 0; times < 2; times++) {
    store.answers = false;
    await fail();
    store.answers = true;
    await pass(10);
  }
  expect(lines).toEqual([AWAY, back(1), AWAY, back(1)]);
});

it('before the begin nothing is told: the start says why it fails', async () => {
  const { lines, log, pass } = watched();
  const outages = new Outages({ ...OPTIONS, log, clock: new ManualClock(0), probe: async () => {} });
  outages.failed(refused());
  await pass(10);
  expect([lines, outages.isAway]).toEqual([[], false]);
});

it('after the stop nothing is asked or told', async () => {
  const { lines, store, outages, pass, fail } = watched();
  await fail();
  outages.close();
  store.answers = true;
  await pass(10);
  outages.failed(refused());
  expect([lines, store.probes]).toEqual([[AWAY], 1]);
});

it.each([
  { what: 'during the outage', forMs: 6_000, outage: true },
  { what: 'since the store answers again', forMs: 2_000, outage: false },
])('what fails after an outage is of it when it was asked $what', async ({ forMs, outage }) => {
  const { lines, store, pass, fail } = watched();
  await fail();
  store.answers = true;
  await pass(5);
  expect(lines).toEqual([AWAY, back(1)]);
  expect(await fail(refused(), forMs)).toBe(outage);
  expect(lines).toHaveLength(2);
});

it('an outage goes on while a request is tried again and fails, although the store answers others', async () => {
  const { lines, store, outages, pass, fail } = watched();
  await fail();
  store.answers = true;
  for (let forMs = 4_000; forMs < 20_000; forMs += 2_000) {
    outages.failed(refused(), forMs);
    await pass(2);
  }
  expect(lines).toEqual([AWAY]);
});

it('the next outage does not begin before the last one has ended', async () => {
  const { lines, store, pass, fail } = watched();
  await fail();
  store.answers = true;
  await pass(5);
  store.answers = false;
  await fail(refused(), 60_000);
  store.answers = true;
  await pass(10);
  expect(lines).toEqual([AWAY, back(1), AWAY, back(5)]);
});

it('what was asked in an outage is of it also while the store is asked anew', async () => {
  const { store, outages, pass, fail } = watched();
  await fail();
  store.answers = true;
  await pass(5);
  outages.failed(refused());
  const late = otherwise();
  outages.failed(late, 6_000);
  expect(late.outage).toBe(true);
});

it.each([
  { what: 'an outage', fault: refused, forMs: 6_000, isAsked: true },
  { what: 'an outage, for want of a connection', fault: otherwise, forMs: 6_000, isAsked: false },
])(
  'what was asked in $what and fails after it is of it, and the next outage is noticed',
  async ({ fault: ofKind, forMs, isAsked }) => {
    const { lines, store, pass, fail } = watched();
    await fail();
    store.answers = true;
    await pass(5);
    store.answers = false;
    expect(await fail(ofKind(), forMs)).toBe(true);
    expect(lines).toEqual([AWAY, back(1), ...(isAsked ? [AWAY] : [])]);
  },
);
