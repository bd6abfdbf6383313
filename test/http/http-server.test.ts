import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { NOW_MS, type RestServer, startRestServer } from '../oss/rest/rest-server.ts';

const OPEN = { buckets: { examplebucket: 'public-read-write' } } as const;
const BODY = '3\r\nabc\r\n0\r\n\r\n';

function put(headers: string, body: string, version = '1.1'): string {
  return `PUT /examplebucket/k HTTP/${version}\r\nHost: localhost\r\n${headers}\r\n\r\n${body}`;
}

const GET = 'GET /examplebucket/k HTTP/1.1\r\nHost: localhost\r\n\r\n';
const LAST_GET = GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');

/** The statuses of the answers until the server closed, and everything that came. */
async function converse({ port }: RestServer, text: string) {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', reject).on('close', () => resolve(received));
    socket.write(Buffer.from(text, 'latin1'));
  });
  return { answer, statuses: [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status)) };
}

describe('a request with a length and a chunked body', () => {
  const both = put('Content-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive', BODY);

  it('is answered, and the connection closes', async () => {
    const server = await startRestServer(OPEN);
    const { answer, statuses } = await converse(server, both);
    expect(statuses).toEqual([200]);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect((await server.metadata.getObject('examplebucket', 'k'))?.sizeBytes).toBe(3);
  });

  it('may be a later one of its connection, and is the last', async () => {
    const server = await startRestServer(OPEN);
    await server.objects.put('examplebucket', 'k', Buffer.from('x'));
    const { statuses } = await converse(server, put('Content-Length: 1', 'x') + GET + both + GET);
    expect(statuses).toEqual([200, 200, 200]);
    expect(server.refused).toEqual([]);
  });

  it('is refused once when its chunks are malformed, and nothing of it is kept', async () => {
    const server = await startRestServer(OPEN);
    const malformed = put('Content-Length: 3\r\nTransfer-Encoding: chunked', '3\r\nabcX');
    expect((await converse(server, malformed)).statuses).toEqual([400]);
    expect(await server.metadata.getObject('examplebucket', 'k')).toBeUndefined();
  });
});

describe('a head beyond the bound', () => {
  it.each([
    ['target', `GET /examplebucket/${'k'.repeat(17_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['header', GET.replace('\r\n\r\n', `\r\nX-Long: ${'v'.repeat(17_000)}\r\n\r\n`)],
  ])('in its %s is refused as docs/reference/limits.md says', async (_, request) => {
    const server = await startRestServer(OPEN);
    const { answer, statuses } = await converse(server, request);
    expect(statuses).toEqual([400]);
    expect(answer).toContain('<Code>BadRequest</Code>');
    expect(answer).toContain('The request header section is too large.');
    expect(server.refused).toMatchObject([{ refusal: { reason: expect.stringContaining('HPE_HEADER_OVERFLOW') } }]);
  });
});

describe('what may be read in two ways is refused, once, with the cause', () => {
  it.each([
    ['an encoding before chunked', put('Transfer-Encoding: gzip, chunked', BODY), 'is not chunked'],
    ['an encoding beside a length', put('Content-Length: 3\r\nTransfer-Encoding: gzip, chunked', BODY), 'HPE_'],
    ['chunked before another encoding', put('Transfer-Encoding: chunked, gzip', BODY), 'HPE_'],
    ['identity', put('Transfer-Encoding: identity', BODY), 'is not chunked'],
    ['two encodings', put('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', BODY), 'is not chunked'],
    ['chunked twice', put('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', BODY), 'HPE_'],
    [
      'two lengths and chunked',
      put('Content-Length: 3\r\nContent-Length: 3\r\nTransfer-Encoding: chunked', BODY),
      'HPE_',
    ],
    ['two lengths', put('Content-Length: 3\r\nContent-Length: 4', 'abc'), 'HPE_'],
    ['a list of lengths', put('Content-Length: 3, 3', 'abc'), 'HPE_'],
    ['a signed length', put('Content-Length: +3\r\nTransfer-Encoding: chunked', BODY), 'HPE_'],
    ['chunked in HTTP/1.0', put('Transfer-Encoding: chunked', BODY, '1.0'), 'HTTP/1.0'],
    ['both in HTTP/1.0', put('Content-Length: 3\r\nTransfer-Encoding: chunked', BODY, '1.0'), 'HPE_'],
    ['a continued line', put('Content-Length: 3\r\nTransfer-Encoding:\r\n chunked', BODY), 'HPE_'],
    ['a bare line feed', put('X: y\nContent-Length: 3\r\nTransfer-Encoding: chunked', BODY), 'HPE_'],
    ['a blank before the colon', put('Content-Length: 3\r\nTransfer-Encoding : chunked', BODY), 'HPE_'],
    ['a chunk size with a blank', put('Transfer-Encoding: chunked', '3 \r\nabc\r\n0\r\n\r\n'), 'HPE_'],
    ['a chunk size of 17 digits', put('Transfer-Encoding: chunked', `${'f'.repeat(17)}\r\nabc`), 'HPE_'],
    ['a long chunk extension', put('Transfer-Encoding: chunked', `3;${'a'.repeat(20_000)}\r\nabc\r\n`), 'HPE_'],
    ['two hosts', GET.replace('Host', 'Host: other\r\nHost'), '2 Host headers'],
    ['no host', GET.replace('Host: localhost\r\n', ''), 'no Host header'],
  ])('%s', async (_what, text, cause) => {
    const server = await startRestServer(OPEN);
    const { answer, statuses } = await converse(server, text + GET);
    expect(statuses).toEqual([400]);
    expect(answer).toMatch(/<Code>BadRequest<\/Code>/);
    expect(server.refused).toEqual([
      expect.objectContaining({ method: text.slice(0, 3), target: '/examplebucket/k', status: 400 }),
    ]);
    expect(server.refused[0]?.refusal?.reason).toContain(cause);
    expect(answer).toContain(server.refused[0]?.requestId);
    expect(await server.metadata.getObject('examplebucket', 'k')).toBeUndefined();
  });

  it('a request for a proxy', async () => {
    const server = await startRestServer(OPEN);
    const { answer, statuses } = await converse(
      server,
      'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n\x16\x03',
    );
    expect(statuses).toEqual([400]);
    expect(answer).toMatch(/<Code>BadRequest<\/Code>/);
    expect(server.refused).toEqual([expect.objectContaining({ method: 'CONNECT', target: 'a.test:443', status: 400 })]);
  });

  it('after the answers to the requests before', async () => {
    const server = await startRestServer(OPEN);
    await server.objects.put('examplebucket', 'k', Buffer.from('x'));
    const { statuses } = await converse(server, `${put('Content-Length: 1', 'x') + GET}noise\r\n\r\n`);
    expect(statuses).toEqual([200, 200, 400]);
  });

  it('but not what comes after a request that ends the connection', async () => {
    const server = await startRestServer(OPEN);
    await server.objects.put('examplebucket', 'k', Buffer.from('x'));
    const { statuses } = await converse(server, put('Content-Length: 1', 'x') + LAST_GET + GET);
    expect(statuses).toEqual([200, 200]);
    expect(server.refused).toEqual([]);
  });
});

describe('a connection', () => {
  it.each(['GET', 'HEAD', 'DELETE'])('ends after a %s that announces a body', async (method) => {
    const server = await startRestServer(OPEN);
    await server.objects.put('examplebucket', 'k', Buffer.from('abc'));
    const { answer, statuses } = await converse(
      server,
      `${method} /examplebucket/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n`,
    );
    expect(statuses).toEqual([method === 'DELETE' ? 204 : 200]);
    expect(answer).toContain('\r\nConnection: close\r\n');
  });

  it('does not end by an expectation that is not known', async () => {
    const server = await startRestServer(OPEN);
    await server.objects.put('examplebucket', 'k', Buffer.from('x'));
    const { statuses } = await converse(server, put('Content-Length: 1\r\nExpect: the-worst', 'x') + LAST_GET);
    expect(statuses).toEqual([200, 200]);
  });

  it('is kept for longer than clients keep theirs', async () => {
    const server = await startRestServer(OPEN);
    const { answer } = await converse(server, GET + LAST_GET);
    expect(answer).toContain('\r\nKeep-Alive: timeout=65\r\n');
  });
});

it('nothing is kept of an upload whose client leaves when it has sent what it announced', async () => {
  const server = await startRestServer(OPEN);
  // The server reads nothing before all is sent, the end too: otherwise it may have answered when the end comes.
  const accepted = once(
    server.server.prependListener('connection', (socket: Socket) => socket.pause()),
    'connection',
  );
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  socket.end(put('Content-Length: 3', 'abc'));
  const [[connection]] = await Promise.all([accepted, once(socket, 'finish')]);
  connection.resume();
  expect(await server.firstLine()).toContain('code=IncompleteBody');
  expect(await server.metadata.getObject('examplebucket', 'k')).toBeUndefined();
});

describe('a client that does not go on is answered 408', () => {
  /** Sends the texts, and lets the time pass until the server has closed the connection. */
  async function fallSilent(text: string) {
    const clock = new ManualClock(NOW_MS);
    const server = await startRestServer({ ...OPEN, clock });
    await server.objects.put('examplebucket', 'k', Buffer.from('x'));
    const socket = connect(server.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let answer = '';
    socket.on('error', () => {}).on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.write(text);
    await closing(socket, () => clock.advance(1_000));
    return { server, answer, statuses: [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status)) };
  }

  it.each([
    ['one letter', 'G', [408], 'head'],
    ['half a head', GET.slice(0, 40), [408], 'head'],
    ['a head without its last line', GET.slice(0, -2), [408], 'head'],
    ['empty lines', '\r\n\r\n', [408], 'head'],
    ['half a head after a request', GET + GET.slice(0, 40), [200, 408], 'head'],
    ['half a body', put('Content-Length: 10', 'abc'), [408], 'body'],
    ['half a chunked body', put('Transfer-Encoding: chunked', '5\r\nab'), [408], 'body'],
    ['half a body after a request', GET + put('Content-Length: 10', 'abc'), [200, 408], 'body'],
    [
      'a document that is not whole',
      put('Content-Length: 10\r\nContent-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==', '<a>')
        .replace('PUT', 'POST')
        .replace('/k', '?delete'),
      [408],
      'body',
    ],
  ])('%s', async (_what, text, expected, part) => {
    const { server, answer, statuses } = await fallSilent(text);
    expect(statuses).toEqual(expected);
    expect(answer).toContain('<Code>RequestTimeout</Code>');
    expect(server.timedOut).toEqual([part]);
    expect((await server.metadata.getObject('examplebucket', 'k'))?.sizeBytes).toBe(1);
  });

  it('and is cut off if it does not even read that', async () => {
    const clock = new ManualClock(NOW_MS);
    const server = await startRestServer({ ...OPEN, clock });
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {}).write(GET.slice(0, 40));
    await closing(socket, () => clock.advance(1_000));
    expect(socket.destroyed).toBe(true);
  });

  it('but not one that has got its answer before the end of its body: that one is only closed', async () => {
    const { server, statuses } = await fallSilent(put('Content-Length: 10', 'abc').replace('PUT', 'PATCH'));
    expect(statuses).toEqual([405]);
    expect(server.timedOut).toEqual(['body']);
  });
});

it('a client that does not read its answer is closed, and one that does gets all of it', async () => {
  const clock = new ManualClock(NOW_MS);
  const server = await startRestServer({ ...OPEN, clock });
  const sizeBytes = 32 * 1024 * 1024;
  await server.objects.put('examplebucket', 'k', Buffer.alloc(sizeBytes));
  const reader = connect(server.port, '127.0.0.1');
  let received = 0;
  reader.on('data', (chunk: Buffer) => {
    received += chunk.length;
    clock.advance(500);
  });
  const ended = new Promise((resolve) => reader.on('close', resolve));
  reader.write(LAST_GET);
  await ended;
  expect(received).toBeGreaterThan(sizeBytes);
  expect(server.timedOut).toEqual([]);

  const idle = connect(server.port, '127.0.0.1');
  onTestFinished(() => void idle.destroy());
  idle.on('error', () => {}).write(GET);
  await passUntil(
    () => server.timedOut.length > 0,
    () => clock.advance(1_000),
  );
  expect(server.timedOut).toEqual(['answer']);
});

/** Resolves when the other side has closed. */
async function closing(socket: Socket, pass: () => void): Promise<void> {
  let isClosed = false;
  socket.once('close', () => {
    isClosed = true;
  });
  await passUntil(() => isClosed, pass);
}

/** Not beyond the end of the test, which has a limit. */
async function passUntil(isOver: () => boolean, pass: () => void): Promise<void> {
  let isTestOver = false;
  onTestFinished(() => {
    isTestOver = true;
  });
  while (!isOver() && !isTestOver) {
    pass();
    await new Promise((done) => setImmediate(done));
  }
}
