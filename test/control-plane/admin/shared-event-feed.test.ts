import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { sharedEventFeed } from '../../../src/control-plane/admin/shared-event-feed.ts';
import { Events } from '../../../src/events/events.ts';
import { SharedEvents } from '../../../src/events/shared-events.ts';
import type { EventLog, StoredBatch } from '../../../src/storage/event-log/event-log.ts';
import { DatabaseFault } from '../../../src/storage/postgres/database-fault.ts';

/** In memory; `fault` is what its database answers for now. */
class TestEventLog implements EventLog {
  fault: Error | undefined;
  readonly #batches: StoredBatch[] = [];

  async append({ events }: { readonly events: readonly string[] }): Promise<void> {
    this.#try();
    const lastId = (this.#batches.at(-1)?.lastId ?? 0) + events.length;
    this.#batches.push({ lastId, count: events.length, body: `[${events.join(',')}]` });
  }

  async read(after: number): Promise<readonly StoredBatch[]> {
    this.#try();
    return this.#batches.filter(({ lastId }) => lastId > after);
  }

  async lastId(): Promise<number> {
    this.#try();
    return this.#batches.at(-1)?.lastId ?? 0;
  }

  async forget(): Promise<void> {}

  #try(): void {
    if (this.fault) throw this.fault;
  }
}

function setUp() {
  const clock = new ManualClock(0);
  const events = new Events(clock);
  const eventLog = new TestEventLog();
  const shared = new SharedEvents({ events, eventLog, owner: 'node' });
  const feed = sharedEventFeed(shared, clock);
  const left = new AbortController();
  const sent: number[] = [];
  const follow = (after?: number) => feed.follow(after, ({ id }) => sent.push(id), left.signal);
  const happen = () => events.emit({ type: 'emulator.reset' });
  const pass = async () => {
    clock.advance(1_000);
    await turnOfTheLoop();
  };
  return { eventLog, shared, left, sent, follow, happen, pass };
}

const AWAY = new DatabaseFault('PostgreSQL cannot be reached', 'ECONNREFUSED', { isLoss: true });

it.each([
  { what: 'from the beginning', after: 0, sent: [1, 2] },
  { what: 'from the end', after: undefined, sent: [2] },
])('who follows $what waits for a database that is away, and gets what has happened meanwhile', async (how) => {
  const { eventLog, shared, left, sent, follow, happen, pass } = setUp();
  happen();
  await shared.store();
  const following = follow(how.after);
  await turnOfTheLoop();
  eventLog.fault = AWAY;
  happen();
  for (let times = 0; times < 5; times++) await pass();
  eventLog.fault = undefined;
  await pass();
  expect(sent).toEqual(how.sent);
  left.abort();
  await following;
});

it('who begins to follow while it is away waits too', async () => {
  const { eventLog, left, sent, follow, happen, pass } = setUp();
  eventLog.fault = AWAY;
  const following = follow();
  await turnOfTheLoop();
  await pass();
  eventLog.fault = undefined;
  await pass();
  happen();
  await pass();
  expect(sent).toEqual([1]);
  left.abort();
  await following;
});

it('who follows is told of a bug', async () => {
  const { eventLog, follow } = setUp();
  eventLog.fault = new TypeError('a bug');
  await expect(follow(0)).rejects.toThrow('a bug');
});
