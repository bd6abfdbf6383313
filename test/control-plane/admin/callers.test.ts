/** Every endpoint of the table, asked by every kind of caller. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { OWN_ENDPOINTS, type OwnEndpoint } from '../../../src/control-plane/admin/endpoints.ts';
import { TOKEN_HEADER } from '../../../src/control-plane/admin/page-token.ts';
import type { Callers } from '../../../src/control-plane/admin/route.ts';
import { Emulator } from '../../../src/emulator/emulator.ts';
import { describeWith, NETWORK, networkAddress } from '../../support/tools.ts';

type Headers = Readonly<Record<string, string>>;

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Asked {
  readonly hostname?: string;
  readonly port: number;
  readonly method?: string;
  readonly path: string;
  readonly headers: Headers;
}

/** With headers that fetch would not send. Of an answer without an end only the beginning is read. */
function ask({ hostname = '127.0.0.1', port, method = 'GET', path, headers }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const { statusCode: status = 0, headers: received } = response;
      let text = '';
      const finish = () => {
        resolve({ status, headers: received, text });
        sent.destroy();
      };
      if (received['content-type'] === 'text/event-stream') finish();
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', finish);
    });
    sent.on('error', reject).end();
  });
}

interface Kind {
  /** What it sends, to an emulator at `host`. */
  readonly headers: (host: string, token: string) => Headers;
  /** Whom the table must name, for the caller to be let in. */
  readonly isLetInTo: readonly Callers[];
  /** Default: every method. */
  readonly method?: 'GET';
}

const EVERYTHING: readonly Callers[] = ['anyone', 'monitor', 'visitor', 'viewer', 'controller'];
const EVIL = 'http://evil.example';

const KINDS: Readonly<Record<string, Kind>> = {
  'a program': { headers: (host) => ({ host }), isLetInTo: EVERYTHING },
  'a program that names localhost': { headers: () => ({ host: 'localhost' }), isLetInTo: EVERYTHING },
  'fetch of Node': { headers: (host) => ({ host, 'sec-fetch-mode': 'cors' }), isLetInTo: EVERYTHING },
  'the page': {
    headers: (host, token) => ({
      host,
      origin: `http://${host}`,
      'sec-fetch-site': 'same-origin',
      [TOKEN_HEADER]: token,
    }),
    isLetInTo: EVERYTHING,
  },
  'the page of the emulator before': {
    headers: (host) => ({
      host,
      origin: `http://${host}`,
      'sec-fetch-site': 'same-origin',
      [TOKEN_HEADER]: 'x'.repeat(32),
    }),
    isLetInTo: ['anyone', 'monitor', 'visitor', 'viewer'],
  },
  'a page of our origin without the token': {
    headers: (host) => ({ host, origin: `http://${host}` }),
    isLetInTo: ['anyone', 'monitor', 'visitor', 'viewer'],
  },
  'a script of our origin without the token': {
    headers: (host) => ({ host, 'sec-fetch-site': 'same-origin' }),
    isLetInTo: ['anyone', 'monitor', 'visitor', 'viewer'],
  },
  'a typed address': {
    method: 'GET',
    headers: (host) => ({ host, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }),
    isLetInTo: ['anyone', 'monitor', 'visitor', 'viewer'],
  },
  // One header of Fetch Metadata alone, as where something on the way has left the others out.
  'a browser by Sec-Fetch-Dest': {
    method: 'GET',
    headers: (host) => ({ host, 'sec-fetch-dest': 'document' }),
    isLetInTo: ['anyone', 'monitor', 'visitor', 'viewer'],
  },
  'a browser by Sec-Fetch-User': {
    method: 'GET',
    headers: (host) => ({ host, 'sec-fetch-user': '?1' }),
    isLetInTo: ['anyone', 'monitor', 'visitor', 'viewer'],
  },
  'a browser by Sec-Fetch-Mode': {
    method: 'GET',
    headers: (host) => ({ host, 'sec-fetch-mode': 'navigate' }),
    isLetInTo: ['anyone', 'monitor', 'visitor', 'viewer'],
  },
  'a followed link': {
    method: 'GET',
    headers: (host) => ({
      host,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-user': '?1',
    }),
    isLetInTo: ['anyone', 'monitor', 'visitor'],
  },
  'a form of another page': {
    headers: (host) => ({ host, origin: EVIL, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }),
    isLetInTo: ['anyone'],
  },
  'a frame in another page': {
    headers: (host) => ({
      host,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'iframe',
    }),
    isLetInTo: ['anyone'],
  },
  'an image in another page': {
    headers: (host) => ({
      host,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'image',
    }),
    isLetInTo: ['anyone'],
  },
  'a page at another port': {
    headers: (host) => ({ host, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }),
    isLetInTo: ['anyone'],
  },
  'a page of another origin': { headers: (host) => ({ host, origin: EVIL }), isLetInTo: ['anyone'] },
  'a page of another origin that knows the token': {
    headers: (host, token) => ({ host, origin: EVIL, [TOKEN_HEADER]: token }),
    isLetInTo: ['anyone'],
  },
  'a sandboxed document': { headers: (host) => ({ host, origin: 'null' }), isLetInTo: ['anyone'] },
  'a page whose name was made to resolve to us': {
    headers: (_, token) => ({
      host: 'evil.example',
      origin: EVIL,
      'sec-fetch-site': 'same-origin',
      [TOKEN_HEADER]: token,
    }),
    isLetInTo: ['anyone'],
  },
  'a program that uses such a name': { headers: () => ({ host: 'evil.example' }), isLetInTo: ['anyone'] },
};

interface Started {
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** As the page reads it out of its HTML. */
  readonly token: string;
}

/** An emulator for all tests of a suite. */
function withEmulator(options: Partial<Config> = {}): () => Started {
  const emulator = new Emulator({ memory: true, port: 0, rtmpPort: undefined, webrtcPort: 0, ...options });
  let started: Started | undefined;
  beforeAll(async () => {
    const { port } = await emulator.start();
    const { text } = await ask({ port, path: '/_emulator/', headers: { host: 'localhost' } });
    const [, token = ''] = /name="emulator-token" content="([^"]+)"/.exec(text) ?? [];
    started = { port, token, host: `127.0.0.1:${port}` };
  });
  afterAll(() => emulator.stop());
  return () => {
    if (!started) throw new Error('not started yet');
    return started;
  };
}

const pathOf = ({ path }: OwnEndpoint): string => {
  const names: Readonly<Record<string, string>> = { ':file': path === '/:file' ? 'licenses.txt' : 's1.flv' };
  return `/_emulator${path.replace(/:\w+/g, (name) => names[name] ?? 'some')}`;
};

describe('the token', () => {
  const one = withEmulator();
  const other = withEmulator();

  it('is another one at every start', () => {
    expect(one().token).toMatch(/^[\w-]{32}$/);
    expect(other().token).not.toBe(one().token);
  });
});

describe('below /_emulator/', () => {
  const started = withEmulator({ adminHosts: ['desk.example'] });

  it.each(Object.entries(KINDS))('%s is let in where the table says so, and nowhere else', async (_, kind) => {
    const { port, token, host } = started();
    const wrong: string[] = [];
    for (const endpoint of OWN_ENDPOINTS.filter(({ method }) => kind.method === undefined || kind.method === method)) {
      const { method, callers } = endpoint;
      const asked = { port, method, path: pathOf(endpoint), headers: kind.headers(host, token) };
      const { status, text, headers } = await ask(asked);
      const isLetIn = status !== 403;
      if (isLetIn !== kind.isLetInTo.includes(callers)) wrong.push(`${method} ${asked.path}: ${status} ${text}`);
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['x-emulator']).toBe('oss-livechannel');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['x-content-type-options']).toBe('nosniff');
      if (!isLetIn) expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    '/_emulator/INFO',
    '/_emulator/info/',
    '/_emulator//info',
    '/_emulator/./info',
    '/_emulator/%69nfo',
    '/%5Femulator/info',
    '/_emulator%2Finfo',
    '/_emulator/info?a.js',
    '/_emulator/info#a.js',
    '/_emulator/info;a.js',
    '/_emulator/info\\a.js',
    '/_emulator/live/app/..%2F..%2Finfo',
    '/_emulator/rooms#/a/b',
    '/_emulator/live/streams#/s1.flv',
    'http://127.0.0.1/_emulator/info',
    '/_emulator/requests#/a/b',
  ])('%s opens nothing for a browser without the token', async (path) => {
    const { port, host } = started();
    const { status, text } = await ask({ port, path, headers: { host, 'sec-fetch-site': 'same-origin' } });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toMatch(/accessKeySecret|streams|requests"|rooms"/);
  });

  it('a name of --admin-host is let in as localhost is', async () => {
    const { port, token } = started();
    const statusWith = async (headers: Headers) =>
      (await ask({ port, path: '/_emulator/info', headers: { host: `Desk.Example:${port}`, ...headers } })).status;
    expect(await statusWith({})).toBe(200);
    const origin = `http://desk.example:${port}`;
    expect(await statusWith({ origin, [TOKEN_HEADER]: token })).toBe(200);
    expect(await statusWith({ origin })).toBe(403);
  });

  it('no service worker is served', async () => {
    const { port, host } = started();
    const headers = { host, 'service-worker': 'script', 'sec-fetch-site': 'same-origin' };
    for (const path of ['/_emulator/licenses.txt', '/_emulator/health', '/_emulator/mns/cert.pem']) {
      expect((await ask({ port, path, headers })).status).toBe(403);
    }
  });
});

describeWith([NETWORK], 'other machines', () => {
  describe.each([false, true])('with --admin-anywhere %s', (adminAnywhere) => {
    const started = withEmulator({ host: '0.0.0.0', adminAnywhere, adminHosts: ['named.example'] });

    it('are let in to what is for anyone and for monitors, and then to all, under known names', async () => {
      const hostname = networkAddress ?? '';
      const { port } = started();
      for (const endpoint of OWN_ENDPOINTS) {
        const { method, path, callers } = endpoint;
        const isLetIn = async (host: string) =>
          (await ask({ hostname, port, method, path: pathOf(endpoint), headers: { host } })).status !== 403;
        const isOpen = callers === 'anyone';
        const isLetInByKnownName = adminAnywhere || isOpen || callers === 'monitor';
        const seen = [await isLetIn(hostname), await isLetIn('named.example'), await isLetIn('evil.example')];
        expect([path, ...seen]).toEqual([path, isLetInByKnownName, isLetInByKnownName, isOpen]);
      }
    });
  });
});

describe('with --no-admin', () => {
  const started = withEmulator({ noAdmin: true });

  it('nothing but the public keys answers', async () => {
    const { port, host } = started();
    for (const endpoint of OWN_ENDPOINTS) {
      const { method, callers } = endpoint;
      const { status, text } = await ask({ port, method, path: pathOf(endpoint), headers: { host } });
      if (callers === 'anyone') expect(status).toBe(200);
      else expect(text).toMatch(/<Code>(InvalidBucketName|MethodNotAllowed)</);
    }
  });
});
