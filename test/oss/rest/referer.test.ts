import { describe, expect, it } from 'vitest';
import { matchesStart } from '../../../src/oss/rest/referer.ts';
import { refusal, signedQuery, startRestServer } from './rest-server.ts';

const CONFIG = `<RefererConfiguration>
  <AllowEmptyReferer>false</AllowEmptyReferer>
  <RefererList><Referer>http://*.example.com</Referer></RefererList>
  <RefererBlacklist><Referer>http://evil.example.com</Referer></RefererBlacklist>
</RefererConfiguration>`;

describe('the referer list', () => {
  it.each([
    ['http://www.example.com/page?x=1', 200, undefined],
    [undefined, 403, '0003-00000501'],
    ['http://evil.example.com/', 403, '0003-00000502'],
    ['http://www.example.org/', 403, '0003-00000503'],
  ])('answers an anonymous reader from %s with %s %s', async (referer, status, ec) => {
    const { send } = await startRestServer({ buckets: { examplebucket: 'public-read' } });
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    expect((await send('PUT', '/examplebucket/?referer', { body: CONFIG })).status).toBe(200);
    const headers = referer === undefined ? {} : { referer };
    const reply = await send('GET', '/examplebucket/key', { key: null, headers });
    expect([reply.status, refusal(reply).ec]).toEqual([status, ec]);
    const target = '/examplebucket/key';
    const signed = await send('GET', `${target}?${signedQuery(target, 1_735_693_200)}`, { key: null, headers });
    expect(signed.status).toBe(status);
    // A request signed in its header does not come from a page.
    expect((await send('GET', target, { headers })).status).toBe(200);
  });

  it('comes back as it was put; a bucket without one says so', async () => {
    const { send } = await startRestServer();
    expect((await send('GET', '/examplebucket/?referer')).text).toContain('<AllowEmptyReferer>true<');
    await send('PUT', '/examplebucket/?referer', { body: CONFIG });
    expect((await send('GET', '/examplebucket/?referer')).text).toContain('<Referer>http://*.example.com</Referer>');
  });
});

describe('patterns', () => {
  it.each([
    ['www.aliyun.com', 'www.aliyun.com.cn', true],
    ['www.aliyun.com', 'http://www.aliyun.com', false],
    ['*www.aliyun.com/', 'https://www.aliyun.com/', true],
    ['*.aliyun.com', 'help.aliyun.com', true],
    ['http://?.test', 'http://a.test/x', true],
    ['http://?.test', 'http://.test', false],
    ['*', '', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-b-b', false],
  ])('%s and %s: %s', (pattern, text, expected) => {
    expect(matchesStart(pattern, text)).toBe(expected);
  });
});
