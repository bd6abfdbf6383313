import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { LOCAL_PROXY_HEADER } from '../../../src/net/proxy-header.ts';
import { type OtherNode, WatchRefused } from '../../../src/watch/directory.ts';
import { signForwarded } from '../../../src/watch/forwarding/forwarded-call.ts';
import { Forwarder, type ForwarderDeps } from '../../../src/watch/forwarding/forwarder.ts';
import { readCall, type WatchCall } from '../../../src/watch/watch-call.ts';
import { listenDuringTest } from '../../support/listen.ts';
import { WatchedClock } from '../../support/watched-clock.ts';

const ID = 'first#0123';

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listenDuringTest(createServer(listener))}`;
}

/** A node that answers what a test says to every request that was forwarded to it, and one that forwards there. */
async function startBoth(answer: (call: WatchCall, response: ServerResponse) => void, options = {}) {
  const owner = createForwarder();
  const url = await serve((incoming, response) => {
    try {
      answer(owner.receive(incoming, response), response);
    } catch (error) {
      response.writeHead(error instanceof WatchRefused ? error.status : 500).end();
    }
  });
  return { owner, ...(await startFirst({ id: ID, name: 'first', address: { url, key: owner.key } }, options)) };
}

/** A node that forwards everything to the other one. */
async function startFirst(node: OtherNode, options: Partial<ForwarderDeps> = {}) {
  const forwarder = createForwarder({ directory: { otherNode: () => node }, ...options });
  const url = await serve((incoming, response) => {
    const call = readCall(incoming);
    if (!call) throw new Error('the path cannot be decoded');
    forwarder.forward(call, node, response).catch((error) => {
      response.writeHead(error instanceof WatchRefused ? error.status : 500).end(error.reason ?? error.stack);
    });
  });
  return { forwarder, url };
}

function createForwarder(options: Partial<ForwarderDeps> = {}): Forwarder {
  const directory = { otherNode: () => undefined };
  const clock = new ManualClock(0);
  return new Forwarder({ clock, log: silentLog, directory, isProxy: undefined, maxForwarded: 2, ...options });
}

/** Resolves with the head of the answer. */
async function get(url: string, headers = {}): Promise<IncomingMessage> {
  const asked = request(url, { headers, agent: false }).end();
  asked.on('error', () => {});
  onTestFinished(() => {
    asked.destroy();
  });
  const [answer] = await once(asked, 'response');
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return text;
}

it('the request arrives as the viewer made it, and the answer as the node made it', async () => {
  const { url } = await startBoth(({ method, path, query, host, remoteAddr, isForwarded }, response) => {
    response.setHeader('content-type', 'text/x').setHeader('set-cookie', 'no=1');
    response.end(JSON.stringify({ method, path, query: `${query}`, host, remoteAddr, isForwarded }));
  });
  const forged = { 'x-emulator-forwarded-for': '1.2.3.4:5', 'x-emulator-forwarded-host': 'other.test' };
  const answer = await get(`${url}/a%20pp/s1.flv?auth_key=1-2-3&b`, { host: 'play.test:80', ...forged });
  expect(answer.headers).toMatchObject({ 'content-type': 'text/x' });
  expect(answer.headers).not.toHaveProperty('set-cookie');
  expect(JSON.parse(await textOf(answer))).toEqual({
    method: 'GET',
    path: '/a pp/s1.flv',
    query: 'auth_key=1-2-3&b=',
    host: 'play.test',
    remoteAddr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    isForwarded: true,
  });
});

it('what was forwarded once is not forwarded again', async () => {
  const { owner, url } = await startBoth((call, response) => {
    const third: OtherNode = { id: 'third#1', name: 'third', address: { url: 'http://127.0.0.1:1', key: 'k' } };
    owner.forward(call, third, response).catch((error) => response.writeHead(error.status).end(error.message));
  });
  const answer = await get(`${url}/app/s1.flv`);
  expect(answer.statusCode).toBe(421);
  expect(await textOf(answer)).toBe('/app/s1.flv is pushed to the node third: watch it there.');
});

it.each<[string, (signed: Record<string, string>, owner: Forwarder) => Record<string, string>]>([
  ['without a signature', () => ({})],
  ['with another address of the viewer', (signed) => ({ ...signed, 'x-emulator-forwarded-for': '1.2.3.4:5' })],
  ['with another host', (signed) => ({ ...signed, 'x-emulator-forwarded-host': 'other.test' })],
  ['signed with another key', () => sign('another')],
  ['of 31 seconds ago', (_, owner) => sign(owner.key, { nowMs: -31_000 })],
  ['for another path', (_, owner) => sign(owner.key, { target: '/app/s2.flv' })],
  ['for another method', (_, owner) => sign(owner.key, { method: 'POST' })],
  ['with a signature in another form', (signed) => ({ ...signed, 'x-emulator-forwarded': 'NaN.' })],
])('a forged request %s is refused', async (_, forge) => {
  const owner = createForwarder();
  const received: unknown[] = [];
  const url = await serve((incoming, response) => {
    try {
      received.push(owner.receive(incoming, response));
    } catch (error) {
      received.push(error);
    }
    response.end();
  });
  const good = sign(owner.key);
  for (const headers of [good, forge(good, owner)]) await get(`${url}/_forwarded/app/s1.flv`, headers);
  expect(received).toMatchObject([{ path: '/app/s1.flv', remoteAddr: '9.9.9.9:9' }, { status: 403 }]);
});

function sign(key: string, { method = 'GET', target = '/app/s1.flv', nowMs = 0 } = {}): Record<string, string> {
  const parts = { query: new URLSearchParams(), headers: new Map(), host: 'play.test', remoteAddr: '9.9.9.9:9' };
  const call = { ...parts, method, target, path: target, isForwarded: false };
  return { ...signForwarded(call, key, nowMs).headers };
}

it('a server that is not the node that was meant gives no answer to a viewer', async () => {
  const other = await serve((_, response) => response.setHeader('x-emulator-answered', 'x').end('of another one'));
  const { url } = await startFirst({ id: ID, name: 'first', address: { url: other, key: 'k' } });
  const answer = await get(`${url}/app/s1.flv`);
  expect(answer.statusCode).toBe(421);
  expect(await textOf(answer)).toContain(`another server answers at ${other}`);
});

it('a node without an address is named, and one that does not answer, too', async () => {
  const nowhere = await startFirst({ id: ID, name: 'first' });
  const closed = await startFirst({ id: ID, name: 'first', address: { url: 'http://127.0.0.1:1', key: 'k' } });
  const answers = await Promise.all([nowhere, closed].map(({ url }) => get(`${url}/app/s1.flv`)));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([421, 503]);
  expect(await Promise.all(answers.map(textOf))).toEqual([
    '/app/s1.flv is pushed to the node first: watch it there.',
    expect.stringContaining('the node first does not answer: connect ECONNREFUSED'),
  ]);
});

it('a node that says nothing is not waited for longer than 20 s', async () => {
  const clock = new WatchedClock(0);
  const port = await listenDuringTest(createTcpServer(() => {}));
  const address = { url: `http://127.0.0.1:${port}`, key: 'k' };
  const { url } = await startFirst({ id: ID, name: 'first', address }, { clock });
  const waiting = clock.timerSet(20_000);
  const answered = get(`${url}/app/s1.flv`);
  await waiting;
  clock.advance(20_000);
  const answer = await answered;
  expect(answer.statusCode).toBe(503);
  expect(await textOf(answer)).toContain('no answer within 20 s');
});

it('a viewer who leaves ends the request at the node', async () => {
  let gone = (_: unknown) => {};
  const left = new Promise((resolve) => {
    gone = resolve;
  });
  const { url } = await startBoth((_, response) => {
    response.once('close', gone);
    response.write('begin');
  });
  const answer = await get(`${url}/app/s1.flv`);
  await once(answer, 'data');
  answer.destroy();
  await left;
});

it.each(['the node ends in the middle', 'the node is gone for the database', 'this node stops'])(
  '%s: the connection of the viewer ends, and is not taken for whole',
  async (how) => {
    let response: ServerResponse | undefined;
    let isThere = true;
    const owner = { otherNode: (id: string): OtherNode | undefined => (isThere ? { id, name: 'first' } : undefined) };
    const answering = (_: WatchCall, answer: ServerResponse) => {
      response = answer;
      answer.write('begin');
    };
    const { forwarder, url } = await startBoth(answering, { directory: owner });
    const answer = await get(`${url}/app/s1.flv`);
    await once(answer, 'data');
    forwarder.endLost();
    expect(answer.destroyed).toBe(false);
    const ended = expect(textOf(answer)).rejects.toThrow('aborted');
    isThere = false;
    if (how === 'the node ends in the middle') response?.destroy();
    else if (how === 'this node stops') forwarder.close();
    else forwarder.endLost();
    await ended;
  },
);

it('a viewer who does not read makes the node wait', async () => {
  const chunk = Buffer.alloc(1024 * 1024);
  let response: ServerResponse | undefined;
  const { url } = await startBoth(({ path }, answer) => {
    if (path === '/small') {
      answer.end();
      return;
    }
    response = answer;
    // More than connections hold between them.
    for (let count = 0; count < 64; count++) answer.write(chunk);
  });
  const answer = await get(`${url}/app/s1.flv`);
  // Time enough to take all of it, for a node that does not wait.
  for (let count = 0; count < 20; count++) await textOf(await get(`${url}/small`));
  expect(response?.writableLength).toBeGreaterThan(16 * chunk.length);
  let receivedBytes = 0;
  answer.on('data', ({ length }: Buffer) => {
    receivedBytes += length;
    if (receivedBytes === 64 * chunk.length) response?.end();
  });
  await once(answer, 'end');
  expect(response?.writableLength).toBe(0);
});

it('no more are forwarded at once than permitted, and a place is free again when a viewer has left', async () => {
  let gone = () => {};
  const left = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const { url } = await startBoth((_, response) => {
    response.once('close', gone);
    response.write('begin');
  });
  const first = await get(`${url}/app/s1.flv`);
  await get(`${url}/app/s1.flv`);
  const third = await get(`${url}/app/s1.flv`);
  expect(third.statusCode).toBe(503);
  expect(await textOf(third)).toContain('--max-viewers');
  first.destroy();
  await left;
  expect((await get(`${url}/app/s1.flv`)).statusCode).toBe(200);
});

it('a node that takes this one for a proxy gets a PROXY header', async () => {
  const server = createTcpServer();
  const port = await listenDuringTest(server);
  const address = { url: `http://127.0.0.1:${port}`, key: 'k' };
  const { url } = await startFirst({ id: ID, name: 'first', address }, { isProxy: (from) => from === '127.0.0.1' });
  const connected = once(server, 'connection');
  const answered = get(`${url}/app/s1.flv`);
  const [socket] = await connected;
  const [bytes] = await once(socket, 'data');
  expect(bytes.subarray(0, LOCAL_PROXY_HEADER.length)).toEqual(LOCAL_PROXY_HEADER);
  socket.destroy();
  expect((await answered).statusCode).toBe(503);
});
