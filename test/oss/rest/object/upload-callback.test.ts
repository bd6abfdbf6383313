import { createHash, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { type Answer, receiveHttp } from '../../../support/http-receiver.ts';
import { callbackKeys, element, type RestServer, refusal, startRestServer } from '../rest-server.ts';
import { postForm, signedFields } from './form-body.ts';

const OK: Answer = (response) => response.end('{"Status":"OK"}');
const FORM_BODY = `bucket=\${bucket}&object=\${object}&etag=\${etag}&size=\${size}&mimeType=\${mimeType}&my=\${x:my}`;
/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

function put(
  server: RestServer,
  settings: unknown,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = 'hello',
) {
  return server.send('PUT', '/examplebucket/a%26b', {
    body,
    headers: { 'content-type': 'text/plain', 'x-oss-callback': encode(settings), ...headers },
  });
}

describe('an upload with a callback', () => {
  it('is answered with what the server said, after the object was stored', async () => {
    const server = await startRestServer();
    const receiver = await receiveHttp(OK);
    const settings = { callbackUrl: `${receiver.url}/a%20b?x=1`, callbackBody: FORM_BODY };
    const reply = await put(server, settings, { 'x-oss-callback-var': encode({ 'x:my': 'a b' }) });
    expect([reply.status, reply.text]).toEqual([200, '{"Status":"OK"}']);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      etag: '"5D41402ABC4B2A76B9719D911017C592"',
    });
    const [request] = receiver.received;
    expect(request?.body).toBe(
      'bucket=examplebucket&object=a%26b&etag=5D41402ABC4B2A76B9719D911017C592&size=5&mimeType=text%2Fplain&my=a%20b',
    );
    expect(request).toMatchObject({ method: 'POST', path: '/a%20b?x=1' });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'content-md5': createHash('md5')
        .update(request?.body ?? '')
        .digest('base64'),
      'x-oss-bucket': 'examplebucket',
      'x-oss-request-id': reply.headers['x-oss-request-id'],
    });
  });

  it('is signed with the key that the emulator serves', async () => {
    const server = await startRestServer();
    const receiver = await receiveHttp(OK);
    await put(server, { callbackUrl: `${receiver.url}/index%2Fphp?id=1&index=2`, callbackBody: `a=\${bucket}` });
    const { headers = {}, body = '' } = receiver.received[0] ?? {};
    const signed = Buffer.from(`/index/php?id=1&index=2\n${body}`);
    const signature = Buffer.from(headers.authorization ?? '', 'base64');
    expect(verify('md5', signed, callbackKeys().publicKey, signature)).toBe(true);
    const keyUrl = Buffer.from(headers['x-oss-pub-key-url'] ?? '', 'base64').toString();
    expect(keyUrl).toBe(`http://127.0.0.1:${server.port}/_emulator/callback_pub_key_v1.pem`);
  });

  it('names the key under the public URL, with its scheme', async () => {
    const server = await startRestServer({ publicUrl: 'https://media.example.test:8443' });
    const receiver = await receiveHttp(OK);
    await put(server, { callbackUrl: receiver.url, callbackBody: 'a' });
    const keyUrl = Buffer.from(receiver.received[0]?.headers['x-oss-pub-key-url'] ?? '', 'base64').toString();
    expect(keyUrl).toBe('https://media.example.test:8443/_emulator/callback_pub_key_v1.pem');
  });

  it('sends JSON, with the size of a picture and the other facts', async () => {
    const server = await startRestServer();
    const receiver = await receiveHttp(OK);
    const names = [
      'object',
      'size',
      'imageInfo.height',
      'imageInfo.width',
      'imageInfo.format',
      'crc64',
      'contentMd5',
      'clientIp',
      'reqId',
      'operation',
      'vpcId',
    ];
    const callbackBody = `{${names.map((name) => `"${name}":\${${name}}`).join(',')}}`;
    const settings = { callbackUrl: receiver.url, callbackBody, callbackBodyType: 'application/json' };
    const reply = await put(server, settings, {}, PNG);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toEqual({
      object: 'a&b',
      size: PNG.length,
      'imageInfo.height': 1,
      'imageInfo.width': 1,
      'imageInfo.format': 'png',
      crc64: reply.headers['x-oss-hash-crc64ecma'],
      contentMd5: reply.headers['content-md5'],
      clientIp: '127.0.0.1',
      reqId: reply.headers['x-oss-request-id'],
      operation: 'PutObject',
      vpcId: '',
    });
    await put(server, settings, {}, 'no picture');
    expect(JSON.parse(receiver.received[1]?.body ?? '')).toMatchObject({
      'imageInfo.height': '',
      'imageInfo.format': '',
    });
  });

  it('names another host when it is told to', async () => {
    const server = await startRestServer();
    const receiver = await receiveHttp(OK);
    await put(server, { callbackUrl: receiver.url, callbackHost: 'app.test', callbackBody: 'a' });
    expect(receiver.received[0]?.headers.host).toBe('app.test');
  });

  it('may stand in the query, but not there and in a header', async () => {
    const server = await startRestServer();
    const receiver = await receiveHttp(OK);
    const value = encodeURIComponent(encode({ callbackUrl: receiver.url, callbackBody: `v=\${x:v}` }));
    const variables = encodeURIComponent(encode({ 'x:v': '1' }));
    const target = `/examplebucket/k?callback=${value}&callback-var=${variables}`;
    expect((await server.send('PUT', target, { body: 'x' })).text).toBe('{"Status":"OK"}');
    expect(receiver.received[0]?.body).toBe('v=1');
    const both = await server.send('PUT', target, { body: 'x', headers: { 'x-oss-callback': 'e30=' } });
    expect(refusal(both)).toEqual({ status: 400, code: 'InvalidArgument', ec: '0007-00000027' });
  });

  it('tries its URLs one after the other until one succeeds', async () => {
    const server = await startRestServer();
    const broken = await receiveHttp((response) => {
      response.statusCode = 500;
      response.end('{}');
    });
    const good = await receiveHttp(OK);
    const unused = await receiveHttp(OK);
    const callbackUrl = ['http://127.0.0.1:1/', broken.url, good.url, unused.url].join(';');
    expect((await put(server, { callbackUrl, callbackBody: 'a' })).text).toBe('{"Status":"OK"}');
    expect([broken, good, unused].map(({ received }) => received.length)).toEqual([1, 1, 0]);
  });

  it('is possible for multipart uploads', async () => {
    const server = await startRestServer();
    const receiver = await receiveHttp(OK);
    const begun = await server.send('POST', '/examplebucket/k?uploads');
    const id = element(begun, 'UploadId');
    const part = await server.send('PUT', `/examplebucket/k?partNumber=1&uploadId=${id}`, { body: 'hello' });
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part></CompleteMultipartUpload>`;
    const callback = encode({ callbackUrl: receiver.url, callbackBody: `\${size} \${operation}` });
    const reply = await server.send('POST', `/examplebucket/k?uploadId=${id}`, {
      body,
      headers: { 'x-oss-callback': callback },
    });
    expect([reply.status, reply.text]).toEqual([200, '{"Status":"OK"}']);
    expect(receiver.received[0]?.body).toBe('5 CompleteMultipartUpload');
  });

  it('is possible for forms, whose fields are its variables', async () => {
    const server = await startRestServer();
    const receiver = await receiveHttp(OK);
    const callback = encode({ callbackUrl: receiver.url, callbackBody: `\${object} \${x:var1} \${operation}` });
    const fields = signedFields([{ callback }], {
      key: 'k',
      callback,
      'x:var1': 'value1',
      success_action_status: '204',
    });
    const reply = await postForm(server, fields);
    expect([reply.status, reply.text]).toEqual([200, '{"Status":"OK"}']);
    expect(receiver.received[0]?.body).toBe('k value1 PostObject');
  });
});

describe('a callback that fails', () => {
  const failing: readonly [string, Answer, string][] = [
    ['answers 500', (response) => response.writeHead(500).end('{}'), 'Error status : 500.'],
    ['redirects', (response) => response.writeHead(302, { location: '/' }).end('{}'), 'Error status : 302.'],
    ['answers no JSON', (response) => response.end('<html>'), 'Response body is not valid json format.'],
    ['answers nothing', (response) => response.end(), 'Response body is not valid json format.'],
    [
      'answers 5 MiB',
      (response) => response.end(`"${'x'.repeat(5 * 1024 * 1024)}"`),
      'Error status : 400.User server return too long content-length value.',
    ],
    [
      'does not say how long its answer is',
      (response) => {
        response.write('{');
        response.end('}');
      },
      'Error status : 400.User server return too long content-length value.',
    ],
    [
      'switches to another protocol',
      (response) => response.writeHead(101, { connection: 'upgrade', upgrade: 'websocket' }).end(),
      'Error status : -1.OSS can not connect to your callbackUrl, please check it.',
    ],
    [
      'resets the connection',
      (response) => response.socket?.resetAndDestroy(),
      'Error status : -1.OSS can not connect to your callbackUrl, please check it.',
    ],
  ];

  it.each(failing)('because the server %s: 203, and the object is stored', async (_what, answer, message) => {
    const server = await startRestServer();
    const receiver = await receiveHttp(answer);
    const reply = await put(server, { callbackUrl: receiver.url, callbackBody: 'a' });
    expect(refusal(reply)).toMatchObject({ status: 203, code: 'CallbackFailed' });
    expect(element(reply, 'Message')).toBe(message);
    expect(reply.headers.etag).toBe('"5D41402ABC4B2A76B9719D911017C592"');
    expect(receiver.received).toHaveLength(1);
    expect((await server.send('GET', '/examplebucket/a%26b')).text).toBe('hello');
  });

  it('because the server hangs: after five seconds, while others are answered', async () => {
    const callbackClock = new ManualClock(0);
    const server = await startRestServer({ callbackClock });
    const receiver = await receiveHttp(() => undefined);
    const hanging = put(server, { callbackUrl: receiver.url, callbackBody: 'a' });
    await receiver.request(1);
    expect((await server.send('PUT', '/examplebucket/other', { body: 'x' })).status).toBe(200);
    callbackClock.advance(5_000);
    const reply = await hanging;
    expect(refusal(reply)).toEqual({ status: 203, code: 'CallbackFailed', ec: '0007-00000202' });
    expect(element(reply, 'Message')).toBe('Cost too long time.');
  });

  it('because nobody listens', async () => {
    const server = await startRestServer();
    const reply = await put(server, { callbackUrl: '127.0.0.1:1', callbackBody: 'a' });
    expect(refusal(reply)).toMatchObject({ status: 203, code: 'CallbackFailed' });
  });
});

describe('a callback that is not valid', () => {
  it.each([
    ['x-oss-callback', 'x123-*&', '0007-00000002'],
    ['x-oss-callback', encode({ callbackBody: 'a' }), '0007-00000004'],
    ['x-oss-callback', encode({ callbackUrl: ' ; ', callbackBody: 'a' }), '0007-00000004'],
    ['x-oss-callback', encode({ callbackUrl: 'a.test' }), '0007-00000011'],
    ['x-oss-callback-var', 'x123-*&', '0007-00000102'],
  ])('in %s is refused before the body is stored: %s', async (name, value, ec) => {
    const server = await startRestServer();
    const reply = await put(server, { callbackUrl: 'a.test', callbackBody: 'a' }, { [name]: value });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidArgument', ec });
    expect((await server.send('HEAD', '/examplebucket/a%26b')).status).toBe(404);
  });
});

describe('callback policies', () => {
  const policy = (items: string) => `<BucketCallbackPolicy>${items}</BucketCallbackPolicy>`;
  const item = (name: string, callback: unknown, callbackVar = '') =>
    `<PolicyItem><PolicyName>${name}</PolicyName><Callback>${encode(callback)}</Callback><CallbackVar>${callbackVar}</CallbackVar></PolicyItem>`;
  const TARGET = '/examplebucket/?policy&comp=callback';

  it('are kept with the bucket and used by name', async () => {
    const server = await startRestServer();
    const receiver = await receiveHttp(OK);
    const settings = { callbackUrl: receiver.url, callbackBody: `\${x:a} \${x:b}` };
    const body = policy(item('one', settings, encode({ 'x:a': '1', 'x:b': '2' })));
    expect((await server.send('PUT', TARGET, { body })).status).toBe(200);
    const kept = await server.send('GET', TARGET);
    expect([element(kept, 'PolicyName'), element(kept, 'Callback')]).toEqual(['one', encode(settings)]);
    const reply = await put(server, { callbackPolicy: 'one' }, { 'x-oss-callback-var': encode({ 'x:b': '3' }) });
    expect(reply.text).toBe('{"Status":"OK"}');
    expect(receiver.received[0]?.body).toBe('1 3');
    const unknown = await put(server, { callbackPolicy: 'two' });
    expect(refusal(unknown)).toMatchObject({ status: 400, code: 'InvalidArgument' });
  });

  it('are none before the first, may be an empty list, and can be deleted', async () => {
    const { send } = await startRestServer();
    const absent = { status: 404, code: 'BucketCallbackPolicyNotExist', ec: undefined };
    expect(refusal(await send('GET', TARGET))).toEqual(absent);
    expect((await send('PUT', TARGET, { body: policy('') })).status).toBe(200);
    expect((await send('GET', TARGET)).status).toBe(200);
    expect((await send('DELETE', TARGET)).status).toBe(204);
    expect(refusal(await send('GET', TARGET))).toEqual(absent);
  });

  it.each([
    ['a name twice', policy(item('a', {}) + item('a', {})), 'InvalidArgument'],
    ['no name', policy(item('', {})), 'InvalidArgument'],
    ['another document', '<a/>', 'MalformedXML'],
  ])('with %s are refused', async (_what, body, code) => {
    const { send } = await startRestServer();
    expect(refusal(await send('PUT', TARGET, { body }))).toMatchObject({ status: 400, code });
  });
});
