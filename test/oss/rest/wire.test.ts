/** Requests that no client library sends: bytes over a socket. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import type { ObjectStore, ObjectWriter } from '../../../src/storage/objects/object-store.ts';
import { withResolvers } from '../../support/with-resolvers.ts';
import { element, type RestServer, refusal, startRestServer } from './rest-server.ts';

const OPEN = { buckets: { examplebucket: 'public-read-write' } } as const;

/** Sends bytes, closes the sending side if asked, and resolves to everything that came back until the server closed. */
function converse(port: number, bytes: string | Buffer, close: 'half' | 'whole' | 'server'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
    socket.write(bytes, () => {
      if (close === 'half') socket.end();
      if (close === 'whole') socket.destroy();
    });
  });
}

function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`;
}

/** A memory store that reports when and how each writer ended. */
function watchedStore(): { store: ObjectStore; ended: Promise<'commit' | 'abort'>; writing: Promise<void> } {
  const inner = createMemoryStore();
  const { promise: ended, resolve } = withResolvers<'commit' | 'abort'>();
  const { promise: writing, resolve: wrote } = withResolvers<void>();
  const watch = (writer: ObjectWriter): ObjectWriter => ({
    get sizeBytes() {
      return writer.sizeBytes;
    },
    write(chunk) {
      wrote();
      return writer.write(chunk);
    },
    async commit() {
      const location = await writer.commit();
      resolve('commit');
      return location;
    },
    async abort() {
      await writer.abort();
      resolve('abort');
    },
  });
  const store: ObjectStore = {
    create: (hint) => watch(inner.create(hint)),
    open: (location) => inner.open(location),
    delete: (location) => inner.delete(location),
    close: () => inner.close(),
  };
  return { store, ended, writing };
}

describe('bodies', () => {
  it('that end early leave nothing behind', async () => {
    const { store, ended } = watchedStore();
    const { port, metadata } = await startRestServer({ ...OPEN, store });
    await converse(
      port,
      'PUT /examplebucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello',
      'half',
    );
    expect(await ended).toBe('abort');
    expect(await metadata.getObject('examplebucket', 'key')).toBeUndefined();
  });

  it('whose client is gone leave nothing behind', async () => {
    const { store, ended, writing } = watchedStore();
    const { port, metadata } = await startRestServer({ ...OPEN, store });
    const socket = connect(port, '127.0.0.1');
    socket.write('PUT /examplebucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello');
    await writing;
    socket.resetAndDestroy();
    expect(await ended).toBe('abort');
    expect(await metadata.getObject('examplebucket', 'key')).toBeUndefined();
  });

  it('that are longer than announced end where they were announced to end, and the rest is refused', async () => {
    const { store, ended } = watchedStore();
    const { port } = await startRestServer({ ...OPEN, store });
    const head = 'PUT /examplebucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n';
    const answer = await converse(port, `${head}hello and more`, 'server');
    expect(answer).toMatch(/HTTP\/1\.1 400 [\s\S]*<Code>BadRequest<\/Code>/);
    expect(await ended).toBe('commit');
  });

  it('may be chunked; without a length there is nothing to store', async () => {
    const { port, send } = await startRestServer(OPEN);
    const head = 'PUT /examplebucket/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
    const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`;
    expect(await converse(port, chunked, 'server')).toMatch(/^HTTP\/1\.1 200 /);
    expect((await send('GET', '/examplebucket/key')).text).toBe('hello');
    expect(await converse(port, `${head}\r\n`, 'server')).toMatch(/^HTTP\/1\.1 411 [\s\S]*MissingContentLength/);
    const cut = `${head}Transfer-Encoding: chunked\r\n\r\nfff\r\nhel`;
    await converse(port, cut, 'half');
    expect((await send('GET', '/examplebucket/key')).text).toBe('hello');
  });

  it('that are refused unread do not disturb the next request on the connection', async () => {
    const { port } = await startRestServer(OPEN);
    const body = 'x'.repeat(3 * 1024 * 1024);
    const first = `PUT /examplebucket/cam?live HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answer = await converse(port, first + get('/examplebucket/missing'), 'server');
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 404']);
  });
});

describe('targets and headers', () => {
  it.each([
    ['/examplebucket/%00', 'InvalidObjectName'],
    ['/examplebucket/a%00b', 'InvalidObjectName'],
    ['/examplebucket/%c3%28', 'InvalidObjectName'],
    ['/examplebucket/%zz', 'InvalidObjectName'],
    ['/examplebucket/%2', 'InvalidObjectName'],
    [`/examplebucket/${'k'.repeat(1024)}`, 'InvalidObjectName'],
    ['/examplebucket//leading', 'InvalidObjectName'],
    ['/examplebucket/%5Cleading', 'InvalidObjectName'],
    ['/examplebucket/key?a=%ff', 'InvalidArgument'],
    ['//key', 'InvalidBucketName'],
    ['/Example/key', 'InvalidBucketName'],
    ['/examplebucket/../../etc/passwd', 'NoSuchKey'],
    ['/examplebucket/%2e%2e/%2e%2e/etc/passwd', 'NoSuchKey'],
    ['/..%2f..%2fetc/passwd', 'InvalidBucketName'],
  ])('%s is answered with %s', async (path, code) => {
    const { port } = await startRestServer(OPEN);
    const answer = await converse(port, get(path), 'server');
    expect(/<Code>(\w+)/.exec(answer)?.[1]).toBe(code);
    expect(answer).toMatch(/x-oss-request-id: [0-9A-F]{24}\r\n/);
  });

  it('have one meaning, however the path is written', async () => {
    const { port, objects } = await startRestServer(OPEN);
    await objects.put('examplebucket', 'a/../é +', Buffer.from('hello'));
    const paths = [
      '/examplebucket/a/../%C3%A9%20+',
      '/examplebucket%2Fa%2F..%2F%c3%a9%20%2B',
      'http://localhost/examplebucket/a/../%C3%A9%20+',
    ];
    for (const path of paths) expect(await converse(port, get(path), 'server')).toMatch(/\r\n\r\nhello$/);
  });

  it('of repeated query parameters count the first', async () => {
    const { send, channels } = await startRestServer();
    await send('GET', '/examplebucket/?live&prefix=a&prefix=b');
    expect(channels.calls).toEqual([['list', 'examplebucket', { prefix: 'a' }]]);
  });

  it.each([
    ['64 KiB of headers', get('/', `X-Long: ${'x'.repeat(65_536)}\r\n`)],
    ['a bare line feed in a header', get('/', 'X-A: b\n c: d\r\n\r\n')],
    ['a NUL in a header', get('/', 'X-A: b\0c\r\n')],
    ['a blank before the colon', get('/', 'X-A : b\r\n')],
    ['two lengths', 'PUT /examplebucket/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['bytes in the path that are not ASCII', get('/examplebucket/é')],
    ['noise', Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x0d, 0x0a, 0x0d, 0x0a])],
  ])('%s: refused with a document, and the connection closes', async (_what, bytes) => {
    const { port, metadata } = await startRestServer(OPEN);
    const answer = await converse(port, bytes, 'server');
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*<Code>BadRequest<\/Code>/);
    expect(await metadata.getObject('examplebucket', 'k')).toBeUndefined();
  });

  it('cannot bring a line into the answer', async () => {
    const { send, port } = await startRestServer(OPEN);
    const answer = await converse(port, get('/examplebucket/a%0d%0aX-Injected:%20b'), 'server');
    expect(answer.split('\r\n\r\n')[0]).not.toContain('Injected');
    const reply = await send('GET', '/examplebucket/%3Cb%3E%26');
    expect(element(reply, 'Key')).toBe('&lt;b&gt;&amp;');
    expect(refusal(reply).code).toBe('NoSuchKey');
  });
});

describe('a slow store', () => {
  it('holds the sender back', async () => {
    const inner = createMemoryStore();
    const { promise: room, resolve: makeRoom } = withResolvers<void>();
    const { promise: writing, resolve: wrote } = withResolvers<void>();
    let writtenBytes = 0;
    const store: ObjectStore = {
      open: (location) => inner.open(location),
      delete: (location) => inner.delete(location),
      close: () => inner.close(),
      create(hint) {
        const writer = inner.create(hint);
        return {
          get sizeBytes() {
            return writer.sizeBytes;
          },
          write(chunk) {
            writtenBytes += chunk.length;
            writer.write(chunk);
            wrote();
            return room;
          },
          commit: () => writer.commit(),
          abort: () => writer.abort(),
        };
      },
    };
    const { send } = await startRestServer({ ...OPEN, store });
    const body = Buffer.alloc(16 * 1024 * 1024);
    const reply = send('PUT', '/examplebucket/key', { body });
    await writing;
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(writtenBytes).toBeLessThan(1024 * 1024);
    makeRoom();
    expect((await reply).status).toBe(200);
    expect(writtenBytes).toBe(body.length);
  });
});

describe('a reader that leaves', () => {
  it('before the answer began gets its object closed, and a line in the log', async () => {
    const inner = createMemoryStore();
    const { promise: opening, resolve: askedToOpen } = withResolvers<void>();
    const { promise: gone, resolve: leave } = withResolvers<void>();
    const store: ObjectStore = {
      create: (hint) => inner.create(hint),
      delete: (location) => inner.delete(location),
      close: () => inner.close(),
      async open(location) {
        askedToOpen();
        await gone;
        return inner.open(location);
      },
    };
    const { port, server, objects, firstLine } = await startRestServer({ ...OPEN, store });
    await objects.put('examplebucket', 'key', Buffer.from('hello'));
    const accepted = once(server, 'connection');
    const socket = connect(port, '127.0.0.1', () => socket.write(get('/examplebucket/key')));
    const [connection]: Socket[] = await accepted;
    await opening;
    socket.resetAndDestroy();
    await new Promise((resolve) => connection?.on('error', () => {}).on('close', resolve));
    leave();
    expect(await firstLine()).toContain('status=200 ms=0 reason="answer cut');
  });
});

describe('a slow reader', () => {
  /** Memory is bounded when no more is read from the store than the socket accepts. */
  it('holds the reading of an object back', async () => {
    const server: RestServer = await startRestServer(OPEN);
    const sizeBytes = 64 * 1024 * 1024;
    await server.objects.put('examplebucket', 'big', Buffer.alloc(sizeBytes, 1));
    const socket = connect(server.port, '127.0.0.1');
    socket.pause();
    socket.write(get('/examplebucket/big'));
    const received = new Promise<number>((resolve) => {
      let total = 0;
      socket.on('data', (chunk: Buffer) => {
        total += chunk.length;
      });
      socket.on('close', () => resolve(total));
    });
    // Nothing is read, so the answer cannot be finished and is not logged as finished.
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(server.lines).toEqual([]);
    socket.resume();
    expect(await received).toBeGreaterThan(sizeBytes);
  });
});
