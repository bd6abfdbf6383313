import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { CALLS, createControlApi } from '../../src/console/api-client.ts';
import { CallFailed } from '../../src/console/call-failed.ts';
import { AnsweredByOther, Contact, CutOff, LIMITS } from '../../src/console/contact.ts';
import { createLongApi, LONG_CALLS } from '../../src/console/long-api.ts';
import type { Send } from '../../src/console/send.ts';
import { Journal } from '../../src/console/state/journal.ts';
import { API } from '../../src/control-plane/admin/control-api.ts';
import { EXPORT_TYPE, HEAD_ENTRY } from '../../src/control-plane/export-file/export-format.ts';
import { withResolvers } from '../support/with-resolvers.ts';
import { emulatorAnswer } from './support/emulator-answer.ts';

const contact = new Contact(new ManualClock(0));

it('the page calls what the emulator serves', () => {
  const served = Object.fromEntries(Object.entries(API).map(([name, { method, path }]) => [name, `${method} ${path}`]));
  expect(served).toMatchObject(CALLS);
  expect(served).toMatchObject(LONG_CALLS);
});

it.each(['<?xml version="1.0"?><Error><Code>ServiceUnavailable</Code></Error>', '{"message":"it stops"}', 'null', ''])(
  'what an emulator says that stops is a failed call: %j',
  async (text) => {
    const send = async () => new Response(text, { status: 503, headers: { 'x-oss-request-id': '5C1B' } });
    const failed = new CallFailed('The emulator does not answer: HTTP 503.');
    await expect(createControlApi('', send, contact)('channels')).rejects.toThrow(failed);
    await expect(createLongApi('', send, contact).call('reset', { body: {} }, () => {})).rejects.toThrow(failed);
    await expect(createLongApi('', send, contact).download(() => {})).rejects.toThrow(failed);
  },
);

it.each([
  { what: 'its page', init: { headers: { 'content-type': 'text/html' } }, body: '<html>Log in</html>' },
  { what: 'a document', init: { headers: { 'content-type': 'application/json' } }, body: '{}' },
  { what: 'lines', init: { headers: { 'content-type': 'application/x-ndjson' } }, body: '{"result":{}}' },
  { what: 'an archive', init: { headers: { 'content-type': EXPORT_TYPE } }, body: 'photos/1.jpg'.padEnd(1024, '\0') },
  { what: 'that it reaches nobody', init: { status: 502 }, body: '{"error":"no upstream"}' },
  { what: 'that it waited for too long', init: { status: 504 }, body: '' },
])('what a proxy answers is not taken for an answer of the emulator: $what', async ({ init, body }) => {
  const clock = new ManualClock(0);
  const before = new Contact(clock);
  clock.advance(1_000);
  const send = async () => new Response(body, init);
  const long = createLongApi('', send, before);
  const changes = [
    createControlApi('', send, before)('freezeClock'),
    long.call('reset', { body: {} }, () => {}),
    long.download(() => {}),
  ];
  for (const change of changes) {
    const error = await change.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(AnsweredByOther);
    expect(error).toMatchObject({ mayBeDone: true, message: expect.stringContaining('something between, as a proxy') });
  }
  await expect(createControlApi('', send, before)('channels')).rejects.toMatchObject({ mayBeDone: false });
  expect(before.lastMs).toBe(0);
});

it.each<{ what: string; status: number; ask: (send: Send) => unknown }>([
  {
    what: 'an export',
    status: 200,
    ask: (send) => expect(createLongApi('', send, contact).download(() => {})).rejects.toThrow('as a proxy'),
  },
  {
    what: 'the events',
    status: 502,
    ask: (send) => new Journal('/events', { send, contact, clock: new ManualClock(0) }),
  },
])('what has answered in the place of the emulator is not read on: $what', async ({ status, ask }) => {
  const { promise: isCancelled, resolve } = withResolvers<unknown>();
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1024)),
    cancel: resolve,
  });
  await ask(async () => new Response(endless, { status, headers: { 'content-type': 'text/html' } }));
  await isCancelled;
});

it('an export is taken in whatever pieces it comes', async () => {
  const bytes = new TextEncoder().encode(HEAD_ENTRY.padEnd(1024, '\0'));
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.subarray(at, at + 7));
      controller.close();
    },
  });
  const send = async () => emulatorAnswer(body, { headers: { 'content-type': EXPORT_TYPE } });
  expect((await createLongApi('', send, contact).download(() => {})).size).toBe(1024);
});

it.each(['null', '[]', '0', 'garbage', '', '{"error":5}', '{}'])(
  'a line that is none of an answer is a failed call: %j',
  async (line) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const send = async () => emulatorAnswer(`{"progress":{}}\n${line}\n`, { headers });
    const reset = createLongApi('', send, contact).call('reset', { body: {} }, () => {});
    await expect(reset).rejects.toThrow(new CutOff(LIMITS.work));
  },
);
