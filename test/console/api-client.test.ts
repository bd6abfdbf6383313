import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { CALLS, createControlApi } from '../../src/console/api-client.ts';
import { CallFailed } from '../../src/console/call-failed.ts';
import { Contact, CutOff, LIMITS } from '../../src/console/contact.ts';
import { createLongApi, LONG_CALLS } from '../../src/console/long-api.ts';
import type { Send } from '../../src/console/send.ts';
import { Journal } from '../../src/console/state/journal.ts';
import { API } from '../../src/control-plane/admin/control-api.ts';
import { EXPORT_TYPE, HEAD_ENTRY } from '../../src/control-plane/export-file/export-format.ts';
import { withResolvers } from '../support/with-resolvers.ts';

const contact = new Contact(new ManualClock(0));

it('the page calls what the emulator serves', () => {
  const served = Object.fromEntries(Object.entries(API).map(([name, { method, path }]) => [name, `${method} ${path}`]));
  expect(served).toMatchObject(CALLS);
  expect(served).toMatchObject(LONG_CALLS);
});

it.each([
  '<?xml version="1.0"?><Error><Code>ServiceUnavailable</Code></Error>',
  '{"message":"no upstream"}',
  'null',
  '',
])('what a server says that stops, or a proxy, is a failed call: %j', async (text) => {
  const send = async () => new Response(text, { status: 503 });
  const failed = new CallFailed('The emulator does not answer: HTTP 503.');
  await expect(createControlApi('', send, contact)('channels')).rejects.toThrow(failed);
  await expect(createLongApi('', send, contact).call('reset', { body: {} }, () => {})).rejects.toThrow(failed);
  await expect(createLongApi('', send, contact).download(() => {})).rejects.toThrow(failed);
});

it.each([
  { what: 'the page of a proxy', type: 'text/html', body: '<html>Log in</html>' },
  { what: 'no type', type: undefined, body: 'oss-livechannel-export.json' },
  { what: 'an archive of another kind', type: 'application/x-tar', body: 'photos/1.jpg'.padEnd(1024, '\0') },
  { what: 'less than a name', type: 'application/x-tar', body: 'oss-livechannel' },
  { what: 'nothing', type: 'application/x-tar', body: '' },
])('what is no export is not taken for one: $what', async ({ type, body }) => {
  const bytes = new TextEncoder().encode(body);
  const send = async () => new Response(bytes, { headers: type === undefined ? {} : { 'content-type': type } });
  await expect(createLongApi('', send, contact).download(() => {})).rejects.toThrow(
    /^What has come is no export \(.*proxy\.$/,
  );
});

it.each<{ what: string; status: number; ask: (send: Send) => unknown }>([
  {
    what: 'an export',
    status: 200,
    ask: (send) => expect(createLongApi('', send, contact).download(() => {})).rejects.toThrow('is no export'),
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
  const send = async () => new Response(body, { headers: { 'content-type': EXPORT_TYPE } });
  expect((await createLongApi('', send, contact).download(() => {})).size).toBe(1024);
});

it.each(['null', '[]', '0', 'garbage', '', '{"error":5}', '{}'])(
  'a line that is none of an answer is a failed call: %j',
  async (line) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const send = async () => new Response(`{"progress":{}}\n${line}\n`, { headers });
    const reset = createLongApi('', send, contact).call('reset', { body: {} }, () => {});
    await expect(reset).rejects.toThrow(new CutOff(LIMITS.work));
  },
);
