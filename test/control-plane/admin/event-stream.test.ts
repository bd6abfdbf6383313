import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { streamEvents } from '../../../src/control-plane/admin/event-stream.ts';
import { ownEventFeed } from '../../../src/control-plane/admin/own-event-feed.ts';
import { Events } from '../../../src/events/events.ts';
import { listenDuringTest } from '../../support/listen.ts';

it('an event after the end of the answer is not written, and does no harm', async () => {
  const events = new Events(new ManualClock(0));
  let failure: Error | undefined;
  const server = createServer((request, response) => {
    response.on('error', (error) => {
      failure = error;
    });
    streamEvents(request, response, { feed: ownEventFeed(events), log: silentLog }, undefined, () => true);
    events.emit({ type: 'emulator.reset' });
    // As the end of the server does, while the pushes still end.
    response.end();
    events.emit({ type: 'emulator.reset' });
  });
  const port = await listenDuringTest(server);
  const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(text.match(/^event: /gm)).toEqual(['event: ']);
  expect(failure).toBeUndefined();
});

it('a proxy is told to pass on every event at once, as it is', async () => {
  const server = createServer((request, response) => {
    streamEvents(request, response, { feed: ownEventFeed(new Events()), log: silentLog }, undefined, () => true);
    response.end();
  });
  const { headers } = await fetch(`http://127.0.0.1:${await listenDuringTest(server)}/`);
  expect(headers.get('cache-control')).toBe('no-store, no-transform');
  expect(headers.get('x-accel-buffering')).toBe('no');
});
