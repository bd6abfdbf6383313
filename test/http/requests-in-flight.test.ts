import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { RequestsInFlight } from '../../src/http/requests-in-flight.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(onRequest: Handler) {
  const clock = new ManualClock(0);
  const requests = new RequestsInFlight({ clock, onRequest, isEndless: ({ url }) => url === '/endless' });
  const server = createServer(requests.serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const send = (text: string) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const client = { socket, received: '', error: undefined as Error | undefined };
    socket.on('data', (chunk) => {
      client.received += String(chunk);
    });
    socket.on('error', (error) => {
      client.error = error;
    });
    socket.write(text);
    return client;
  };
  return { clock, requests, server, send };
}

const UPLOAD = 'PUT /k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nbegun';

it('an upload that does not end is refused after the delay, and its client may read that while it sends', async () => {
  const { clock, requests, server, send } = await serve((request) => request.resume());
  const client = send(UPLOAD);
  await once(server, 'request');
  let isOver = false;
  const ended = requests.end(5000).then(() => {
    isOver = true;
  });
  clock.advance(4999);
  client.socket.write('more');
  expect(client.received).toBe('');
  clock.advance(1);
  await once(client.socket, 'end');
  expect(client.received).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*<Code>ServiceUnavailable<\/Code>/i);
  client.socket.write('and more');
  expect(isOver).toBe(false);
  client.socket.end();
  await ended;
  expect(client.error).toBeUndefined();
});

it('an upload that nobody reads is read to its end after the refusal, which is noticed', async () => {
  const { clock, requests, server, send } = await serve(() => {});
  const client = send(UPLOAD + 'x'.repeat(500_000));
  await once(server, 'request');
  const ended = requests.end(1000);
  clock.advance(1000);
  await once(client.socket, 'end');
  client.socket.end();
  await ended;
  expect(client.error).toBeUndefined();
});

it('one that reads no refusal is not waited for', async () => {
  const { clock, requests, server, send } = await serve((request) => request.resume());
  send(UPLOAD);
  await once(server, 'request');
  const ended = requests.end(5000);
  clock.advance(5000);
  // The wait for its farewell begins in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(2000);
  await ended;
});

it('what a handler answers after the refusal does not disturb the client', async () => {
  let answer: () => void = () => {};
  const { clock, requests, server, send } = await serve((request, response) => {
    request.resume();
    answer = () => response.writeHead(200).end('late');
  });
  const client = send(UPLOAD);
  await once(server, 'request');
  let isOver = false;
  const ended = requests.end(1000).then(() => {
    isOver = true;
  });
  clock.advance(1000);
  await once(client.socket, 'end');
  answer();
  // An error of the connection would have closed it by then.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  client.socket.end();
  await ended;
  expect(client.received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503']);
  expect(client.error).toBeUndefined();
});

it('an answer that has begun is waited for, an endless one is ended, and nothing is waited for without requests', async () => {
  const { requests, server, send } = await serve((request, response) => {
    response.writeHead(200).write('begun ');
    if (request.url === '/download') server.once('finish download', () => response.end('ended'));
  });
  const endless = send('GET /endless HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const download = send('GET /download HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await Promise.all([once(endless.socket, 'data'), once(download.socket, 'data')]);
  const ended = requests.end(1000);
  await once(endless.socket, 'end');
  endless.socket.end();
  server.emit('finish download');
  await once(download.socket, 'end');
  download.socket.end();
  await ended;
  expect(download.received).toContain('ended');
  await requests.end(1000);
});
