import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { Contact, NoAnswerInTime } from '../../../src/console/contact.ts';
import { followEvents, readEvents } from '../../../src/console/state/event-feed.ts';
import { emulatorAnswer } from '../support/emulator-answer.ts';

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
        return emulatorAnswer(streamOf(new TextEncoder().encode(TEXT), 1000));
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

it('a stream that falls silent is given up, and followed anew', async () => {
  const clock = new ManualClock(0);
  const contact = new Contact(clock);
  const told: unknown[] = [];
  const asked: (string | null)[] = [];
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  followEvents('/events', {
    clock,
    contact,
    send: async (_url, request) => {
      asked.push(new Headers(request?.headers).get('last-event-id'));
      return emulatorAnswer(new ReadableStream({ start: (controller) => void streams.push(controller) }));
    },
    onOpen: () => told.push('open'),
    onEvent: (data) => told.push(data),
    onLost: (error) => told.push(error),
  });
  const send = async (text: string) => {
    await settled();
    streams.at(-1)?.enqueue(new TextEncoder().encode(text));
    await settled();
  };
  await send('id: 1\nevent: a\ndata: {}\n\n');
  for (let times = 0; times < 10; times++) {
    clock.advance(14_999);
    await send(': still here\n\n');
  }
  expect(told).toEqual(['open', '{}']);
  clock.advance(15_000);
  await settled();
  expect(told).toEqual(['open', '{}', expect.any(NoAnswerInTime)]);
  clock.advance(2_000);
  await settled();
  expect(told.slice(3)).toEqual(['open']);
  expect(asked).toEqual([null, '1']);
});

/** Resolves after everything that is due now. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
