import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DeliveryRefused } from '../../src/base/deliverer.ts';
import {
  createOutgoing,
  type OutgoingRequest,
  type OutgoingTargets,
  type ResolveHost,
} from '../../src/http/outgoing.ts';
import { receiveHttp } from '../support/http-receiver.ts';
import { listenDuringTest } from '../support/listen.ts';

const { signal } = new AbortController();

function request(url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return { url: new URL(url), method: 'POST', headers: {}, body: Buffer.from('body'), ...more };
}

function send(targets: OutgoingTargets, url: string, resolveHost?: ResolveHost) {
  return createOutgoing(targets, resolveHost)(request(url), signal, 1_000);
}

/** A name service with these addresses. */
function resolving(...addresses: string[]): ResolveHost {
  return (_host, _options, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    setImmediate(() => callback(null, found));
  };
}

describe('where requests may go', () => {
  it.each(['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '[::ffff:127.0.0.1]', 'localhost'])(
    'to this machine by the name %s',
    async (host) => {
      const receiver = await receiveHttp();
      const { port } = new URL(receiver.url);
      expect(await send('loopback', `http://${host}:${port}/a?b=c`)).toMatchObject({ status: 200 });
      expect(receiver.received).toMatchObject([{ method: 'POST', path: '/a?b=c', body: 'body' }]);
    },
  );

  it.each([
    '10.0.0.1',
    '167772161',
    '0x0a000001',
    '012.0.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '8.8.8.8',
    '0.0.0.0',
    '0',
    '128.0.0.1',
    '126.255.255.255',
    '[::]',
    '[::2]',
    '[fe80::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:0.0.0.0]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ])('not to %s with loopback', async (host) => {
    await expect(send('loopback', `http://${host}:1/`)).rejects.toThrow(DeliveryRefused);
    await expect(send('loopback', `https://${host}:1/`)).rejects.toThrow(/is not on this machine/);
  });

  it('not to a name of another machine', async () => {
    const elsewhere = send('loopback', 'http://callback.example.com:1/', resolving('10.1.2.3', 'fd00::1'));
    await expect(elsewhere).rejects.toThrow(/callback.example.com is not on this machine/);
    await expect(elsewhere).rejects.toThrow(DeliveryRefused);
  });

  it('only to those addresses of a name that are of this machine, which are the ones that are connected to', async () => {
    const receiver = await receiveHttp();
    const { port } = new URL(receiver.url);
    const attempts: string[] = [];
    const note = (message: unknown) => {
      const { socket } = message as { socket: Socket };
      socket.on('connectionAttempt', (address) => attempts.push(address));
    };
    subscribe('net.client.socket', note);
    onTestFinished(() => void unsubscribe('net.client.socket', note));
    const answer = await send('loopback', `http://both.example.com:${port}/`, resolving('10.1.2.3', '127.0.0.1'));
    expect(attempts).toEqual(['127.0.0.1']);
    expect(answer.status).toBe(200);
    expect(receiver.received).toHaveLength(1);
  });

  it('asks once for the address of a name: another answer later changes nothing', async () => {
    const receiver = await receiveHttp();
    const { port } = new URL(receiver.url);
    let asked = 0;
    const rebinding: ResolveHost = (host, options, callback) => {
      asked += 1;
      resolving(asked === 1 ? '127.0.0.1' : '10.1.2.3')(host, options, callback);
    };
    await send('loopback', `http://rebinding.example.com:${port}/`, rebinding);
    expect(asked).toBe(1);
    expect(receiver.received).toHaveLength(1);
  });

  it('nowhere with off', async () => {
    const receiver = await receiveHttp();
    await expect(send('off', receiver.url)).rejects.toThrow(/--outgoing is off/);
    expect(receiver.received).toEqual([]);
  });

  it.each([
    '/_emulator',
    '/_emulator/reset',
    '/a/../_emulator/reset',
    '/%2e/_emulator/x',
    '/_emulator/?a',
    '/%5Femulator/reset',
    '//_emulator/reset',
    '/_emulator%2Freset',
  ])('never to the control API of an emulator: %s', async (path) => {
    const receiver = await receiveHttp();
    await expect(send('any', `${receiver.url}${path}`)).rejects.toThrow(/control API/);
    expect(receiver.received).toEqual([]);
  });

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'data:,a'])('not by another protocol: %s', async (url) => {
    await expect(send('any', url)).rejects.toThrow(DeliveryRefused);
  });
});

describe('a request', () => {
  it('does not follow redirects', async () => {
    const target = await receiveHttp();
    const server = await receiveHttp((response) => response.writeHead(307, { location: target.url }).end());
    expect(await send('any', server.url)).toMatchObject({ status: 307 });
    expect(target.received).toEqual([]);
  });

  it('has a bounded body and a bounded URL', async () => {
    const { url } = await receiveHttp();
    const out = createOutgoing('any');
    const body = Buffer.alloc(1024 * 1024 + 1);
    await expect(out(request(url, { body }), signal, 1_000)).rejects.toThrow(/body is over/);
    await expect(send('any', `${url}/?${'a'.repeat(65_536)}`)).rejects.toThrow(/URL is over/);
  });

  it('reads no more of an answer than it was told to', async () => {
    const { url } = await receiveHttp((response) => response.end('a'.repeat(100_000)));
    const answer = await send('any', url);
    expect(answer).toMatchObject({ isCut: true });
    expect(answer.body).toHaveLength(1_000);
  });

  it('fails where there is no answer', async () => {
    const server = createServer((_request, response) => response.destroy());
    const port = await listenDuringTest(server);
    await expect(send('loopback', `http://127.0.0.1:${port}/`)).rejects.toThrow();
  });
});

it('is the only place in src from which the emulator makes requests, but for those to other nodes of its database', () => {
  const src = fileURLToPath(new URL('../../src/', import.meta.url));
  const making = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ts$/.test(path) && !/^(console|cli)[/\\]/.test(path))
    .filter((path) =>
      /\bfetch\(|\brequest\b.*from 'node:https?'|\bhttps?\.(request|get)\(/.test(readFileSync(join(src, path), 'utf8')),
    );
  expect(making.toSorted()).toEqual([join('http', 'outgoing.ts'), join('watch', 'forwarding', 'ask-node.ts')]);
});
