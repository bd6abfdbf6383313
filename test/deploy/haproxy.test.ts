/** `deploy/haproxy.cfg` as it is, with haproxy, two nodes and ffmpeg. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { parseNetworks } from '../../src/config/option-values.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { clip, startTestEmulator } from '../support/emulator.ts';
import { listenDuringTest } from '../support/listen.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

const CONFIGURATION = fileURLToPath(new URL('../../deploy/haproxy.cfg', import.meta.url));
const run = promisify(execFile);

/** A port that was free a moment ago: haproxy cannot tell which one it took. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenDuringTest(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** It says nothing when it has started. */
function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((result) => {
    socket.destroy();
    return result === true;
  });
}

/** Two nodes with a proxy in front. They share nothing, so a test sees which one was reached. */
async function startBehindProxy() {
  const options = { proxyProtocol: [parseNetworks('127.0.0.0/8')], auth: 'off', drainTimeoutSec: 600 } as const;
  const nodes = [await startTestEmulator(options), await startTestEmulator(options)] as const;
  const port = await freePort();
  const [node1, node2] = nodes.map((node) => `127.0.0.1:${node.port}`);
  const environment = { FRONT: `127.0.0.1:${port}`, NODE1: node1, NODE2: node2 };
  const env = { PATH: process.env.PATH, ...environment };
  await run('haproxy', ['-c', '-q', '-f', CONFIGURATION], { env });
  const proxy = spawn('haproxy', ['-db', '-f', CONFIGURATION], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    if (proxy.exitCode === null && proxy.kill('SIGKILL')) await once(proxy, 'close');
  });
  /** Resolves when the proxy has said what matches. */
  const said = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      proxy.stderr.on('data', (text) => {
        if (pattern.test(String(text))) resolve();
      });
    });
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await isListening(port))) if (proxy.exitCode !== null) throw new Error('haproxy has ended');
  return { nodes, port, endpoint, said };
}

const acceptedBy = ({ events }: Emulator) => events.since(0).filter(({ type }) => type === 'publish.accepted').length;

describeWith(['haproxy', 'ffmpeg'], 'haproxy in front of two nodes', () => {
  it('carries RTMP and HTTP on one port, and the nodes see the client', async () => {
    const { nodes, port, endpoint } = await startBehindProxy();
    const url = `rtmp://127.0.0.1:${port}/examplebucket/live/test-channel`;
    expect(await pushWithFfmpeg(clip('h264-aac.flv'), url).done).toEqual({ code: 0, stderr: '' });
    const pushes = nodes.flatMap(({ emulator }) =>
      emulator.events.since(0).filter(({ type }) => type === 'publish.accepted'),
    );
    expect(pushes).toHaveLength(1);
    // The proxy connects from 127.0.0.1 too: its port is not the one of the client.
    const ports = new Set<number>();
    for (let asked = 0; asked < 4; asked++) {
      const { localPort, status } = await getOnce(port);
      expect(status).toBe(200);
      ports.add(localPort);
    }
    const seen = nodes.flatMap(({ emulator }) =>
      emulator.events.since(0).flatMap((event) => (event.type === 'request.answered' ? [event.remoteAddr] : [])),
    );
    expect(seen.sort()).toEqual([...ports].map((localPort) => `127.0.0.1:${localPort}`).sort());
    expect((await fetch(`${endpoint}/_emulator/info`)).status).toBe(200);
  });

  it('sends no new connections to a node that drains, and ends none of it', async () => {
    const { nodes, port, said } = await startBehindProxy();
    const [first, second] = nodes.map(({ emulator }) => emulator) as [Emulator, Emulator];
    const push = (channel: string, ...options: string[]) =>
      pushWithFfmpeg(clip('h264-aac.flv'), `rtmp://127.0.0.1:${port}/examplebucket/live/${channel}`, options);
    const begun = Promise.race(
      [first, second].map(async (node) => {
        await node.events.waitFor('publish.accepted');
        return node;
      }),
    );
    const lasting = push('test-channel', '-re', '-stream_loop', '-1');
    const draining = await begun;
    const other = draining === first ? second : first;
    const noticed = said(/is stopping.*code: 404/);
    void draining.control.drain();
    await noticed;
    for (let pushed = 0; pushed < 3; pushed++) {
      expect(await push('test-channel').done).toEqual({ code: 0, stderr: '' });
    }
    expect([acceptedBy(draining), acceptedBy(other)]).toEqual([1, 3]);
    lasting.kill('SIGTERM');
    await lasting.done;
    await draining.drain();
  });
});

/** One request on a connection of its own. */
function getOnce(port: number): Promise<{ readonly localPort: number; readonly status: number }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path: '/examplebucket', agent: false }, (response) => {
      const { statusCode: status = 0, socket } = response;
      const { localPort = 0 } = socket;
      response.resume().on('end', () => resolve({ localPort, status }));
    });
    sent.on('error', reject).end();
  });
}
