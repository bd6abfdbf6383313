/** What a PROXY header changes, over the whole emulator. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { Config } from '../../src/config/config.ts';
import { parseNetworks } from '../../src/config/option-values.ts';
import { Gateway } from '../../src/net/gateway.ts';
import { networkList } from '../../src/net/network-list.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { proxyHeader, rawProxyHeader } from '../support/proxy-header.ts';
import { describeWith, NETWORK, networkAddress } from '../support/tools.ts';

const CLIENT = { address: '203.0.113.7', port: 4711 };
const LOCAL = rawProxyHeader(0x20, 0, Buffer.alloc(0));
const behind = (...networks: string[]): Partial<Config> => ({ proxyProtocol: networks.map(parseNetworks) });

interface Asked {
  readonly port: number;
  readonly host?: string;
  readonly path: string;
  readonly header?: Buffer;
}

async function connected(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, noDelay: true });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

/** The answer after the header; '' when the connection was closed. */
async function ask({ port, host, path, header = Buffer.alloc(0) }: Asked): Promise<string> {
  const socket = await connected(port, host);
  socket.write(Buffer.concat([header, Buffer.from(get(path))]));
  return textOf(socket);
}

const statusOf = (answer: string) => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];

describe('behind a proxy', () => {
  it('a request is one of its client, however the header is split', async () => {
    const { emulator, port } = await startTestEmulator({ ...behind('127.0.0.0/8'), auth: 'off' });
    const socket = await connected(port);
    for (const byte of proxyHeader(CLIENT, Buffer.from('040001ff', 'hex'))) {
      await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
    }
    socket.write(get('/examplebucket'));
    expect(statusOf(await textOf(socket))).toBe('200');
    const [request] = emulator.events.since(0).filter((event) => event.type === 'request.answered');
    expect(request).toMatchObject({ remoteAddr: '203.0.113.7:4711', operation: 'GetBucket (ListObjects)' });
  });

  it('a push is one of its client, in events, state and history', async () => {
    const { emulator, port } = await startTestEmulator({ ...behind('127.0.0.1'), auth: 'off' });
    const socket = await connected(port);
    socket.write(proxyHeader({ address: '2001:db8::7', port: 1234 }));
    const push = await RtmpPublisher.publish(`rtmp://localhost:${port}/examplebucket/live/test-channel`, { socket });
    const remoteAddr = '[2001:db8::7]:1234';
    expect(emulator.events.since(0)).toContainEqual(expect.objectContaining({ type: 'publish.accepted', remoteAddr }));
    expect(await emulator.control.channels.get('examplebucket', 'test-channel')).toMatchObject({
      live: { remoteAddr },
    });
    const ended = emulator.events.waitFor('publish.ended');
    await push.unpublish();
    await ended;
    expect(await emulator.control.channels.history('examplebucket', 'test-channel', 1)).toMatchObject([{ remoteAddr }]);
  });

  it('the header comes before TLS', async () => {
    const { emulator, port } = await startTestEmulator({ ...behind('127.0.0.1'), tls: true });
    const socket = await connected(port);
    socket.write(proxyHeader(CLIENT));
    const secure = connectTls({ socket, rejectUnauthorized: false, servername: 'localhost' });
    await once(secure, 'secureConnect');
    secure.write(get('/_emulator/info'));
    expect(statusOf(await textOf(secure))).toBe('403');
    expect(emulator.events.since(0)).toEqual([]);
  });

  it('the control API is open to clients of this machine only', async () => {
    const { port } = await startTestEmulator(behind('127.0.0.1'));
    const path = '/_emulator/info';
    const asked = async (header: Buffer) => statusOf(await ask({ port, path, header }));
    expect(await asked(proxyHeader(CLIENT))).toBe('403');
    expect(await asked(proxyHeader({ address: '127.0.0.1', port: 1 }))).toBe('200');
    expect(await asked(LOCAL)).toBe('200');
    expect(await asked(rawProxyHeader(0x21, 0, Buffer.alloc(0)))).toBeUndefined();
  });

  it('a second header, as the client may send it, is none', async () => {
    const { port } = await startTestEmulator(behind('127.0.0.1'));
    const forged = proxyHeader({ address: '127.0.0.1', port: 1 });
    const header = Buffer.concat([proxyHeader(CLIENT), forged]);
    expect(statusOf(await ask({ port, path: '/_emulator/info', header }))).toBe('400');
  });

  it('what the emulator itself connects to works', async () => {
    const { emulator } = await startTestEmulator(behind('127.0.0.0/8'));
    const states = (await emulator.control.components()).map(({ name, state }) => `${name} ${state}`);
    expect(states).toEqual(['http ok', 'rtmp ok', 'metadata ok', 'objects ok', 'segmenter ok']);
    const publication = await emulator.control.publishes.start({
      channel: 'test-channel',
      durationSec: 1,
      speed: 'max',
    });
    await publication.done;
    expect(publication.state).toBe('ended');
  });

  it('the bound of an address is that of the client', async () => {
    const { port } = await startTestEmulator({ ...behind('127.0.0.1'), maxConnectionsPerAddress: 1 });
    const first = await connected(port);
    first.write(Buffer.concat([proxyHeader(CLIENT), Buffer.from(get('/').replace('Connection: close\r\n', ''))]));
    await once(first, 'data');
    const [same, other] = [proxyHeader(CLIENT), proxyHeader({ address: '203.0.113.8', port: 1 })];
    expect(statusOf(await ask({ port, path: '/', header: same }))).toBe('503');
    expect(statusOf(await ask({ port, path: '/', header: other }))).toBe('403');
    const closed = once(first.resume(), 'close');
    first.end();
    await closed;
  });
});

describe('without --proxy-protocol', () => {
  it('a header is no HTTP, as ever', async () => {
    const { port } = await startTestEmulator();
    const header = proxyHeader({ address: '127.0.0.1', port: 1 });
    expect(statusOf(await ask({ port, path: '/_emulator/info', header }))).toBe('400');
  });

  it('from another address neither', async () => {
    const { port } = await startTestEmulator(behind('198.51.100.0/24'));
    const header = proxyHeader(CLIENT);
    expect(statusOf(await ask({ port, path: '/', header }))).toBe('400');
    expect(statusOf(await ask({ port, path: '/_emulator/info' }))).toBe('200');
  });
});

describeWith([NETWORK], 'a proxy on another machine', () => {
  it('cannot make anybody a client of this machine', async () => {
    const host = networkAddress ?? '';
    const { port } = await startTestEmulator({ ...behind('0.0.0.0/0'), host: '0.0.0.0' });
    const loopback = ['127.0.0.1', '127.9.9.9', '::1', '::ffff:7f00:1'];
    for (const address of loopback) {
      const header = proxyHeader({ address, port: 1 });
      expect([address, statusOf(await ask({ port, host, path: '/_emulator/info', header }))]).toEqual([address, '403']);
    }
  });
});

describe('a configured proxy is refused', () => {
  async function openGateway() {
    let served = 0;
    const serve = (socket: Socket) => {
      served += 1;
      socket.resume().end('served');
    };
    const clock = new ManualClock(0);
    const lines: string[] = [];
    let isLogged: () => void = () => {};
    const logged = new Promise<void>((resolve) => {
      isLogged = resolve;
    });
    const log = createLog(
      'info',
      (line) => {
        lines.push(line);
        isLogged();
      },
      () => 0,
    );
    const gateway = new Gateway({
      clock,
      log,
      onHttp: serve,
      onRtmp: serve,
      limits: { all: 10, perAddress: 10 },
      busyAnswer: () => 'busy',
      onRefused: () => {},
      isProxy: networkList(parseNetworks('127.0.0.1')),
    });
    onTestFinished(() => gateway.close());
    return { gateway, clock, lines, logged, served: () => served, port: await gateway.listen('127.0.0.1', 0) };
  }

  it.each([
    ['that sends no header', get('/'), /no PROXY header came first.*send-proxy-v2/],
    ['that sends version 1', 'PROXY TCP4 203.0.113.7 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\n', /version 1.*send-proxy-v2/],
  ])('%s', async (_, sent, reason) => {
    const { gateway, lines, port } = await openGateway();
    const socket = await connected(port);
    socket.write(sent);
    expect(await textOf(socket)).toBe('');
    expect(lines.join('\n')).toMatch(reason);
    while (gateway.open > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it.each([
    ['whose header does not end in time', LOCAL.subarray(0, 15), true],
    ['whose client says nothing in time', LOCAL, false],
  ])('%s', async (_, sent, isLogged) => {
    const { clock, lines, port, gateway } = await openGateway();
    const socket = await connected(port);
    socket.write(sent);
    // What came before on the same connection was read when a later connection is served.
    const other = await connected(port);
    other.write(Buffer.concat([LOCAL, Buffer.from(get('/'))]));
    expect(await textOf(other)).toBe('served');
    clock.advance(10_000);
    expect(await textOf(socket)).toBe('');
    expect(lines.join('\n').includes('no whole PROXY header within 10000 ms')).toBe(isLogged);
    while (gateway.open > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('one that has given up before it was accepted leaves no trace, and is not taken for a client', async () => {
    const { gateway, lines, served, port } = await openGateway();
    const sent = Buffer.concat([LOCAL, Buffer.from(get('/'))]).toString('base64');
    const resetting = `
      const socket = require('node:net').connect(${port}, '127.0.0.1', () =>
        socket.write(Buffer.from('${sent}', 'base64'), () => socket.resetAndDestroy()));`;
    // Nothing is accepted meanwhile.
    execFileSync(process.execPath, ['-e', resetting]);
    const other = await connected(port);
    other.write(Buffer.concat([LOCAL, Buffer.from(get('/'))]));
    expect(await textOf(other)).toBe('served');
    expect(served()).toBe(1);
    while (gateway.open > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toEqual([]);
  });

  it('one that leaves in the middle of its header leaves no trace', async () => {
    const { gateway, lines, port } = await openGateway();
    const socket = await connected(port);
    socket.end(LOCAL.subarray(0, 15));
    expect(await textOf(socket)).toBe('');
    while (gateway.open > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toEqual([]);
  });
});
