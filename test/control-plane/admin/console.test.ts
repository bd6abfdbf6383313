import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Koa from 'koa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveConsole } from '../../../src/control-plane/admin/console.ts';
import { listenDuringTest } from '../../support/listen.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Serves a built page; returns the function that requests a path of it. Raw requests, because fetch normalizes paths. */
async function serve(files: Readonly<Record<string, string | Buffer>>) {
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const app = new Koa();
  app.use(serveConsole('/_emulator', TOKEN, folder));
  const port = await listenDuringTest(createServer(app.callback()));
  return (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<Answer>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers, method, agent: false }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      })
        .on('error', reject)
        .end();
    });
}

const TOKEN = 'the-token';

const BUILT = {
  'index.html': '<!doctype html><meta content="{{token}}"><script nonce="{{nonce}}"></script>',
  'main-ABCD2345.js': 'run()',
  'main-ABCD2345.js.gz': gzipSync('run()'),
};

describe('the page of /_emulator/', () => {
  it('is looked for anew each time, and lets nothing in from elsewhere', async () => {
    const ask = await serve(BUILT);
    const { status, headers, body } = await ask('/_emulator/');
    const [, nonce] = /nonce="([\w-]{22})"/.exec(body.toString()) ?? [];
    expect([status, body.toString()]).toEqual([
      200,
      `<!doctype html><meta content="${TOKEN}"><script nonce="${nonce}"></script>`,
    ]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(`^default-src 'none'; script-src 'nonce-${nonce}';`),
    });
    expect((await ask('/_emulator/')).body.toString()).not.toContain(`${nonce}`);
  });

  it('opens in a window only, because it holds a token', async () => {
    const ask = await serve(BUILT);
    for (const destination of ['iframe', 'embed', 'object', 'empty', 'script']) {
      for (const name of ['', 'index.html']) {
        const { status, body } = await ask(`/_emulator/${name}`, { 'sec-fetch-dest': destination });
        expect([status, body.includes(TOKEN)]).toEqual([403, false]);
      }
    }
    expect((await ask('/_emulator/', { 'sec-fetch-dest': 'document' })).status).toBe(200);
  });

  it('is found without its slash', async () => {
    const ask = await serve(BUILT);
    expect(await ask('/_emulator')).toMatchObject({ status: 302, headers: { location: '/_emulator/' } });
  });

  it('has files that never change, compressed for those who take it', async () => {
    const ask = await serve(BUILT);
    const compressed = await ask('/_emulator/main-ABCD2345.js', { 'accept-encoding': 'gzip, br' });
    expect(gunzipSync(compressed.body).toString()).toBe('run()');
    expect(compressed.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    const plain = await ask('/_emulator/main-ABCD2345.js');
    expect([plain.body.toString(), plain.headers['content-encoding']]).toEqual(['run()', undefined]);
  });

  it('answers HEAD, and leaves other methods to others', async () => {
    const ask = await serve(BUILT);
    expect(await ask('/_emulator/', {}, 'HEAD')).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(await ask('/_emulator/', {}, 'POST')).toMatchObject({ status: 404 });
  });

  it.each([
    '/_emulator/main-ABCD2345.js.gz',
    '/_emulator/other-ABCD2345.js',
    '/_emulator/../package.json',
    '/_emulator/..%2Fpackage.json',
    '/_emulator/folder/index.html',
    '/_emulator/health',
  ])('has nothing at %s', async (path) => {
    const ask = await serve(BUILT);
    expect(await ask(path)).toMatchObject({ status: 404 });
  });

  it('says so when it was not built', async () => {
    const ask = await serve({});
    const { status, body } = await ask('/_emulator/');
    expect([status, JSON.parse(body.toString())]).toEqual([
      503,
      { error: 'The page was not built; run `npm run build`.' },
    ]);
  });
});
