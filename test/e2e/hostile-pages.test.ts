/** Web pages of others in Chromium, beside an emulator: what they can do, and what they cannot. */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { buildConsole } from '../../scripts/build-console.ts';
import { launchChromium } from '../../scripts/support/chromium.ts';
import { Emulator } from '../../src/emulator/emulator.ts';
import { CHROMIUM } from '../console/support/browser.ts';
import { createClient } from '../support/emulator.ts';
import { listenOnFreePort } from '../support/listen.ts';
import { describeWith } from '../support/tools.ts';

const HLS_JS = createRequire(import.meta.url).resolve('hls.js/dist/hls.js');

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Marks that it ran, and takes over the control API if it can. */
const SCRIPT = `
  document.documentElement.setAttribute('data-ran', 'yes');
  fetch('/_emulator/reset', { method: 'POST', body: '{}' });
  fetch('/_emulator/info').then((answer) => answer.text()).then((loot) => { document.title = loot; });`;

const HTML = `<!doctype html><title>mine</title><script>${SCRIPT}</script>`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg"><script>${SCRIPT.replaceAll('=>', '=&gt;')}</script></svg>`;
const XHTML = `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>mine</title></head><body>${SVG}</body></html>`;
const STYLED = '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="style.xsl"?><a/>';
const STYLE = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">
  <html><head><script>${SCRIPT.replaceAll('=>', '=&gt;')}</script></head></html></xsl:template></xsl:stylesheet>`;

describeWith([CHROMIUM], 'a page of others', () => {
  const emulator = new Emulator({
    memory: true,
    port: 0,
    rtmpPort: undefined,
    webrtcPort: 0,
    buckets: [
      { name: 'examplebucket', acl: 'public-read' },
      { name: 'pub', acl: 'public-read-write' },
    ],
  });
  let browser: Browser;
  let endpoint = '';
  let port = 0;
  /** Serves the page of the attacker, at an origin of its own. */
  let elsewhere: Server;
  let evil = '';

  beforeAll(async () => {
    await buildConsole();
    ({ port } = await emulator.start());
    endpoint = `http://127.0.0.1:${port}`;
    elsewhere = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>elsewhere</title>');
    });
    evil = `http://evil.localhost:${await listenOnFreePort(elsewhere)}`;
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    elsewhere.close();
    elsewhere.closeAllConnections();
    await emulator.stop();
  });

  async function open(url: string): Promise<Page> {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(url);
    return page;
  }

  async function store(key: string, body: string | Buffer, contentType: string, more: object = {}): Promise<string> {
    const url = `${endpoint}/pub/${key}`;
    const headers = { 'content-type': contentType, ...more };
    const { status } = await fetch(url, { method: 'PUT', body, headers });
    expect(status).toBe(200);
    return url;
  }

  /** By the documented key, which every page knows. */
  function signed(method: string, key: string, contentType: string, query: Readonly<Record<string, string>>): string {
    const expires = Math.floor(Date.now() / 1000) + 3_000;
    const named = Object.entries(query).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
    const text = `${method}\n\n${contentType}\n${expires}\n/examplebucket/${key}?${named.join('&')}`;
    const signature = createHmac('sha1', 'emulator-secret').update(text).digest('base64');
    const parameters = new URLSearchParams({
      ...query,
      OSSAccessKeyId: 'emulator-ak',
      Expires: String(expires),
      Signature: signature,
    });
    return `${endpoint}/examplebucket/${key}?${parameters}`;
  }

  const resets = () => emulator.events.since(0).filter(({ type }) => type === 'emulator.reset').length;

  /** Each stores a document, and resolves to its address on the host of the page. */
  const documents: Readonly<Record<string, () => Promise<string>>> = {
    HTML: () => store('a.html', HTML, 'text/html'),
    'HTML with two types': () => store('b', HTML, 'text/plain;a=b,text/html'),
    SVG: () => store('a.svg', SVG, 'image/svg+xml'),
    XHTML: () => store('a.xhtml', XHTML, 'application/xhtml+xml'),
    'XML that is transformed': async () => {
      await store('style.xsl', STYLE, 'text/xsl');
      return store('a.xml', STYLED, 'text/xml');
    },
    'an object of AppendObject': async () => {
      const page = await open(evil);
      const url = `${endpoint}/pub/appended.html`;
      const type = { 'content-type': 'text/plain;a=b,text/html' };
      await page.evaluate(
        `fetch('${url}?append&position=0', ${JSON.stringify({ method: 'POST', mode: 'no-cors', headers: type, body: HTML })})`,
      );
      return url;
    },
    'a signed object with response-content-type': async () => {
      const page = await open(evil);
      const to = signed('POST', 'signed', 'text/plain', { append: '', position: '0' });
      const request = { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: HTML };
      await page.evaluate(`fetch('${to}', ${JSON.stringify(request)})`);
      return signed('GET', 'signed', '', { 'response-content-type': 'text/html' });
    },
    'a multipart upload': async () => {
      const url = `${endpoint}/pub/parts.html`;
      const begun = await fetch(`${url}?uploads`, { method: 'POST', headers: { 'content-type': 'text/html' } });
      const [, id = ''] = /<UploadId>(.*)<\/UploadId>/.exec(await begun.text()) ?? [];
      const part = await fetch(`${url}?partNumber=1&uploadId=${id}`, { method: 'PUT', body: HTML });
      const parts = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.get('etag')}</ETag></Part></CompleteMultipartUpload>`;
      expect((await fetch(`${url}?uploadId=${id}`, { method: 'POST', body: parts })).status).toBe(200);
      return url;
    },
    'a form': async () => {
      const page = await open(evil);
      await page.evaluate(`(async () => {
        const form = new FormData();
        form.append('key', 'posted.html');
        form.append('Content-Type', 'text/html');
        form.append('file', new Blob([${JSON.stringify(HTML)}], { type: 'text/html' }), 'a.html');
        await fetch('${endpoint}/pub', { method: 'POST', mode: 'no-cors', body: form });
      })()`);
      return `${endpoint}/pub/posted.html`;
    },
    'a symbolic link': async () => {
      await store('target.html', HTML, 'text/html');
      const headers = { 'x-oss-symlink-target': 'target.html', 'content-type': 'text/html' };
      expect((await fetch(`${endpoint}/pub/link?symlink`, { method: 'PUT', headers })).status).toBe(200);
      return `${endpoint}/pub/link`;
    },
    'a refusal that quotes the request': async () =>
      `${endpoint}/pub/${encodeURIComponent(`<x:script xmlns:x="http://www.w3.org/1999/xhtml">${SCRIPT}</x:script>`)}`,
  };

  const control = (page: Page): Promise<unknown> =>
    page.evaluate('[self.origin, document.documentElement?.dataset?.ran]');

  it.each(Object.entries(documents))('%s runs no script, and has an origin of its own', async (_, make) => {
    const url = await make();
    const page = await open(url);
    expect(await control(page)).toEqual(['null', undefined]);
    expect(await page.title()).not.toContain('accessKeySecret');
    expect(resets()).toBe(0);
  });

  it('runs no script at any name of the page', async () => {
    const url = await store('named.html', HTML, 'text/html');
    for (const host of ['localhost', '[::1]', 'oss.localhost', '0.0.0.0']) {
      const page = await open(url.replace('127.0.0.1', host));
      expect([host, await control(page)]).toEqual([host, ['null', undefined]]);
    }
  });

  it('is nothing in a frame, and the page cannot be framed', async () => {
    const url = await store('framed.html', HTML, 'text/html');
    const page = await open(evil);
    const frames = [url, `${endpoint}/_emulator/`, `${endpoint}/_emulator/errors`, `${endpoint}/_emulator/health`];
    await page.setContent(frames.map((src) => `<iframe src="${src}"></iframe>`).join(''), { waitUntil: 'load' });
    const [object, ...own] = page.frames().slice(1);
    expect(await object?.evaluate('[self.origin, document.documentElement.dataset.ran]')).toEqual(['null', undefined]);
    for (const refused of own) expect(refused.url()).toMatch(/^chrome-error:/);
  });

  it('runs at the host name of its bucket, as a website too, and does not reach the control API from there', async () => {
    const client = createClient(port);
    const page = { key: 'index.html', text: HTML, contentType: 'text/html' };
    await emulator.control.seed({ buckets: [{ name: 'site', acl: 'public-read', objects: [page] }] });
    await client.putBucketWebsite('site', { index: 'index.html', error: 'index.html' });
    for (const path of ['index.html', '', 'no-such-key']) {
      const shown = await open(`http://site.localhost:${port}/${path}`);
      expect(await control(shown)).toEqual([`http://site.localhost:${port}`, 'yes']);
      for (const call of ['info', '', 'health']) {
        expect(await shown.evaluate(fetched(`${endpoint}/_emulator/${call}`))).toBe('refused');
      }
      expect(await shown.evaluate(fetched(`${endpoint}/_emulator/reset`, { method: 'POST', mode: 'no-cors' }))).toBe(
        'refused',
      );
    }
    expect(resets()).toBe(0);
  });

  it('of an origin elsewhere gets nothing from the control API', async () => {
    const page = await open(evil);
    const api = `${endpoint}/_emulator`;
    const simple = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' };
    for (const [path, request] of [
      ['/info', {}],
      ['/', {}],
      ['/reset', simple],
      ['/rooms/address', simple],
      ['/live/app/s1', simple],
      ['/reset', { ...simple, headers: { 'x-emulator-token': 'guessed' } }],
      ['/faults', { method: 'DELETE' }],
      ['/live/app/s1.m3u8', {}],
    ] as const) {
      expect([path, await page.evaluate(fetched(api + path, request))]).toEqual([path, 'refused']);
    }
    const opened = `new Promise((resolve) => {
      const source = new EventSource('${api}/events/stream');
      source.onopen = () => resolve('opened');
      source.onerror = () => resolve('refused');
    })`;
    expect(await page.evaluate(opened)).toBe('refused');
    const socket = `new Promise((resolve) => {
      const socket = new WebSocket('${api.replace('http', 'ws')}/events/stream');
      socket.onopen = () => resolve('opened');
      socket.onerror = () => resolve('refused');
    })`;
    expect(await page.evaluate(socket)).toBe('refused');
    for (const element of ['script', 'img', 'link']) {
      const loaded = `new Promise((resolve) => {
        const element = document.createElement('${element}');
        element.rel = 'stylesheet';
        element.onload = () => resolve('loaded');
        element.onerror = () => resolve('refused');
        element.src = element.href = '${api}/info';
        document.head.append(element);
      })`;
      expect([element, await page.evaluate(loaded)]).toEqual([element, 'refused']);
    }
    await page.setContent(
      `<form method="post" enctype="text/plain" action="${api}/reset"><input name='{"a":"' value='"}'></form>`,
    );
    const answered = page.waitForResponse(`${api}/reset`);
    await page.evaluate('document.forms[0].submit()');
    expect((await answered).status()).toBe(403);
    expect(resets()).toBe(0);
  });

  it('is no script, worker or worklet for a document of our origin', async () => {
    const script = await store('script.js', SCRIPT, 'text/javascript');
    const page = await open(`${endpoint}/_emulator/health`);
    expect(await page.evaluate(fetched(`${endpoint}/_emulator/info`))).toBe(403);
    expect(await page.evaluate(fetched(`${endpoint}/_emulator/`))).toBe(403);
    for (const attempt of [
      `navigator.serviceWorker.register('${script}', { scope: '/pub/' })`,
      `navigator.serviceWorker.register('/_emulator/licenses.txt')`,
      `new AudioContext().audioWorklet.addModule('${script}')`,
      `import('${script}')`,
      `new Promise((resolve, reject) => { new Worker('${script}').onerror = reject; })`,
      `new Promise((resolve, reject) => { new SharedWorker('${script}').onerror = reject; })`,
      `new Promise((resolve, reject) => {
        const element = Object.assign(document.createElement('script'), { src: '${script}' });
        document.head.append(element);
        element.onload = resolve;
        element.onerror = reject;
      })`,
    ]) {
      expect([attempt, await page.evaluate(`${attempt}.then(() => 'loaded', () => 'refused')`)]).toEqual([
        attempt,
        'refused',
      ]);
    }
    expect(await control(page)).toEqual([endpoint, undefined]);
  });

  it.each(['', 'health'])('is no script for the page at /_emulator/%s, also not from the cache', async (own) => {
    const script = await store('cached.js', SCRIPT, 'text/javascript', { 'cache-control': 'public, max-age=600' });
    const page = await open(`${endpoint}/_emulator/${own}`);
    expect(await page.evaluate(fetched(script, { cache: 'force-cache' }))).toBe(200);
    const loaded = `new Promise((resolve) => {
      const element = Object.assign(document.createElement('script'), { src: '${script}' });
      document.head.append(element);
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('refused');
    })`;
    expect(await page.evaluate(loaded)).toBe('refused');
    expect(await page.evaluate(`import('${script}').then(() => 'loaded', () => 'refused')`)).toBe('refused');
    expect(await control(page)).toEqual([endpoint, undefined]);
  });

  it('plays HLS, shows images and offers downloads of a path-style URL', async () => {
    const push = await emulator.control.publishes.start({ channel: 'test-channel', durationSec: 8, speed: 'max' });
    await push.done;
    const image = await store('a.png', PNG, 'image/png');
    const attachment = { 'content-disposition': 'attachment; filename="a.bin"' };
    const download = await store('a.bin', 'bytes', 'application/octet-stream', attachment);

    const page = await open(evil);
    await page.addScriptTag({ path: HLS_JS });
    await page.evaluate(`new Promise((resolve, reject) => {
      const video = Object.assign(document.body.appendChild(document.createElement('video')), { muted: true });
      video.onplaying = resolve;
      const hls = new Hls();
      hls.on(Hls.Events.ERROR, (_, { fatal, details }) => fatal && reject(new Error(details)));
      hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
      hls.loadSource('${endpoint}/examplebucket/test-channel/playlist.m3u8');
      hls.attachMedia(video);
    })`);
    const widthOf = `new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(image.naturalWidth);
      image.onerror = reject;
      image.src = '${image}';
    })`;
    expect(await page.evaluate(widthOf)).toBe(1);
    expect(await (await open(image)).evaluate('document.images[0].naturalWidth')).toBe(1);

    const downloads = page.waitForEvent('download');
    await page.evaluate(`location.assign('${download}')`);
    expect(await readFile(await (await downloads).path(), 'utf8')).toBe('bytes');
  });
});

/** Resolves in the page to the status that it sees, or to `refused` when it may not see the answer. */
function fetched(url: string, request: object = {}): string {
  return `fetch('${url}', ${JSON.stringify(request)}).then(({ status }) => status, () => 'refused')`;
}
