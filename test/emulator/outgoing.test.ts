import { expect, it } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { startEmulator } from '../../src/testing/start-emulator.ts';
import { receiveHttp } from '../support/http-receiver.ts';

const CALLBACK = { callbackUrl: 'http://192.0.2.1/done', callbackBody: 'a=b' };

it.each(['loopback', 'off'] as const)(
  'with --outgoing %s an upload is told that its callback failed, and a person why',
  async (outgoing) => {
    const logged: string[] = [];
    const note = (line: string) => logged.push(line);
    const log = createLog('debug', note, () => 0);
    await using emulator = await startEmulator({ outgoing, buckets: ['open:public-read-write'], log });
    const headers = { 'x-oss-callback': Buffer.from(JSON.stringify(CALLBACK)).toString('base64') };
    const answer = await fetch(`${emulator.endpoint}/open/a.txt`, { method: 'PUT', headers, body: 'text' });
    expect(answer.status).toBe(203);
    expect(await answer.text()).toContain('<Code>CallbackFailed</Code>');
    expect(logged.find((line) => line.includes('upload-callback.failed'))).toContain('--outgoing');
    // The object is stored as after every callback that fails.
    expect(await (await fetch(`${emulator.endpoint}/open/a.txt`)).text()).toBe('text');
  },
);

it('with --outgoing off the webhook gets nothing', async () => {
  const receiver = await receiveHttp();
  const emulator = await startEmulator({ outgoing: 'off', webhook: receiver.url });
  await emulator.reset();
  await emulator.stop();
  expect(receiver.received).toEqual([]);
});
