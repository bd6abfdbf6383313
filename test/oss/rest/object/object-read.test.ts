import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { refusal, startRestServer } from '../rest-server.ts';

const TEXT = 'ab'.repeat(512);

describe('If-Range', () => {
  const ETAG = '"E80B5017098950FC58AAD83C8C14978E"';
  it.each([
    ['the entity tag', ETAG, 206],
    ['the entity tag in lower case', ETAG.toLowerCase(), 206],
    ['the entity tag without quotes', ETAG.slice(1, -1), 206],
    ['a weak entity tag', `W/${ETAG}`, 200],
    ['another entity tag', '"00000000000000000000000000000000"', 200],
    ['a list', `${ETAG}, "a"`, 200],
    ['a star', '*', 200],
    ['the date', 'Wed, 01 Jan 2025 00:00:00 GMT', 206],
    ['an earlier date', 'Tue, 31 Dec 2024 23:59:59 GMT', 200],
    ['a later date', 'Thu, 02 Jan 2025 00:00:00 GMT', 200],
    ['a date in another form', '2025-01-01T00:00:00Z', 200],
    ['nothing', '', 200],
  ])('with %s', async (_what, ifRange, status) => {
    const { send, objects } = await startRestServer();
    await objects.put('examplebucket', 'k', Buffer.from('abcdef'));
    const reply = await send('GET', '/examplebucket/k', { headers: { range: 'bytes=2-3', 'if-range': ifRange } });
    expect([reply.status, reply.text]).toEqual(status === 206 ? [206, 'cd'] : [200, 'abcdef']);
  });

  it('has no meaning without a Range, and the other conditions come first', async () => {
    const { send, objects } = await startRestServer();
    await objects.put('examplebucket', 'k', Buffer.from('abcdef'));
    expect((await send('GET', '/examplebucket/k', { headers: { 'if-range': ETAG } })).status).toBe(200);
    const headers = { range: 'bytes=2-3', 'if-range': ETAG, 'if-none-match': ETAG };
    expect((await send('GET', '/examplebucket/k', { headers })).status).toBe(304);
  });
});

describe('gzip', () => {
  async function serve(contentType: string, text = TEXT, more: Readonly<Record<string, string>> = {}) {
    const server = await startRestServer();
    const headers = { 'content-type': contentType, ...more };
    await server.objects.put('examplebucket', 'k', Buffer.from(text), { headers });
    return server;
  }

  it.each([
    'text/plain',
    'Text/HTML; charset=utf-8',
    'text/css',
    'text/xml',
    'text/json',
    'text/cache-manifest',
    'application/json',
    'application/javascript',
    'application/x-javascript',
    'application/rss+xml',
  ])('of %s', async (type) => {
    const { send } = await serve(type);
    const reply = await send('GET', '/examplebucket/k', { headers: { 'accept-encoding': 'gzip, deflate' } });
    expect(gunzipSync(reply.bytes).toString()).toBe(TEXT);
    expect(reply.headers).toMatchObject({
      'content-encoding': 'gzip',
      'transfer-encoding': 'chunked',
      vary: 'Accept-Encoding',
      'content-type': type,
      'content-md5': expect.any(String),
      'x-oss-hash-crc64ecma': expect.any(String),
    });
    for (const name of ['etag', 'content-length', 'accept-ranges']) expect(reply.headers[name]).toBeUndefined();
    const head = await send('HEAD', '/examplebucket/k', { headers: { 'accept-encoding': 'gzip' } });
    expect(head.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    for (const name of ['etag', 'content-length', 'accept-ranges']) expect(head.headers[name]).toBeUndefined();
  });

  it.each([
    ['of another type', 'video/MP2T', TEXT, {}, {}],
    ['of less than 1 KiB', 'text/plain', TEXT.slice(1), {}, {}],
    ['of an encoded object', 'text/plain', TEXT, { 'content-encoding': 'br' }, {}],
    ['of a range', 'text/plain', TEXT, {}, { range: 'bytes=0-1023' }],
    ['of a range without effect', 'text/plain', TEXT, {}, { range: 'bytes=9999-' }],
    ['when it is not accepted', 'text/plain', TEXT, {}, { 'accept-encoding': 'gzip;q=0' }],
    ['when identity is wanted', 'text/plain', TEXT, {}, { 'accept-encoding': 'identity' }],
  ])('not %s', async (_what, type, text, stored, asked) => {
    const { send } = await serve(type, text, stored);
    const reply = await send('GET', '/examplebucket/k', { headers: { 'accept-encoding': 'gzip', ...asked } });
    expect(reply.headers['content-encoding']).toBe(stored['content-encoding' as keyof typeof stored]);
    expect(reply.headers['content-length']).toBe(String(text.length));
    expect(reply.headers.etag).toBeDefined();
    expect(reply.text).toBe(text);
  });
});

it('GetObjectMeta announces no body that it does not send', async () => {
  const { send, objects } = await startRestServer();
  await objects.put('examplebucket', 'k', Buffer.from('abc'));
  expect((await send('GET', '/examplebucket/k?objectMeta')).headers['content-length']).toBe('0');
  expect((await send('HEAD', '/examplebucket/k?objectMeta')).headers['content-length']).toBe('3');
});

it.each(['If-Modified-Since', 'If-Unmodified-Since', 'If-Match', 'If-None-Match'])(
  'PutObject does not take %s',
  async (name) => {
    const { send, metadata } = await startRestServer();
    const reply = await send('PUT', '/examplebucket/k', { body: 'abc', headers: { [name.toLowerCase()]: '"a"' } });
    expect(refusal(reply)).toEqual({ status: 400, code: 'NotImplemented', ec: '0017-00000245' });
    expect(reply.text).toContain(`<Header>${name}</Header>`);
    expect(await metadata.getObject('examplebucket', 'k')).toBeUndefined();
  },
);

it('HEAD of a bucket', async () => {
  const { send } = await startRestServer();
  const found = await send('HEAD', '/examplebucket/');
  expect([found.status, found.headers['x-oss-bucket-region']]).toEqual([200, 'oss-cn-hangzhou']);
  const missing = await send('HEAD', '/otherbucket/');
  expect([missing.status, missing.headers['x-oss-ec']]).toEqual([404, '0015-00000101']);
  expect(Buffer.from(String(missing.headers['x-oss-err']), 'base64').toString()).toContain('<Code>NoSuchBucket</Code>');
  expect((await send('HEAD', '/examplebucket/', { key: null })).status).toBe(403);
});

it('headers come back with the bytes that were sent', async () => {
  const { send, port } = await startRestServer({ buckets: { examplebucket: 'public-read-write' } });
  const raw = (text: string) => Buffer.from(text).toString('latin1');
  const headers = { 'x-oss-meta-name': raw('直播 é'), 'content-disposition': raw('attachment; filename="é.txt"') };
  // Over a socket, because Node's client does not send every header as it is.
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`PUT /examplebucket/k HTTP/1.1\r\nhost: h\r\n${lines.join('')}content-length: 1\r\n\r\na`, 'latin1');
  await once(socket, 'data');
  socket.destroy();
  for (const method of ['GET', 'HEAD']) {
    expect((await send(method, '/examplebucket/k', { key: null })).headers).toMatchObject(headers);
  }
});

it('an upload that began before its bucket was emptied is not stored', async () => {
  const { objects, metadata, store } = await startRestServer();
  let go = () => {};
  const paused = new Promise<void>((resolve) => {
    go = resolve;
  });
  async function* body() {
    yield Buffer.from('a');
    await paused;
    yield Buffer.from('b');
  }
  const put = objects.put('examplebucket', 'k', body());
  const other = objects.put('examplebucket', 'other', Buffer.from('c'));
  await other;
  objects.beginEpoch('examplebucket');
  go();
  await expect(put).rejects.toMatchObject({ code: 'NoSuchBucket' });
  expect(await metadata.getObject('examplebucket', 'k')).toBeUndefined();
  expect((await objects.put('examplebucket', 'k', Buffer.from('d'))).sizeBytes).toBe(1);
  await expect(store.open('nowhere')).rejects.toThrow();
});
