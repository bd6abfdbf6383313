import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { UsageError } from '../../src/base/errors.ts';
import { createLog } from '../../src/base/log.ts';
import { createSelfSigned, type KeyAndCertificate } from '../../src/net/certificate/self-signed.ts';
import { Gateway } from '../../src/net/gateway.ts';
import { listenDuringTest } from '../support/listen.ts';
import { withResolvers } from '../support/with-resolvers.ts';

interface Opened {
  readonly gateway: Gateway;
  readonly port: number;
  readonly clock: ManualClock;
  readonly logged: string[];
  readonly rtmp: Promise<Socket>;
  /** The bounds that connections exceeded. */
  readonly exceeded: string[];
}

async function open(
  host = 'localhost',
  tls?: KeyAndCertificate,
  limits = { all: 100, perAddress: 100 },
): Promise<Opened> {
  const clock = new ManualClock(0);
  const logged: string[] = [];
  const exceeded: string[] = [];
  const http = createHttpServer((request, response) => response.end(`${request.method} ${request.url}`));
  const { promise: rtmp, resolve } = withResolvers<Socket>();
  const gateway = new Gateway({
    clock,
    tls,
    log: createLog('info', (line) => logged.push(line), clock.now.bind(clock)),
    onHttp: (socket) => http.emit('connection', socket),
    onRtmp: resolve,
    limits,
    busyAnswer: () => 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n',
    onRefused: (bound) => exceeded.push(bound),
  });
  const port = await gateway.listen(host, 0);
  onTestFinished(() => gateway.close());
  return { gateway, port, clock, logged, rtmp, exceeded };
}

describe('Gateway', () => {
  it.each(['127.0.0.1', '[::1]'])('answers HTTP on %s', async (host) => {
    const { port } = await open();
    const response = await fetch(`http://${host}:${port}/a?b`);
    expect(await response.text()).toBe('GET /a?b');
  });

  it('keeps an HTTP connection alive', async () => {
    const { port } = await open();
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const request = 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n';
    socket.write(request + request.replace('/1', '/2'));
    let answers = '';
    for await (const chunk of socket.setEncoding('utf8')) {
      answers += chunk;
      if (answers.includes('GET /2')) break;
    }
    expect(answers).toContain('GET /1');
  });

  it('hands on what begins like RTMP, byte for byte, however it is split', async () => {
    const { port, rtmp } = await open();
    const client = connect(port, '127.0.0.1');
    onTestFinished(() => void client.destroy());
    client.write(Buffer.from([3]));
    const socket = await rtmp;
    const [first] = await once(socket, 'data');
    expect(first).toEqual(Buffer.from([3]));
    client.write(Buffer.from([1, 2]));
    const [second] = await once(socket, 'data');
    expect(second).toEqual(Buffer.from([1, 2]));
  });

  it('closes on TLS and says what to do', async () => {
    const { port, logged } = await open();
    const client = connect(port, '127.0.0.1');
    client.write(Buffer.from([0x16, 3, 1]));
    await once(client.resume(), 'close');
    expect(logged.join()).toContain('tls.refused');
    expect(logged.join()).toContain('http:// endpoint');
  });

  it('closes a connection that says nothing', async () => {
    const { port, clock } = await open();
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    // A second connection that is answered proves that the first was accepted before it.
    await fetch(`http://127.0.0.1:${port}/`);
    const closed = once(client.resume(), 'close');
    clock.advance(10_000);
    await closed;
  });

  it('does not wait for ever for a peer that leaves its answer unread', async () => {
    const { gateway, port, clock, rtmp } = await open();
    const client = connect(port, '127.0.0.1');
    onTestFinished(() => void client.destroy());
    client.write(Buffer.from([3]));
    // More bytes than the system buffers for a peer that does not read.
    (await rtmp).write(Buffer.alloc(64 * 1024 * 1024));
    const closed = gateway.close();
    clock.advance(1_999);
    const pending = Symbol('pending');
    const isPending = new Promise<symbol>((resolve) => setImmediate(() => setImmediate(resolve, pending)));
    expect(await Promise.race([closed, isPending])).toBe(pending);
    clock.advance(1);
    await closed;
  });

  it('takes those who wait to be accepted, for a second at most', async () => {
    const { gateway, port, clock, exceeded } = await open('127.0.0.1', undefined, { all: 0, perAddress: 0 });
    const clients = Array.from({ length: 60 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    onTestFinished(() => clients.forEach((client) => void client.destroy()));
    let isOver = false;
    const stopped = gateway.acceptWaiting(1_000).then(() => {
      isOver = true;
    });
    while (!isOver) {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stopped;
    expect(exceeded.length).toBeGreaterThan(0);
    expect(exceeded.length).toBeLessThan(clients.length);
  });

  it('waits at its end for the first bytes of those it has accepted, for a second at most', async () => {
    const { gateway, port, clock } = await open();
    const [client, silent] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    onTestFinished(() => void silent.destroy());
    await Promise.all([once(client, 'connect'), once(silent, 'connect')]);
    let isOver = false;
    const stopped = gateway.stopAccepting(1_000).then(() => {
      isOver = true;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    client.write('GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(String(await once(client, 'data'))).toContain('GET /last');
    expect(isOver).toBe(false);
    clock.advance(1_000);
    await stopped;
  });

  it('refuses a taken port in words', async () => {
    const port = await listenDuringTest(createServer());
    const { gateway } = await open();
    await expect(gateway.listen('127.0.0.1', port)).rejects.toThrow(UsageError);
    await expect(gateway.listen('127.0.0.1', port)).rejects.toThrow(`Port ${port} is taken`);
  });

  it('refuses an address of another machine in words', async () => {
    const { gateway } = await open();
    await expect(gateway.listen('192.0.2.1', 0)).rejects.toThrow('192.0.2.1 is not an address of this machine');
    // No name server is asked for a label of 64 characters.
    const name = `${'a'.repeat(64)}.invalid`;
    await expect(gateway.listen(name, 0)).rejects.toThrow(`The name ${name} has no address`);
  });
});

describe('Gateway with its places taken', () => {
  const PLACES = { all: 2, perAddress: 1 };

  /** A client that has a place: its first byte was taken. */
  async function takePlace({ port, rtmp }: Opened): Promise<Socket> {
    const client = connect(port, '127.0.0.1');
    onTestFinished(() => void client.destroy());
    client.write(Buffer.from([3]));
    await rtmp;
    return client;
  }

  /** All that a client is told that sends these bytes. */
  async function ask(port: number, host: string, bytes: string | Buffer): Promise<string> {
    const client = connect(port, host);
    client.on('error', () => {}).write(bytes);
    let answer = '';
    client.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    await once(client, 'close');
    return answer;
  }

  const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

  it('answers HTTP, and closes RTMP and TLS', async () => {
    const opened = await open('127.0.0.1', undefined, PLACES);
    await takePlace(opened);
    const { port, exceeded, gateway } = opened;
    expect(await ask(port, '127.0.0.1', GET)).toMatch(/^HTTP\/1\.1 503 Busy/);
    expect(await ask(port, '127.0.0.1', Buffer.from([3, 1, 2]))).toBe('');
    expect(await ask(port, '127.0.0.1', Buffer.from([0x16, 3, 1]))).toBe('');
    expect(exceeded).toEqual(['address', 'address', 'address']);
    expect(gateway.open).toBe(1);
  });

  it('still serves other addresses, within the bound of all', async () => {
    const opened = await open('0.0.0.0', undefined, PLACES);
    await takePlace(opened);
    const { port, exceeded } = opened;
    expect(await ask(port, '127.0.0.2', GET)).toMatch(/^HTTP\/1\.1 503/);
    const other = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    onTestFinished(() => void other.destroy());
    other.write(GET.replace('Connection: close\r\n', ''));
    expect(String((await once(other, 'data'))[0])).toContain('GET /');
    const third = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.3' });
    third.write(GET);
    expect(String((await once(third, 'data'))[0])).toMatch(/^HTTP\/1\.1 503/);
    expect(exceeded).toEqual(['address', 'all']);
  });

  it('closes a client that says nothing, and one that leaves', async () => {
    const opened = await open('127.0.0.1', undefined, PLACES);
    await takePlace(opened);
    const silent = connect(opened.port, '127.0.0.1');
    await once(silent, 'connect');
    silent.on('error', () => {});
    const leaver = connect(opened.port, '127.0.0.1');
    leaver.end();
    await once(leaver.resume(), 'close');
    const closed = new Promise((resolve) => silent.once('close', resolve));
    opened.clock.advance(2_000);
    await closed;
  });

  it('serves again when a place is free', async () => {
    const opened = await open('127.0.0.1', undefined, PLACES);
    await takePlace(opened);
    (await opened.rtmp).destroy();
    while (opened.gateway.open > 0) await new Promise((done) => setImmediate(done));
    expect(await ask(opened.port, '127.0.0.1', GET)).toContain('GET /');
    expect(opened.exceeded).toEqual([]);
  });
});

describe('Gateway with a certificate', () => {
  let certificate: KeyAndCertificate;
  beforeAll(async () => {
    const now = { notBeforeMs: Date.now() - 60_000, notAfterMs: Date.now() + 60_000 };
    certificate = await createSelfSigned({ commonName: 'gateway test', hosts: ['localhost'], ...now });
  });

  async function openSecure() {
    const opened = await open('localhost', certificate);
    const client = connectTls({ port: opened.port, host: 'localhost', ca: certificate.certificate });
    onTestFinished(() => void client.destroy());
    return { ...opened, client };
  }

  it('answers HTTP within TLS', async () => {
    const { client } = await openSecure();
    client.write('GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let answer = '';
    for await (const chunk of client.setEncoding('utf8')) answer += chunk;
    expect(answer).toContain('GET /a');
  });

  it('hands on RTMP within TLS, both ways', async () => {
    const { client, rtmp } = await openSecure();
    client.write(Buffer.from([3, 1]));
    const socket = await rtmp;
    const [received] = await once(socket, 'data');
    expect(received).toEqual(Buffer.from([3, 1]));
    expect(socket.remoteAddress).toMatch(/127\.0\.0\.1|::1/);
    socket.write(Buffer.from([3, 2]));
    const [answered] = await once(client, 'data');
    expect(answered).toEqual(Buffer.from([3, 2]));
  });

  it('still answers without TLS', async () => {
    const { port } = await open('localhost', certificate);
    expect(await (await fetch(`http://127.0.0.1:${port}/b`)).text()).toBe('GET /b');
  });

  it('ends secure connections when it closes', async () => {
    const { client, gateway, rtmp } = await openSecure();
    client.write(Buffer.from([3]));
    await rtmp;
    const closed = once(client.resume(), 'close');
    await gateway.close();
    await closed;
  });

  it('closes a connection that does not finish the handshake', async () => {
    const { port, clock } = await open('localhost', certificate);
    const client = connect(port, '127.0.0.1');
    client.write(Buffer.from([0x16, 3, 1]));
    await once(client, 'connect');
    await fetch(`http://127.0.0.1:${port}/`);
    const closed = once(client.resume(), 'close');
    clock.advance(10_000);
    await closed;
  });

  it('says why a handshake failed', async () => {
    const { port, logged } = await open('localhost', certificate);
    const client = connect(port, '127.0.0.1');
    client.write(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]));
    await once(client.resume(), 'close');
    expect(logged.join()).toMatch(/tls\.failed .*reason="excessive message size"/);
  });

  it('closes on TLS within TLS', async () => {
    const { client } = await openSecure();
    client.write(Buffer.from([0x16, 3, 1]));
    await once(client.resume(), 'close');
  });
});
