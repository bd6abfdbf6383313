import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { Contact } from '../../../src/console/contact.ts';
import { followEvents, readEvents } from '../../../src/console/state/event-feed.ts';

const TEXT =
  ': hello\n\nid: 1\nevent: a\ndata: {"name":"ä"}\n\n: still here\n\nid: 2\nevent: b\ndata: {}\n\nid: 3\nevent: cut';

function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
      controller.close();
    },
  });
}

it.each([1, 2, 7, 1000])('events are read whole out of pieces of %i bytes', async (size) => {
  const read: unknown[] = [];
  for await (const event of readEvents(streamOf(new TextEncoder().encode(TEXT), size))) read.push(event);
  expect(read).toEqual([
    { id: '1', data: '{"name":"ä"}' },
    { id: '2', data: '{}' },
  ]);
});

it('a lost stream is followed from the last event on', async () => {
  const clock = new ManualClock(0);
  const asked: (string | null)[] = [];
  const told: string[] = [];
  await new Promise<void>((resolve) => {
    followEvents('/events', {
      clock,
      contact: new Contact(clock),
      send: async (_url, request) => {
        asked.push(new Headers(request?.headers).get('last-event-id'));
        if (asked.length === 2) throw new TypeError('Failed to fetch');
        return new Response(streamOf(new TextEncoder().encode(TEXT), 1000));
      },
      onOpen: () => told.push('open'),
      onEvent: (data) => told.push(data),
      onLost: () => {
        told.push('lost');
        if (asked.length === 3) resolve();
        else setImmediate(() => clock.advance(10_000));
      },
    });
  });
  expect(asked).toEqual([null, '2', '2']);
  const once = ['open', '{"name":"ä"}', '{}', 'lost'];
  expect(told).toEqual([...once, 'lost', ...once]);
});
