import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { element, NOW_MS, READER, refusal, startRestServer } from './rest-server.ts';

const DATE = 'Wed, 01 Jan 2025 00:00:00 GMT';
const HELLO = { etag: '"5D41402ABC4B2A76B9719D911017C592"', md5: 'XUFAKrxLKna5cZ2REBfFkg==' };
const anonymous = { key: null };

describe('PutObject and GetObject', () => {
  it('give back bytes and headers', async () => {
    const { send } = await startRestServer();
    const headers = {
      'content-type': 'text/plain',
      'cache-control': 'no-cache',
      'x-oss-meta-author': 'me',
      'content-md5': HELLO.md5,
    };
    const put = await send('PUT', '/examplebucket/a/b%20c', { headers, body: 'hello' });
    expect(put.status).toBe(200);
    expect(put.headers).toMatchObject({
      etag: HELLO.etag,
      'content-md5': HELLO.md5,
      'x-oss-hash-crc64ecma': '11177612005948864433',
      'content-length': '0',
    });
    const get = await send('GET', '/examplebucket/a/b%20c');
    expect([get.status, get.text]).toEqual([200, 'hello']);
    expect(get.headers).toMatchObject({
      'content-type': 'text/plain',
      'cache-control': 'no-cache',
      'x-oss-meta-author': 'me',
      etag: HELLO.etag,
      'content-md5': HELLO.md5,
      'x-oss-hash-crc64ecma': '11177612005948864433',
      'x-oss-object-type': 'Normal',
      'x-oss-storage-class': 'Standard',
      'last-modified': DATE,
      'accept-ranges': 'bytes',
      'content-length': '5',
    });
  });

  it('answer HEAD with the same headers, and objectMeta with a few', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    const head = await send('HEAD', '/examplebucket/key');
    const get = await send('GET', '/examplebucket/key');
    const { 'x-oss-request-id': _a, ...headHeaders } = head.headers;
    const { 'x-oss-request-id': _b, ...getHeaders } = get.headers;
    expect(headHeaders).toEqual(getHeaders);
    const meta = await send('HEAD', '/examplebucket/key?objectMeta');
    expect(meta.headers).toMatchObject({ etag: HELLO.etag, 'content-length': '5', 'last-modified': DATE });
    expect(meta.headers).not.toHaveProperty('content-type');
  });

  it('keep header bytes that are not ASCII as they are', async () => {
    const { send } = await startRestServer();
    const name = Buffer.from('é中').toString('latin1');
    const put = await send('PUT', '/examplebucket/key', { body: '', headers: { 'content-disposition': name } });
    expect(put.status).toBe(200);
    expect((await send('HEAD', '/examplebucket/key')).headers['content-disposition']).toBe(name);
  });

  it('store an empty object', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/empty', { body: '', headers: { 'content-length': '0' } });
    const get = await send('GET', '/examplebucket/empty');
    expect([get.status, get.text, get.headers['content-length']]).toEqual([200, '', '0']);
  });

  it('leave nothing behind when the MD5 is wrong, and keep the object that was there', async () => {
    const { send, store, metadata } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'old' });
    const reply = await send('PUT', '/examplebucket/key', { body: 'world', headers: { 'content-md5': HELLO.md5 } });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidDigest', ec: '0017-00000503' });
    expect(element(reply, 'Content-MD5')).toBe(HELLO.md5);
    expect((await send('GET', '/examplebucket/key')).text).toBe('old');
    const location = (await metadata.getObject('examplebucket', 'key'))?.location ?? '';
    await expect(store.open(location)).resolves.toBeDefined();
  });

  it('refuse to overwrite when told so', async () => {
    const { send } = await startRestServer();
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    expect((await send('PUT', '/examplebucket/key', { body: '1', headers })).status).toBe(200);
    const again = await send('PUT', '/examplebucket/key', { body: '2', headers });
    expect(refusal(again)).toMatchObject({ status: 409, code: 'FileAlreadyExists' });
    expect((await send('GET', '/examplebucket/key')).text).toBe('1');
  });

  it('refuse what they cannot do', async () => {
    const { send } = await startRestServer();
    expect(refusal(await send('GET', '/examplebucket/missing'))).toEqual({
      status: 404,
      code: 'NoSuchKey',
      ec: '0026-00000001',
    });
    const acl = await send('PUT', '/examplebucket/key', { body: '', headers: { 'x-oss-object-acl': 'open' } });
    expect(refusal(acl)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    const resize = await send('GET', '/examplebucket/key?x-oss-process=image/resize,w_1');
    expect(refusal(resize)).toMatchObject({ status: 501, code: 'NotImplemented' });
    expect(element(resize, 'Message')).toContain('GetObject (image and document processing)');
  });
});

describe('conditions and ranges', () => {
  const conditions: [Record<string, string>, number][] = [
    [{ 'if-match': HELLO.etag }, 200],
    [{ 'if-match': '"0"' }, 412],
    [{ 'if-none-match': HELLO.etag }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"0"' }, 200],
    [{ 'if-modified-since': DATE }, 304],
    [{ 'if-modified-since': 'Tue, 31 Dec 2024 23:59:59 GMT' }, 200],
    [{ 'if-unmodified-since': DATE }, 200],
    [{ 'if-unmodified-since': 'Tue, 31 Dec 2024 23:59:59 GMT' }, 412],
    [{ 'if-modified-since': 'not a date' }, 200],
  ];
  it.each(conditions)('answer %j with %i', async (headers, status) => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    const get = await send('GET', '/examplebucket/key', { headers });
    expect(get.status).toBe(status);
    if (status === 304) expect([get.text, get.headers.etag]).toEqual(['', HELLO.etag]);
    if (status === 412) expect(refusal(get).code).toBe('PreconditionFailed');
    const head = await send('HEAD', '/examplebucket/key', { headers });
    expect([head.status, head.text]).toEqual([status, '']);
    expect(head.headers['x-oss-err'] !== undefined).toBe(status === 412);
  });

  it.each([
    ['bytes=1-3', {}, 206, 'ell', 'bytes 1-3/5'],
    ['bytes=-2', {}, 206, 'lo', 'bytes 3-4/5'],
    ['bytes=2-', {}, 206, 'llo', 'bytes 2-4/5'],
    ['bytes=3-9', {}, 200, 'hello', undefined],
    ['bytes=3-9', { 'x-oss-range-behavior': 'standard' }, 206, 'lo', 'bytes 3-4/5'],
    ['lines=1-2', {}, 200, 'hello', undefined],
  ])('answer Range %s %j with %i', async (range, headers, status, text, contentRange) => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    const get = await send('GET', '/examplebucket/key', { headers: { range, ...headers } });
    expect([get.status, get.text, get.headers['content-range']]).toEqual([status, text, contentRange]);
    expect(get.headers['content-length']).toBe(String(text.length));
  });

  it('refuse an unsatisfiable range in standard mode only', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    expect((await send('GET', '/examplebucket/key', { headers: { range: 'bytes=5-' } })).text).toBe('hello');
    const headers = { range: 'bytes=5-', 'x-oss-range-behavior': 'standard' };
    expect(refusal(await send('GET', '/examplebucket/key', { headers }))).toMatchObject({
      status: 416,
      code: 'InvalidRange',
    });
  });

  it('replace response headers for those who signed, never with control characters', async () => {
    const { send } = await startRestServer({ buckets: { examplebucket: 'public-read' } });
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    const name = 'response-content-disposition';
    const get = await send('GET', `/examplebucket/key?${name}=attachment%3B%20filename%3Dé`.replace('é', '%C3%A9'));
    expect(get.headers['content-disposition']).toBe(Buffer.from('attachment; filename=é').toString('latin1'));
    const injected = await send('GET', `/examplebucket/key?${name}=a%0D%0ASet-Cookie%3A%20b`);
    expect(refusal(injected)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    const unsigned = await send('GET', '/examplebucket/key?response-content-type=text/html', anonymous);
    expect(refusal(unsigned)).toMatchObject({ status: 400, code: 'InvalidRequest' });
  });
});

describe('AppendObject', () => {
  it('appends at the end, keeps the sums right, and refuses any other position', async () => {
    const { send } = await startRestServer();
    const first = await send('POST', '/examplebucket/log?append&position=0', { body: 'hel' });
    expect(first.headers['x-oss-next-append-position']).toBe('3');
    const second = await send('POST', '/examplebucket/log?append&position=3', { body: 'lo' });
    expect(second.headers).toMatchObject({
      'x-oss-next-append-position': '5',
      'x-oss-hash-crc64ecma': '11177612005948864433',
    });
    const get = await send('GET', '/examplebucket/log');
    expect([get.text, get.headers['x-oss-object-type']]).toEqual(['hello', 'Appendable']);
    const wrong = await send('POST', '/examplebucket/log?append&position=4', { body: '!' });
    expect(refusal(wrong)).toMatchObject({ status: 409, code: 'PositionNotEqualToLength' });
    expect(wrong.headers['x-oss-next-append-position']).toBe('5');
    await send('PUT', '/examplebucket/normal', { body: 'x' });
    const normal = await send('POST', '/examplebucket/normal?append&position=1', { body: '!' });
    expect(refusal(normal)).toMatchObject({ status: 409, code: 'ObjectNotAppendable' });
    expect(refusal(await send('POST', '/examplebucket/log?append', { body: '!' })).code).toBe('MissingArgument');
  });
});

describe('CopyObject', () => {
  it('copies bytes and headers, or replaces the headers', async () => {
    const { send } = await startRestServer({ buckets: { examplebucket: 'private', otherbucket: 'private' } });
    await send('PUT', '/examplebucket/a%2Fb', { body: 'hello', headers: { 'content-type': 'text/plain' } });
    const source = { 'x-oss-copy-source': '/examplebucket/a%2Fb' };
    const copy = await send('PUT', '/otherbucket/copy', { headers: source });
    expect(copy.status).toBe(200);
    expect(element(copy, 'ETag')).toBe(HELLO.etag);
    expect(element(copy, 'LastModified')).toBe('2025-01-01T00:00:00.000Z');
    const get = await send('GET', '/otherbucket/copy');
    expect([get.text, get.headers['content-type']]).toEqual(['hello', 'text/plain']);
    const replace = { ...source, 'x-oss-metadata-directive': 'REPLACE', 'x-oss-meta-a': 'b' };
    await send('PUT', '/otherbucket/copy', { headers: replace });
    const replaced = await send('HEAD', '/otherbucket/copy');
    expect(replaced.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'x-oss-meta-a': 'b' });
  });

  it('onto itself changes the headers only', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    const headers = {
      'x-oss-copy-source': '/examplebucket/key',
      'x-oss-metadata-directive': 'REPLACE',
      'content-type': 'video/mp2t',
    };
    expect((await send('PUT', '/examplebucket/key', { headers })).status).toBe(200);
    const get = await send('GET', '/examplebucket/key');
    expect([get.text, get.headers['content-type']]).toEqual(['hello', 'video/mp2t']);
  });

  it.each([
    [{ 'x-oss-copy-source': '/examplebucket/missing' }, 404, 'NoSuchKey'],
    [{ 'x-oss-copy-source': '/missing-bucket/key' }, 404, 'NoSuchBucket'],
    [{ 'x-oss-copy-source': 'nonsense' }, 400, 'InvalidArgument'],
    [{ 'x-oss-copy-source': '/examplebucket/key', 'x-oss-metadata-directive': 'X' }, 400, 'InvalidArgument'],
    [{ 'x-oss-copy-source': '/examplebucket/key', 'x-oss-copy-source-if-match': '"0"' }, 412, 'PreconditionFailed'],
    [{ 'x-oss-copy-source': '/examplebucket/key', 'x-oss-copy-source-if-none-match': HELLO.etag }, 304, undefined],
  ])('refuses %j with %i %s', async (headers, status, code) => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    const reply = await send('PUT', '/examplebucket/copy', { headers });
    expect(refusal(reply)).toMatchObject({ status, code });
  });
});

describe('deleting', () => {
  it('is fine twice', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    expect((await send('DELETE', '/examplebucket/key')).status).toBe(204);
    expect((await send('DELETE', '/examplebucket/key')).status).toBe(204);
    expect((await send('GET', '/examplebucket/key')).status).toBe(404);
  });

  it('takes many keys at once, quietly if asked', async () => {
    const { send } = await startRestServer();
    for (const key of ['a', 'b', 'c']) await send('PUT', `/examplebucket/${key}`, { body: key });
    const remove = (body: string) => {
      const md5 = createHash('md5').update(body).digest('base64');
      return send('POST', '/examplebucket/?delete', { body, headers: { 'content-md5': md5 } });
    };
    const both = await remove('<Delete><Object><Key>a</Key></Object><Object><Key>x/y</Key></Object></Delete>');
    expect(both.text.match(/<Key>[^<]*/g)).toEqual(['<Key>a', '<Key>x/y']);
    const quiet = await remove('<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>');
    expect([quiet.status, quiet.text]).toEqual([200, '']);
    expect((await send('GET', '/examplebucket/')).text.match(/<Key>[^<]*/g)).toEqual(['<Key>c']);
    const many = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(1001)}</Delete>`;
    expect(refusal(await remove(many))).toMatchObject({ status: 400, code: 'MalformedXML' });
    const unsummed = await send('POST', '/examplebucket/?delete', { body: many });
    expect(refusal(unsummed)).toEqual({ status: 400, code: 'MissingArgument', ec: '0016-00000502' });
  });
});

describe('ACLs', () => {
  it.each([
    ['private', 403, 403],
    ['public-read', 200, 403],
    ['public-read-write', 200, 200],
  ] as const)('of a %s bucket answer an anonymous GET with %i and PUT with %i', async (acl, getStatus, putStatus) => {
    const { send } = await startRestServer({ buckets: { examplebucket: acl } });
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    expect((await send('GET', '/examplebucket/key', anonymous)).status).toBe(getStatus);
    expect((await send('PUT', '/examplebucket/key', { ...anonymous, body: 'x' })).status).toBe(putStatus);
    const list = await send('GET', '/examplebucket/', anonymous);
    expect(refusal(list)).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00001201' });
  });

  it('of an object outweigh the bucket', async () => {
    const { send } = await startRestServer({ buckets: { examplebucket: 'public-read' } });
    await send('PUT', '/examplebucket/key', { body: 'hello', headers: { 'x-oss-object-acl': 'private' } });
    const denied = await send('GET', '/examplebucket/key', anonymous);
    expect(refusal(denied)).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00000001' });
    expect((await send('PUT', '/examplebucket/key?acl', { headers: { 'x-oss-object-acl': 'default' } })).status).toBe(
      200,
    );
    expect((await send('GET', '/examplebucket/key', anonymous)).text).toBe('hello');
    expect(element(await send('GET', '/examplebucket/key?acl'), 'Grant')).toBe('default');
  });

  it('let a read-only key read and nothing else', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    expect((await send('GET', '/examplebucket/key', { key: READER })).text).toBe('hello');
    const denied = await send('DELETE', '/examplebucket/key', { key: READER });
    expect(refusal(denied)).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00000201' });
  });
});

describe('tags and links', () => {
  it('keep tags beside the object', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello', headers: { 'x-oss-tagging': 'a=1&b=2' } });
    expect((await send('HEAD', '/examplebucket/key')).headers['x-oss-tagging-count']).toBe('2');
    const body = '<Tagging><TagSet><Tag><Key>k + l</Key><Value>ü</Value></Tag></TagSet></Tagging>';
    expect((await send('PUT', '/examplebucket/key?tagging', { body })).status).toBe(200);
    const tags = await send('GET', '/examplebucket/key?tagging');
    expect([element(tags, 'Key'), element(tags, 'Value')]).toEqual(['k + l', 'ü']);
    expect((await send('DELETE', '/examplebucket/key?tagging')).status).toBe(204);
    expect((await send('GET', '/examplebucket/key?tagging')).text).not.toContain('<Tag>');
  });

  it('follow a symbolic link to its bytes', async () => {
    const { send } = await startRestServer();
    const headers = { 'x-oss-symlink-target': 'a%2Fb' };
    expect((await send('PUT', '/examplebucket/link?symlink', { headers })).status).toBe(200);
    expect((await send('GET', '/examplebucket/link?symlink')).headers['x-oss-symlink-target']).toBe('a%2Fb');
    expect(refusal(await send('GET', '/examplebucket/link'))).toMatchObject({
      status: 404,
      code: 'SymlinkTargetNotExist',
    });
    await send('PUT', '/examplebucket/a/b', { body: 'hello' });
    expect((await send('GET', '/examplebucket/link')).text).toBe('hello');
    expect((await send('HEAD', '/examplebucket/link')).headers['content-length']).toBe('5');
  });
});

it('changes the date of an object with the clock', async () => {
  const { send } = await startRestServer();
  await send('PUT', '/examplebucket/key', { body: 'hello' });
  expect((await send('GET', '/examplebucket/key')).headers.date).toBe(new Date(NOW_MS).toUTCString());
});
