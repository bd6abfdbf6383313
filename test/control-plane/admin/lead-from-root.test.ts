import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../../src/index.ts';
import { createClient } from '../../support/emulator.ts';
import { describeWith, NETWORK, networkAddress } from '../../support/tools.ts';

/** As Chromium asks for an address that was typed. */
const BROWSER = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

interface Asked {
  readonly port: number;
  readonly hostname?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** With headers that fetch would not send. Resolves to the status and where the answer leads. */
function ask({ port, hostname = '127.0.0.1', method = 'GET', path = '/', headers = {} }: Asked) {
  return new Promise<{ readonly status: number | undefined; readonly location: string | undefined }>(
    (resolve, reject) => {
      request({ hostname, port, method, path, headers: { ...BROWSER, ...headers }, agent: false }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, location: response.headers.location });
      })
        .on('error', reject)
        .end();
    },
  );
}

const LED = { status: 303, location: '/_emulator/' };
const REFUSED = { status: 403, location: undefined };

describe('the root in a browser', () => {
  it('leads to the page, at every name of the page and by a link', async () => {
    await using emulator = await startEmulator();
    const { port } = emulator;
    expect(await ask({ port })).toEqual(LED);
    expect(await ask({ port, headers: { host: `localhost:${port}` } })).toEqual(LED);
    expect(await ask({ port, headers: { accept: 'TEXT/HTML' } })).toEqual(LED);
    expect(await ask({ port, headers: { 'sec-fetch-site': 'cross-site' } })).toEqual(LED);
  });

  it.each<[string, Omit<Asked, 'port'>]>([
    ['another Accept', { headers: { accept: '*/*' } }],
    ['an Accept with a type that only begins so', { headers: { accept: 'text/html5' } }],
    ['a signature', { headers: { authorization: 'OSS emulator-ak:AAAA' } }],
    ['a query', { path: '/?max-keys=1' }],
    ['a signature in the query', { path: '/?OSSAccessKeyId=emulator-ak&Expires=1&Signature=AAAA' }],
    ['another method', { method: 'HEAD' }],
    ['a frame of another page', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' } }],
    ['a name that is not ours', { headers: { host: 'evil.example' } }],
  ])('is the list of buckets with %s', async (_, asked) => {
    await using emulator = await startEmulator();
    const { status, location } = await ask({ port: emulator.port, ...asked });
    expect(location).toBeUndefined();
    expect([400, 403, 405]).toContain(status);
  });

  it('is the key of a bucket where the host names one', async () => {
    await using emulator = await startEmulator();
    const { port } = emulator;
    expect((await ask({ port, headers: { host: `examplebucket.localhost:${port}` } })).location).toBeUndefined();
  });

  it('lists the buckets for a client that signs', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const { buckets } = (await createClient(emulator.port).listBuckets({})) as unknown as {
      buckets: { name: string }[];
    };
    expect(buckets.map(({ name }) => name)).toEqual(['media']);
  });

  it('is the list of buckets with --no-admin', async () => {
    await using emulator = await startEmulator({ noAdmin: true });
    expect(await ask({ port: emulator.port })).toEqual(REFUSED);
  });
});

describeWith([NETWORK], 'the root in a browser on another machine', () => {
  it.each([
    [false, REFUSED],
    [true, LED],
  ])('with --admin-anywhere %s', async (adminAnywhere, expected) => {
    await using emulator = await startEmulator({ host: '0.0.0.0', adminAnywhere });
    const hostname = networkAddress ?? '';
    expect(await ask({ port: emulator.port, hostname, headers: { host: hostname } })).toEqual(expected);
  });
});
