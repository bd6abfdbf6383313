import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { type EmulatorEvent, Events } from '../../../src/events/events.ts';
import { createOutgoing } from '../../../src/http/outgoing.ts';
import { Outbox, type Sending } from '../../../src/live/callbacks/outbox.ts';
import { createInProcessLeases } from '../../../src/storage/leases/in-process-leases.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { WaitingDeliveries } from '../../../src/storage/waiting-deliveries.ts';
import { receiveHttp } from '../../support/http-receiver.ts';

const KIND = 'waiting-test';

const CALLBACK = {
  subject: { domain: 'example.com', app: 'app', stream: 's1' },
  action: 'publish',
  url: 'http://127.0.0.1:1/',
  body: undefined,
  headers: {},
};

it('gives up a callback at once while a thousand are under way, until they are cleared', async () => {
  const clock = new ManualClock(0);
  const events = new Events(clock);
  const happened: EmulatorEvent[] = [];
  events.subscribe((event) => happened.push(event));
  const outbox = new Outbox({ clock, events, log: silentLog, send: createOutgoing('any') });
  onTestFinished(() => outbox.close());
  for (let n = 0; n < 1_000; n++) outbox.send(CALLBACK);
  expect(outbox.results).toEqual([]);
  const id = outbox.send(CALLBACK);
  const reason = '1000 callbacks are under way already';
  expect(outbox.results).toMatchObject([{ id, attempts: 0, delivered: false, response: reason }]);
  expect(happened).toMatchObject([{ type: 'live.callback-failed', attempts: 0, reason }]);
  await outbox.clear();
  outbox.send(CALLBACK);
  expect(outbox.results).toEqual([]);
});

it('what a stop interrupts waits for another node, and what is cleared does not', async () => {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const waiting = new WaitingDeliveries<Sending>(KIND, { metadata, leases: createInProcessLeases(), log: silentLog });
  const deps = { clock: new ManualClock(0), events: new Events(), log: silentLog, send: createOutgoing('any') };
  const outbox = new Outbox({ ...deps, waiting });
  const { url, request } = await receiveHttp(() => {});
  outbox.send({ ...CALLBACK, url });
  await request(1);
  await outbox.clear();
  const id = outbox.send({ ...CALLBACK, url });
  await request(2);
  await outbox.close();
  await waiting.settled();
  expect((await metadata.listDocuments(KIND)).map(({ name }) => name)).toEqual([id]);
});
