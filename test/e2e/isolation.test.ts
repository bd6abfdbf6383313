/** Which answers are kept apart from the page, by the host that was asked. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';

const ISOLATED = { 'content-security-policy': 'sandbox allow-downloads', 'x-content-type-options': 'nosniff' };

interface Answered {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** With a Host that fetch would not send. */
function ask(port: number, host: string, [method, path, more = {}]: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, method, path, agent: false, headers: { host, ...more } }, (response) => {
      response.destroy();
      resolve({ status: response.statusCode, headers: response.headers });
    })
      .on('error', reject)
      .end();
  });
}

type Asked = readonly [method: string, path: string, headers?: Readonly<Record<string, string>>];

const REQUESTS: readonly Asked[] = [
  ['GET', '/examplebucket/a.html'],
  ['HEAD', '/examplebucket/a.html'],
  ['GET', '/examplebucket/a.html', { 'if-none-match': '*' }],
  ['GET', '/examplebucket/a.html', { range: 'bytes=0-1' }],
  ['GET', '/examplebucket'],
  ['GET', '/no-such-bucket/a.html'],
  ['GET', '/%zz'],
  ['GET', '/app/s1.m3u8'],
  ['POST', '/app/s1', { 'content-type': 'application/sdp' }],
  ['POST', '/examplebucket', { 'content-type': 'multipart/form-data; boundary=b' }],
  ['OPTIONS', '/examplebucket/a.html', { origin: 'http://a.test', 'access-control-request-method': 'GET' }],
  ['DELETE', '/_whep/none'],
  ['GET', '/queues', { 'x-mns-version': '2015-06-06' }],
  ['GET', '/?Action=None&Version=2016-11-01&Format=XML&AccessKeyId=x'],
];

it('everything but the page is sandboxed at a name of the page, and nothing at that of a bucket', async () => {
  const objects = [{ key: 'a.html', text: '<b>a</b>', contentType: 'text/html' }];
  const { port } = await startTestEmulator(
    { cnames: [{ host: 'www.example.com', bucket: 'examplebucket' }] },
    { seed: { buckets: [{ name: 'examplebucket', objects }] } },
  );
  for (const host of ['127.0.0.1', `localhost:${port}`, '[::1]', 'oss.localhost', 'unknown.example']) {
    for (const asked of REQUESTS)
      expect([asked, (await ask(port, host, asked)).headers]).toEqual([asked, expect.objectContaining(ISOLATED)]);
  }
  for (const host of ['examplebucket.localhost', `examplebucket.oss.localhost:${port}`, 'www.example.com']) {
    const { headers } = await ask(port, host, ['GET', '/a.html']);
    expect(headers['content-type']).toBe('text/html');
    for (const name of Object.keys(ISOLATED)) expect(headers[name]).toBeUndefined();
  }
});

it('what is no HTTP is refused with the same headers', async () => {
  const { port } = await startTestEmulator();
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', 'GET /\0 HTTP/1.1\r\n\r\n']) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end(bytes);
    expect(await text(socket)).toContain('Content-Security-Policy: sandbox');
  }
});

it('service workers are refused at a name of the page only, and what its origin would run as a script', async () => {
  const objects = [{ key: 'a.js', text: '1', contentType: 'text/javascript' }];
  const { port } = await startTestEmulator({}, { seed: { buckets: [{ name: 'examplebucket', objects }] } });
  const statusOf = async (host: string, path: string, headers: Readonly<Record<string, string>>) =>
    (await ask(port, host, ['GET', path, headers])).status;
  const worker = { 'service-worker': 'script' };
  expect(await statusOf('127.0.0.1', '/examplebucket/a.js', worker)).toBe(403);
  expect(await statusOf('examplebucket.localhost', '/a.js', worker)).toBe(200);
  for (const destination of ['worker', 'sharedworker', 'audioworklet', 'paintworklet', 'script', 'xslt']) {
    const asked = (site: string) => ({ 'sec-fetch-site': site, 'sec-fetch-dest': destination });
    expect(await statusOf('127.0.0.1', '/examplebucket/a.js', asked('same-origin'))).toBe(403);
    expect(await statusOf('127.0.0.1', '/examplebucket/a.js', asked('cross-site'))).toBe(200);
  }
});
