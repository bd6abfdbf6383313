import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { NOW_MS, type Reply, type RestServer, refusal, startRestServer } from '../rest-server.ts';

const PUBLIC = { 'x-oss-object-acl': 'public-read' };

async function link({ send }: RestServer, target: string, headers: Readonly<Record<string, string>> = {}) {
  const all = { 'x-oss-symlink-target': encodeURIComponent(target), ...headers };
  expect((await send('PUT', '/examplebucket/link?symlink', { headers: all })).status).toBe(200);
}

/** The refusal of a HEAD, which has no body. */
function errorInHeader(reply: Reply): ReturnType<typeof refusal> {
  return refusal({ ...reply, text: Buffer.from(String(reply.headers['x-oss-err']), 'base64').toString() });
}

describe('a symbolic link', () => {
  it('shows the bytes and checksums of its target, and everything else of its own', async () => {
    const clock = new ManualClock(NOW_MS);
    const server = await startRestServer({ clock });
    const { send } = server;
    const own = { 'content-type': 'text/css', 'x-oss-meta-own': 'link', 'x-oss-storage-class': 'IA' };
    await link(server, 'a/ü', own);
    await clock.advance(60_000);
    const target = { 'content-type': 'video/mp4', 'x-oss-meta-own': 'target', 'x-oss-meta-other': '1' };
    const put = await send('PUT', '/examplebucket/a/%C3%BC', { body: 'hello', headers: target });
    for (const method of ['HEAD', 'GET']) {
      const { headers } = await send(method, '/examplebucket/link');
      expect(headers).toMatchObject({
        'content-length': '5',
        etag: '"5D41402ABC4B2A76B9719D911017C592"',
        'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==',
        'x-oss-hash-crc64ecma': put.headers['x-oss-hash-crc64ecma'],
        'last-modified': new Date(NOW_MS + 60_000).toUTCString(),
        'content-type': 'text/css',
        'x-oss-object-type': 'Symlink',
        'x-oss-storage-class': 'IA',
        'x-oss-meta-own': 'link',
      });
      expect(headers).not.toHaveProperty('x-oss-meta-other');
      expect(headers).not.toHaveProperty('x-oss-symlink-target');
    }
    expect((await send('GET', '/examplebucket/link', { headers: { range: 'bytes=1-2' } })).text).toBe('el');
    const ifMatch = { 'if-match': '"5D41402ABC4B2A76B9719D911017C592"' };
    expect((await send('GET', '/examplebucket/link', { headers: ifMatch })).status).toBe(200);
  });

  it('tells its target and its own metadata', async () => {
    const server = await startRestServer();
    await link(server, 'a b', { 'x-oss-meta-own': 'mine' });
    const { headers } = await server.send('GET', '/examplebucket/link?symlink');
    expect(headers).toMatchObject({ 'x-oss-symlink-target': 'a%20b', 'x-oss-meta-own': 'mine' });
  });

  it('needs a target that exists', async () => {
    const server = await startRestServer();
    await link(server, 'nothing');
    const missing = { status: 404, code: 'SymlinkTargetNotExist', ec: '0026-00000012' };
    expect(refusal(await server.send('GET', '/examplebucket/link'))).toEqual(missing);
    expect(errorInHeader(await server.send('HEAD', '/examplebucket/link'))).toEqual(missing);
  });

  it('needs a target that is no link, itself included', async () => {
    const server = await startRestServer();
    await link(server, 'link');
    const wrong = { status: 400, code: 'InvalidTargetType' };
    expect(refusal(await server.send('GET', '/examplebucket/link'))).toMatchObject(wrong);
    expect(errorInHeader(await server.send('HEAD', '/examplebucket/link'))).toMatchObject(wrong);
  });

  it.each([
    [{}, PUBLIC, 403],
    [PUBLIC, {}, 403],
    [PUBLIC, PUBLIC, 200],
    [{ 'x-oss-object-acl': 'private' }, PUBLIC, 403],
  ])('is open to everybody only with its target: link %o, target %o', async (ownAcl, targetAcl, status) => {
    const server = await startRestServer();
    await server.send('PUT', '/examplebucket/target', { body: 'x', headers: targetAcl });
    await link(server, 'target', ownAcl);
    for (const method of ['HEAD', 'GET']) {
      expect((await server.send(method, '/examplebucket/link', { key: null })).status).toBe(status);
    }
  });

  it('is copied as a link, with other metadata too', async () => {
    const server = await startRestServer();
    const { send } = server;
    await send('PUT', '/examplebucket/target', { body: 'hello' });
    await link(server, 'target', { 'x-oss-meta-own': 'old' });
    const directives = { 'x-oss-metadata-directive': 'REPLACE', 'x-oss-meta-own': 'new' };
    const headers = { 'x-oss-copy-source': '/examplebucket/link', ...directives };
    expect((await send('PUT', '/examplebucket/copy', { headers })).status).toBe(200);
    expect((await send('GET', '/examplebucket/copy')).text).toBe('hello');
    const head = await send('HEAD', '/examplebucket/copy');
    expect(head.headers).toMatchObject({ 'x-oss-object-type': 'Symlink', 'x-oss-meta-own': 'new' });
  });
});

describe('an append', () => {
  it('may set the ACL of the object', async () => {
    const { send } = await startRestServer();
    await send('POST', '/examplebucket/log?append&position=0', { body: 'a', headers: PUBLIC });
    await send('POST', '/examplebucket/log?append&position=1', { body: 'b' });
    expect((await send('GET', '/examplebucket/log?acl')).text).toContain('<Grant>public-read</Grant>');
    const headers = { 'x-oss-object-acl': 'private' };
    await send('POST', '/examplebucket/log?append&position=2', { body: 'c', headers });
    expect((await send('GET', '/examplebucket/log?acl')).text).toContain('<Grant>private</Grant>');
    expect((await send('GET', '/examplebucket/log')).text).toBe('abc');
  });
});
