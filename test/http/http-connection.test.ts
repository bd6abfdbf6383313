import { EventEmitter, once } from 'node:events';
import { connect as connectTo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { readBody } from '../../src/http/body.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { listenDuringTest } from '../support/listen.ts';

it('what a handler has not read of a body is dropped, however much it read before it answered', async () => {
  const bodyBytes = 1024 * 1024;
  const serve = createHttpServer({
    clock: new ManualClock(0),
    onRequest: (request, response) => {
      void readBody(request, Number(request.headers['x-limit'])).then((body) => response.end(body ? 'whole' : 'long'));
    },
    onRefused: () => {},
    onTimedOut: () => {},
  });
  const port = await listenDuringTest(createServer({ allowHalfOpen: true }, serve));
  const socket = connectTo(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  for (const limitBytes of [0, 1, 100_000, bodyBytes - 1, bodyBytes]) {
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nX-Limit: ${limitBytes}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    socket.write(`${bodyBytes.toString(16)}\r\n${'x'.repeat(bodyBytes)}\r\n0\r\n\r\n`);
  }
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Limit: 0\r\nConnection: close\r\n\r\n');
  let answers = '';
  for await (const chunk of socket.setEncoding('latin1')) answers += chunk;
  expect(answers.match(/whole|long/g)).toEqual(['long', 'long', 'long', 'long', 'whole', 'whole']);
});

it('requests that come together while an answer is unread are answered after it', async () => {
  const big = 'x'.repeat(32 * 1024 * 1024);
  const told = new EventEmitter();
  const isBegun = once(told, 'begun');
  const isFollowed = once(told, 'followed');
  const serve = createHttpServer({
    clock: new ManualClock(0),
    onRequest: ({ url = '' }, response) => {
      if (url === '/big') {
        response.end(big);
        told.emit('begun');
        return;
      }
      // In a later turn, as every answer that a store has a part in. Node's server has paused the connection meanwhile.
      setImmediate(() => response.end(url));
      told.emit('followed');
    },
    onRefused: () => {},
    onTimedOut: () => {},
  });
  const port = await listenDuringTest(createServer({ allowHalfOpen: true }, serve));
  const socket = connectTo(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
  await isBegun;
  const second = 'PUT /second HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';
  socket.write(`${second}GET /third HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  await isFollowed;
  let answers = '';
  for await (const chunk of socket.setEncoding('latin1')) answers += chunk;
  expect(answers.match(/HTTP\/1.1 200|\/second|\/third/g)).toEqual([
    'HTTP/1.1 200',
    'HTTP/1.1 200',
    '/second',
    'HTTP/1.1 200',
    '/third',
  ]);
});

it('of the requests that come together sixteen are worked on, and all are answered in their order', async () => {
  const waiting: (() => void)[] = [];
  const told = new EventEmitter();
  const serve = createHttpServer({
    clock: new ManualClock(0),
    onRequest: (request, response) => {
      void readBody(request, 10).then((body) => {
        waiting.push(() => response.end(`${request.url}=${body}`));
        told.emit('waiting');
      });
    },
    onRefused: () => {},
    onTimedOut: () => {},
  });
  const server = createServer({ allowHalfOpen: true }, serve);
  const port = await listenDuringTest(server);
  const socket = connectTo(port, '127.0.0.1').setEncoding('latin1');
  onTestFinished(() => void socket.destroy());
  const names = Array.from({ length: 50 }, (_, n) => `/${n}`);
  socket.write(names.map((name) => `PUT ${name} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab`).join(''));
  while (waiting.length < 16) await once(told, 'waiting');
  await new Promise((resolve) => setImmediate(resolve));
  expect(waiting).toHaveLength(16);
  let answers = '';
  socket.on('data', (text) => {
    answers += text;
  });
  while (!answers.includes('/49=ab')) {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(waiting.length).toBeLessThanOrEqual(16);
  }
  expect(answers.match(/\/\d+=ab/g)).toEqual(names.map((name) => `${name}=ab`));
});

it('a client that resets ends all its requests, and what waits of them reaches no parser', async () => {
  const begun: string[] = [];
  const told = new EventEmitter();
  const areBegun = once(told, 'begun');
  const areClosed = once(told, 'closed');
  let closed = 0;
  const serve = createHttpServer({
    clock: new ManualClock(0),
    onRequest: ({ url = '' }, response) => {
      begun.push(url);
      if (url === '/after') {
        response.end('answered');
        return;
      }
      response.once('close', () => {
        closed += 1;
        if (closed === 16) told.emit('closed');
      });
      if (begun.length === 16) told.emit('begun');
    },
    onRefused: () => {},
    onTimedOut: () => {},
  });
  const port = await listenDuringTest(createServer({ allowHalfOpen: true }, serve));
  const socket = connectTo(port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  socket.write('GET /before HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20));
  await areBegun;
  socket.resetAndDestroy();
  await areClosed;
  expect(await (await fetch(`http://127.0.0.1:${port}/after`)).text()).toBe('answered');
  expect(begun).toEqual([...Array<string>(16).fill('/before'), '/after']);
});
