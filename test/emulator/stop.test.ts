import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLog, startEmulator } from '../../src/index.ts';

const BODY_BYTES = 200_000;

/** An upload whose client sends the first half of its body, and the rest when it is told to. */
async function beginUpload(port: number, key: string) {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  let error: Error | undefined;
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  socket.on('error', (reason) => {
    error = reason;
  });
  await once(socket, 'connect');
  const head = `PUT /media/${key} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`;
  await write(socket, head + 'x'.repeat(BODY_BYTES / 2));
  return {
    socket,
    finish: () => write(socket, 'x'.repeat(BODY_BYTES / 2)),
    /** The status line and the error of the connection, after it has closed. */
    async outcome() {
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
      return { status: /^HTTP\/1\.1 (\d+)/.exec(received)?.[1], error, received };
    },
  };
}

function write(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => {
    socket.write(text, () => resolve());
  });
}

/** Resolves when no connection is taken any more. */
async function refusal(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isTaken = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (!isTaken) return;
  }
}

const open = () => startEmulator({ host: '127.0.0.1', buckets: ['media:public-read-write'], auth: 'off' });

describe('at the end of the emulator', () => {
  it('sixty uploads in flight are answered when their clients finish, and no connection is reset', async () => {
    const emulator = await open();
    const uploads = await Promise.all(Array.from({ length: 60 }, (_, n) => beginUpload(emulator.port, `k${n}`)));
    const stopped = emulator.stop();
    await refusal(emulator.port);
    await Promise.all(uploads.map(({ finish }) => finish()));
    const outcomes = await Promise.all(uploads.map(({ outcome }) => outcome()));
    await stopped;
    expect(outcomes.filter(({ status, error }) => status !== '200' || error)).toEqual([]);
    expect(outcomes.every(({ received }) => /\r\nconnection: close\r\n/i.test(received))).toBe(true);
  });

  it.each([
    ['an export', '/_emulator/export', /export\.broken-off reason="the emulator stops"/],
    ['an object', '/media/large', /request .*op=GetObject .*reason="answer cut: the emulator stops"/],
  ])('%s that nobody reads is given up, and the log says why', async (_what, path, line) => {
    const lines: string[] = [];
    const log = createLog('info', (text) => lines.push(text), Date.now);
    const emulator = await startEmulator({ log, host: '127.0.0.1', buckets: ['media:public-read-write'], auth: 'off' });
    const put = await fetch(`${emulator.endpoint}/media/large`, { method: 'PUT', body: Buffer.alloc(30_000_000) });
    expect(put.status).toBe(200);
    const request = get(`${emulator.endpoint}${path}`, { agent: new Agent() });
    const [response]: IncomingMessage[] = await once(request, 'response');
    const cut = new Promise((resolve) => response?.once('error', resolve));
    await emulator.stop();
    response?.resume();
    expect(await cut).toBeInstanceOf(Error);
    await expect.poll(() => lines.join('\n')).toMatch(line);
  });

  it('sixty clients that have just connected are answered, and no connection is reset', async () => {
    const emulator = await open();
    const clients = Array.from({ length: 60 }, () => connect(emulator.port, '127.0.0.1'));
    const answers = clients.map(async (client) => {
      client.write('GET /media/none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      const [chunk] = await once(client, 'data');
      return /^HTTP\/1\.1 (\d+)/.exec(String(chunk))?.[1];
    });
    await Promise.all([emulator.stop(), ...clients.map((client) => once(client, 'close'))]);
    const statuses = await Promise.all(answers);
    expect(statuses.filter((status) => status !== '404' && status !== '503')).toEqual([]);
  });

  it('a further request on a connection that is open is refused, while an upload before is still answered', async () => {
    const emulator = await open();
    const idle = connect(emulator.port, '127.0.0.1');
    idle.write('GET /media/none HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(idle, 'data');
    const upload = await beginUpload(emulator.port, 'k');
    const stopped = emulator.stop();
    await refusal(emulator.port);
    let answer = '';
    idle.on('data', (chunk) => {
      answer += String(chunk);
    });
    idle.write('GET /media/none HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(idle, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close/i);
    await upload.finish();
    expect(await upload.outcome()).toMatchObject({ status: '200', error: undefined });
    await stopped;
  });

  it('streams of events and requests that wait for one end at once', async () => {
    const emulator = await open();
    const stream = await fetch(`${emulator.endpoint}/_emulator/events/stream`);
    const waiting = fetch(`${emulator.endpoint}/_emulator/events?type=clock.changed&waitMs=60000`);
    await (await fetch(`${emulator.endpoint}/media/none`)).text();
    const texts = Promise.all([stream.text(), waiting.then((answer) => answer.status)]);
    await emulator.stop();
    const [text, status] = await texts;
    expect(text).toContain(': hello');
    expect(status).toBe(503);
  });
});
