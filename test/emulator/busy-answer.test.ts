import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { splitRequests } from '../../src/emulator/split-requests.ts';
import { listenDuringTest } from '../support/listen.ts';

/** The sides answer 200 with their name; of the requests, so many are admitted. */
async function start(admitted: number): Promise<string> {
  let left = admitted;
  const side = (name: string) => ({
    takers: [],
    listener: (_request: unknown, response: { end(text: string): void }) => response.end(name),
  });
  const admission = { admit: () => left-- > 0, retryAfterSec: 7 };
  const listeners = { own: { ...side('admin'), fromRoot: async () => false }, service: side('rest'), admission };
  const endpoint = { serviceDomains: ['localhost'], cnames: new Map() };
  const port = await listenDuringTest(createServer(splitRequests(listeners, endpoint, silentLog)));
  return `http://127.0.0.1:${port}`;
}

describe('a request that is not admitted is answered 503 by its side, with a time to come back at', () => {
  it.each([
    ['OSS', '/bucket/key', { method: 'PUT', body: 'x'.repeat(100_000) }, '<Code>ServiceUnavailable</Code>'],
    ['RPC', '/?Action=DescribeLiveStreamsOnlineList&Format=JSON', {}, '"Code":"ServiceUnavailable"'],
    ['RPC in XML', '/?Action=AssumeRole', {}, '<Code>ServiceUnavailable</Code>'],
    ['RPC with signed headers', '/', { headers: { 'x-acs-action': 'A', authorization: 'ACS3-HMAC' } }, '"HostId":'],
    ['MNS', '/topics/t', { headers: { 'x-mns-version': '2015-06-06' } }, 'xmlns="http://mns.aliyuncs.com/doc/v1/"'],
  ] as const)('%s', async (_what, path, init, text) => {
    const origin = await start(0);
    const answer = await fetch(origin + path, init);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await answer.text()).toContain(text);
  });

  it('in a header, where there is no body', async () => {
    const answer = await fetch(`${await start(0)}/bucket/key`, { method: 'HEAD' });
    expect(answer.status).toBe(503);
    expect(Buffer.from(answer.headers.get('x-oss-err') ?? '', 'base64').toString()).toContain('ServiceUnavailable');
  });
});

it('one that is admitted is not, and the control API is never refused and takes no place', async () => {
  const origin = await start(1);
  for (const path of ['/_emulator/health', '/_emulator']) {
    expect(await (await fetch(origin + path)).text()).toBe('admin');
  }
  expect(await (await fetch(`${origin}/bucket`)).text()).toBe('rest');
  expect((await fetch(`${origin}/bucket`)).status).toBe(503);
  expect(await (await fetch(`${origin}/_emulator/metrics`)).text()).toBe('admin');
});
