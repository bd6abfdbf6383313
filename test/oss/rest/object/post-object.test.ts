import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { SigningKeys } from '../../../../src/aliyun/auth/signing-keys.ts';
import { ManualClock } from '../../../../src/base/clock.ts';
import { element, KEY, NOW_MS, READER, refusal, startRestServer } from '../rest-server.ts';
import { BOUNDARY, encodePolicy, formBody, postBody, postForm, postParts, signedFields } from './form-body.ts';

const ANY = [['starts-with', '$key', '']];
const V4_DATE = '20250101T000000Z';
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

describe('PostObject', () => {
  it('stores the file of a form with the name, type and metadata that the fields say', async () => {
    const server = await startRestServer();
    const fields = signedFields([{ bucket: 'examplebucket' }, ['starts-with', '$key', 'up/']], {
      key: `up/\${filename}`,
      'Cache-Control': 'no-cache',
      'x-oss-meta-name': 'é',
      'x-oss-object-acl': 'public-read',
      'x-oss-storage-class': 'IA',
    });
    const reply = await postForm(server, fields, { fileName: 'C:\\ordner\\图.jpg', contentType: 'image/jpeg' });
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect(reply.headers.etag).toBe('"5D41402ABC4B2A76B9719D911017C592"');
    const stored = await server.send('GET', `/examplebucket/up/${encodeURIComponent('图.jpg')}`);
    expect(stored.text).toBe('hello');
    expect(stored.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'no-cache',
      'x-oss-meta-name': Buffer.from('é').toString('latin1'),
      'x-oss-storage-class': 'IA',
    });
    const acl = await server.send('GET', `/examplebucket/up/${encodeURIComponent('图.jpg')}?acl`);
    expect(element(acl, 'Grant')).toBe('public-read');
  });

  it('answers with the status that the form asks for', async () => {
    const server = await startRestServer();
    const post = (status: string) => postForm(server, signedFields(ANY, { key: 'k', success_action_status: status }));
    expect((await post('200')).status).toBe(200);
    expect((await post('204')).status).toBe(204);
    expect((await post('302')).status).toBe(204);
    const created = await post('201');
    expect(created.status).toBe(201);
    expect(created.text).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<PostResponse>',
        '  <Bucket>examplebucket</Bucket>',
        '  <ETag>"5D41402ABC4B2A76B9719D911017C592"</ETag>',
        '  <Key>k</Key>',
        `  <Location>http://127.0.0.1:${server.port}/examplebucket/k</Location>`,
        '</PostResponse>',
        '',
      ].join('\n'),
    );
  });

  it('sends the browser on', async () => {
    const server = await startRestServer();
    const redirect = 'https://app.test/done?x=1';
    const fields = signedFields(ANY, { key: 'k', success_action_redirect: redirect, success_action_status: '201' });
    const reply = await postForm(server, fields);
    expect([reply.status, reply.headers.location]).toEqual([303, redirect]);
    const bad = signedFields(ANY, { key: 'other', success_action_redirect: 'javascript:alert(1)' });
    expect(refusal(await postForm(server, bad))).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect((await server.send('HEAD', '/examplebucket/other')).status).toBe(404);
  });

  it.each([
    ['x-oss-content-type', { 'x-oss-content-type': 'a/a', 'Content-Type': 'b/b' }, 'c/c', 'a/a'],
    ['the type of the file', { 'Content-Type': 'b/b' }, 'c/c', 'c/c'],
    ['the field Content-Type', { 'Content-Type': 'b/b' }, undefined, 'b/b'],
  ])('takes the type from %s', async (_source, fields, contentType, expected) => {
    const server = await startRestServer();
    await postForm(server, signedFields(ANY, { key: 'k', ...fields }), { ...(contentType && { contentType }) });
    expect((await server.send('HEAD', '/examplebucket/k')).headers['content-type']).toBe(expected);
  });

  it('takes a file without a name, on a host name of the bucket, and leaves out what follows the file', async () => {
    const server = await startRestServer();
    const fields = Object.entries(signedFields(ANY, { key: 'k' })).map(([name, value]) => ({ name, value }));
    const parts = [...fields, { name: 'file', value: 'text' }, { name: 'submit', value: 'Upload to OSS' }];
    expect((await postParts(server, parts, 'examplebucket.oss.localhost')).status).toBe(204);
    expect((await server.send('GET', '/examplebucket/k')).text).toBe('text');
  });

  it('does not replace an object with x-oss-forbid-overwrite', async () => {
    const server = await startRestServer();
    const fields = signedFields(ANY, { key: 'k', 'x-oss-forbid-overwrite': 'true' });
    expect((await postForm(server, fields)).status).toBe(204);
    expect(refusal(await postForm(server, fields))).toMatchObject({ status: 409, code: 'FileAlreadyExists' });
  });

  it('is for everybody in a bucket that is public-read-write, and in no other', async () => {
    const server = await startRestServer({ buckets: { examplebucket: 'public-read-write' } });
    expect((await postForm(server, { key: 'k' })).status).toBe(204);
    const closed = await startRestServer({ buckets: { examplebucket: 'public-read' } });
    expect(refusal(await postForm(closed, { key: 'k' }))).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  it('stores a large file piece by piece', async () => {
    const server = await startRestServer();
    const value = Buffer.alloc(5 * 1024 * 1024, 'x\r\n--');
    expect((await postForm(server, signedFields(ANY, { key: 'k' }), { value })).status).toBe(204);
    expect((await server.send('GET', '/examplebucket/k')).bytes.equals(value)).toBe(true);
  });

  it('tells browsers of other origins that they may read the answer, as the CORS rules say', async () => {
    const server = await startRestServer();
    const cors =
      '<CORSConfiguration><CORSRule><AllowedOrigin>http://app.test</AllowedOrigin><AllowedMethod>POST</AllowedMethod></CORSRule></CORSConfiguration>';
    await server.send('PUT', '/examplebucket/?cors', { body: cors });
    const body = formBody([
      { name: 'key', value: 'k' },
      { name: 'file', value: '' },
    ]);
    const headers = { origin: 'http://app.test', 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
    const reply = await server.send('POST', '/examplebucket', { key: null, headers, body });
    expect(reply.headers['access-control-allow-origin']).toBe('http://app.test');
  });
});

describe('the signature of a form', () => {
  const policy = encodePolicy({ expiration: '2025-01-01T01:00:00Z', conditions: [] });
  const scope = { date: '20250101', region: 'cn-hangzhou', product: 'oss' };
  const v4Key = new SigningKeys().derive(KEY.accessKeySecret, scope);
  const v4 = {
    key: 'k',
    policy,
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': `${KEY.accessKeyId}/20250101/cn-hangzhou/oss/aliyun_v4_request`,
    'x-oss-date': V4_DATE,
    'x-oss-signature': createHmac('sha256', v4Key).update(policy).digest('hex'),
  };
  const v2 = {
    key: 'k',
    policy,
    'x-oss-signature-version': 'OSS2',
    'x-oss-access-key-id': KEY.accessKeyId,
    'x-oss-signature': createHmac('sha256', KEY.accessKeySecret).update(policy).digest('base64'),
  };
  const v1 = signedFields([], { key: 'k' });

  it.each([
    ['V1', v1],
    ['V2', v2],
    ['V4', v4],
  ])('of %s is accepted', async (_version, fields) => {
    expect((await postForm(await startRestServer(), fields)).status).toBe(204);
  });

  it.each([
    ['without a policy', { ...v1, policy: undefined }, 400, 'InvalidArgument', '0002-00000702'],
    ['with an empty policy', { ...v1, policy: '' }, 400, 'InvalidArgument', '0006-00000205'],
    ['without a signature', { ...v1, Signature: undefined }, 400, 'InvalidArgument', '0002-00000703'],
    ['with an empty signature', { ...v1, Signature: '' }, 400, 'InvalidArgument', '0002-00000704'],
    ['with another signature', { ...v1, Signature: 'AAAA' }, 403, 'SignatureDoesNotMatch', '0002-00000705'],
    ['without a key id', { ...v1, OSSAccessKeyId: undefined }, 400, 'InvalidArgument', '0002-00000706'],
    ['with an empty key id', { ...v1, OSSAccessKeyId: '' }, 400, 'InvalidArgument', '0002-00000707'],
    ['with a bad key id', { ...v1, OSSAccessKeyId: 'a\tb' }, 400, 'InvalidArgument', '0002-00000708'],
    ['with an unknown key id', { ...v1, OSSAccessKeyId: 'nobody' }, 403, 'InvalidAccessKeyId', '0002-00000902'],
    ['with a token', { ...v1, 'x-oss-security-token': 't' }, 403, 'InvalidSecurityToken', undefined],
    [
      'of V4 with a bad date',
      { ...v4, 'x-oss-credential': 'emulator-ak/2025/cn-hangzhou/oss/aliyun_v4_request' },
      400,
      'InvalidArgument',
      '0002-00000709',
    ],
    [
      'of V4 with a bad end',
      { ...v4, 'x-oss-credential': 'emulator-ak/20250101/cn-hangzhou/oss/x' },
      400,
      'InvalidArgument',
      '0002-00000710',
    ],
    ['of V4 by another key', { ...v4, 'x-oss-signature': '00' }, 403, 'SignatureDoesNotMatch', '0002-00000705'],
    ['of an unknown version', { ...v4, 'x-oss-signature-version': 'OSS9' }, 400, 'InvalidArgument', '0002-00000002'],
    ['by a read-only key', signedFields([], { key: 'k' }, READER), 403, 'AccessDenied', '0003-00000201'],
  ])('%s is refused', async (_what, fields, status, code, ec) => {
    const server = await startRestServer();
    const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
    expect(refusal(await postForm(server, Object.fromEntries(given)))).toEqual({ status, code, ec });
    expect((await server.send('HEAD', '/examplebucket/k')).status).toBe(404);
  });

  it.each([
    [WEEK_MS, 204, undefined],
    [WEEK_MS + 1000, 403, '0002-00000236'],
    [-900_000, 204, undefined],
    [-901_000, 403, '0002-00000235'],
  ])('of V4 is good for seven days from its date: %d ms after it %d %s', async (afterMs, status, ec) => {
    const server = await startRestServer({ clock: new ManualClock(NOW_MS + afterMs) });
    const lasting = encodePolicy({ expiration: '2030-01-01T00:00:00Z', conditions: [] });
    const signature = createHmac('sha256', v4Key).update(lasting).digest('hex');
    const reply = await postForm(server, { ...v4, policy: lasting, 'x-oss-signature': signature });
    expect([reply.status, refusal(reply).ec]).toEqual([status, ec]);
  });
});

describe('a form is refused and stores nothing', () => {
  const signed = Object.entries(signedFields(ANY, { key: 'k' })).map(([name, value]) => ({ name, value }));

  it.each([
    ['without a key', [{ name: 'file', value: 'x' }], 'InvalidArgument', undefined],
    [
      'with a NUL in its key',
      [
        { name: 'key', value: 'a\0b' },
        { name: 'file', value: 'x' },
      ],
      'InvalidObjectName',
      undefined,
    ],
    ['without a file', signed, 'MalformedPOSTRequest', '0006-00000107'],
    [
      'with two files',
      [...signed, { name: 'file', value: 'x' }, { name: 'file', value: 'y' }],
      'IncorrectNumberOfFilesInPOSTRequest',
      undefined,
    ],
    ['with a huge field', [{ name: 'a', value: 'x'.repeat(70_000) }, ...signed], 'FieldItemTooLong', undefined],
    [
      'with too many fields',
      [...Array.from({ length: 300 }, (_, n) => ({ name: `f${n}`, value: '' })), ...signed],
      'MalformedPOSTRequest',
      '0006-00000104',
    ],
    [
      'with too much before the file',
      [...Array.from({ length: 12 }, (_, n) => ({ name: `f${n}`, value: 'x'.repeat(60_000) })), ...signed],
      'MalformedPOSTRequest',
      '0006-00000104',
    ],
    [
      'with more metadata than the headers of an answer can have',
      [...signed, { name: 'x-oss-meta-a', value: 'x'.repeat(20_000) }, { name: 'file', value: 'x' }],
      'InvalidArgument',
      undefined,
    ],
    [
      'with a line break in a header field',
      [...signed, { name: 'x-oss-meta-a', value: 'a\r\nb: c' }, { name: 'file', value: 'x' }],
      'InvalidArgument',
      undefined,
    ],
  ])('%s', async (_what, parts, code, ec) => {
    const server = await startRestServer();
    expect(refusal(await postParts(server, parts))).toEqual({ status: 400, code, ec });
    expect((await server.send('HEAD', '/examplebucket/k')).status).toBe(404);
  });

  it('when it has no end', async () => {
    const server = await startRestServer();
    const reply = await postBody(server, formBody([...signed, { name: 'file', value: 'x' }], ''));
    expect(refusal(reply)).toEqual({ status: 400, code: 'MalformedPOSTRequest', ec: '0006-00000104' });
    expect((await server.send('HEAD', '/examplebucket/k')).status).toBe(404);
  });

  it.each(['multipart/form-data', 'multipart/form-data; boundary=', `multipart/form-data; boundary=${'a'.repeat(71)}`])(
    'with Content-Type %s',
    async (contentType) => {
      const { send } = await startRestServer();
      const reply = await send('POST', '/examplebucket', {
        key: null,
        headers: { 'content-type': contentType },
        body: 'x',
      });
      expect(refusal(reply)).toMatchObject({ status: 400, code: 'MalformedPOSTRequest' });
    },
  );

  it('of another type', async () => {
    const { send } = await startRestServer();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await send('POST', '/examplebucket', { key: null, headers, body: 'key=k' });
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'RequestIsNotMultiPartContent' });
  });

  it('whose file is larger or smaller than the policy allows', async () => {
    const server = await startRestServer();
    const post = (min: number, max: number) =>
      postForm(server, signedFields([['content-length-range', min, max]], { key: 'k' }));
    expect(refusal(await post(0, 4))).toEqual({ status: 400, code: 'EntityTooLarge', ec: '0006-00000003' });
    expect(refusal(await post(6, 9))).toEqual({ status: 400, code: 'EntityTooSmall', ec: '0006-00000004' });
    expect((await server.send('HEAD', '/examplebucket/k')).status).toBe(404);
    expect((await post(5, 5)).status).toBe(204);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['breaks the connection', (socket) => socket.resetAndDestroy()],
    ['ends its side of the connection', (socket) => socket.end()],
  ])('when the client %s within the file', async (_name, leave) => {
    const server = await startRestServer();
    const body = formBody([...signed, { name: 'file', value: Buffer.alloc(100_000) }]);
    const socket = connect(server.port, '127.0.0.1').resume();
    const head = [
      'POST /examplebucket HTTP/1.1',
      'Host: 127.0.0.1',
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
      `Content-Length: ${body.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(body.subarray(0, 50_000), () => leave(socket));
    expect(await server.firstLine()).toMatch(/op=PostObject bucket=examplebucket key=k status=400 code=IncompleteBody/);
    expect((await server.send('HEAD', '/examplebucket/k')).status).toBe(404);
  });

  it('when everything was emptied while its fields came', async () => {
    const server = await startRestServer();
    const body = formBody([...signed, { name: 'file', value: 'late' }]);
    const socket = connect(server.port, '127.0.0.1').resume();
    const head = [
      'POST /examplebucket HTTP/1.1',
      'Host: 127.0.0.1',
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
      `Content-Length: ${body.length}`,
    ];
    const arrived = vi.spyOn(server.objects, 'epoch');
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(body.subarray(0, 100));
    await expect.poll(() => arrived.mock.calls.length).toBeGreaterThan(0);
    server.objects.beginEpoch();
    socket.write(body.subarray(100));
    expect(await server.firstLine()).toContain('status=404 code=NoSuchBucket');
    expect(await server.metadata.getObject('examplebucket', 'k')).toBeUndefined();
  });

  it.each(['comp=x', 'uploadId=x', 'partNumber', 'status', 'versionId'])('when it is none, with ?%s', async (query) => {
    const server = await startRestServer();
    const reply = await server.send('POST', `/examplebucket?${query}`);
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'RequestIsNotMultiPartContent' });
  });

  it('before its file, which is then not kept', async () => {
    const server = await startRestServer();
    const value = Buffer.alloc(3 * 1024 * 1024);
    const reply = await postForm(server, signedFields([['eq', '$key', 'other']], { key: 'k' }), { value });
    expect(refusal(reply)).toEqual({ status: 403, code: 'AccessDenied', ec: '0006-00000227' });
  });
});
