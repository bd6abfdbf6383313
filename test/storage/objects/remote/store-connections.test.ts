/** What the clients of both kinds of stores send to a store that answers before it has received everything. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { PART_BYTES } from '../../../../src/storage/objects/remote/remote-writer.ts';
import { listenOnFreePort } from '../../../support/listen.ts';
import { openRemote } from './stores.ts';

/** One request on a connection. */
interface Received {
  readonly body: Promise<Buffer>;
  /** Only then more than the head is read. */
  readonly readOn: () => void;
}

/** A store that confirms a request when it has read the first bytes of it. */
async function startEarlyStore() {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (socket) => {
    sockets.add(socket.on('error', () => {}));
    const [first] = await once(socket, 'data');
    socket.pause();
    received.push({ body: readBody(socket, first), readOn: () => socket.resume() });
    socket.write('HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 0\r\n\r\n');
  });
  const port = await listenOnFreePort(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { endpoint: `127.0.0.1:${port}`, received };
}

/** The first bytes have the whole head: clients write it at once. */
function readBody(socket: Socket, first: Buffer): Promise<Buffer> {
  const head = first.toString('latin1', 0, first.indexOf('\r\n\r\n') + 4);
  const sizeBytes = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const chunks = [first.subarray(head.length)];
  let readBytes = first.length - head.length;
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      readBytes += chunk.length;
      if (readBytes >= sizeBytes) resolve(Buffer.concat(chunks));
    });
    socket.pause();
  });
}

it.each([
  ['s3', (endpoint: string) => `s3://key:secret@bucket/prefix?endpoint=http://${endpoint}&region=us-east-1`],
  ['oss', (endpoint: string) => `oss://key:secret@bucket/prefix?endpoint=http://${endpoint}`],
])('%s: what is sent after the answer has the bytes of its own object', async (_kind, addressAt) => {
  const { endpoint, received } = await startEarlyStore();
  const { store } = await openRemote(() => addressAt(endpoint));
  onTestFinished(() => store.close());
  const bodies = [randomBytes(PART_BYTES), randomBytes(PART_BYTES)];
  for (const [index, body] of bodies.entries()) {
    const writer = store.create({ bucket: 'examplebucket', key: `key-${index}` });
    await writer.write(body);
    await writer.commit();
  }
  for (const { readOn } of received) readOn();
  const stored = await Promise.all(received.map(({ body }) => body));
  expect(stored.map((body, index) => body.equals(bodies[index] ?? Buffer.alloc(0)))).toEqual([true, true]);
});
