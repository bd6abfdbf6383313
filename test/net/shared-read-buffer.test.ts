import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { SharedReadBuffer } from '../../src/net/shared-read-buffer.ts';
import { listenOnFreePort } from '../support/listen.ts';

interface Pair {
  readonly client: Socket;
  readonly accepted: Socket;
  readonly connections: () => Promise<number>;
}

/** Both ends of a connection whose server end has seen `first`. */
async function connectPair(first: string): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true });
  const port = await listenOnFreePort(server);
  const accepting = once(server, 'connection');
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.write(first);
  const [accepted]: Socket[] = await accepting;
  if (!accepted) throw new Error('no connection');
  await once(accepted, 'readable');
  onTestFinished(async () => {
    client.destroy();
    accepted.destroy();
    server.close();
    await once(server, 'close');
  });
  const connections = () =>
    new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  return { client, accepted, connections };
}

/** The socket that takes the place of the accepted one, closed at the end of the test. */
function adopt({ accepted }: Pair, shared = new SharedReadBuffer()): Socket {
  const adopted = shared.adopt(accepted);
  onTestFinished(() => void adopted.destroy());
  return adopted;
}

async function nextData(socket: Socket): Promise<Buffer> {
  const [data]: Buffer[] = await once(socket, 'data');
  return data ?? Buffer.alloc(0);
}

it('gives what was read before, then what comes, in one memory for all sockets', async () => {
  const shared = new SharedReadBuffer();
  const [one, other] = [await connectPair('1'), await connectPair('2')];
  const sockets = [adopt(one, shared), adopt(other, shared)] as const;
  expect([String(await nextData(sockets[0])), String(await nextData(sockets[1]))]).toEqual(['1', '2']);
  one.client.write('first');
  const first = await nextData(sockets[0]);
  expect(String(first)).toBe('first');
  other.client.write('other');
  const second = await nextData(sockets[1]);
  expect(String(second)).toBe('other');
  expect(second.buffer).toBe(first.buffer);
  expect(sockets.map(({ remotePort }) => remotePort)).toEqual([one.client.localPort, other.client.localPort]);
});

it('reads nothing before somebody listens and while it is paused', async () => {
  const pair = await connectPair('1');
  const { client } = pair;
  const socket = adopt(pair);
  client.write('2');
  socket.write('go on');
  await once(client, 'data');
  expect(socket.bytesRead).toBe(1);
  const seen: string[] = [];
  socket.on('data', (data: Buffer) => seen.push(String(data)));
  while (seen.join('') !== '12') await once(socket, 'data');
  socket.pause();
  client.write('3');
  socket.write('once more');
  await once(client, 'data');
  expect(seen.join('')).toBe('12');
  socket.resume();
  await once(socket, 'data');
  expect(seen.join('')).toBe('123');
});

it('notices the end of a peer that had ended before, and of one that ends later', async () => {
  const pair = await connectPair('1');
  const { client, accepted, connections } = pair;
  client.end();
  const socket = adopt(pair);
  const ended = once(socket.resume(), 'end');
  await ended;
  socket.write('still open');
  expect(String(await nextData(client))).toBe('still open');
  expect(await connections()).toBe(1);
  socket.end();
  await Promise.all([once(socket, 'close'), once(accepted, 'close')]);
  expect(await connections()).toBe(0);
});

it('reports a reset', async () => {
  const pair = await connectPair('1');
  const socket = adopt(pair);
  const failed = once(socket.resume(), 'error');
  pair.client.resetAndDestroy();
  const [error] = await failed;
  expect(error).toMatchObject({ code: 'ECONNRESET' });
});

it('leaves a socket alone that is closed already', async () => {
  const pair = await connectPair('1');
  pair.accepted.destroy();
  expect(adopt(pair)).toBe(pair.accepted);
});
