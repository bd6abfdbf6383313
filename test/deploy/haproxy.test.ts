/** `deploy/haproxy.cfg` as it is, with haproxy, two nodes and ffmpeg. */
import { request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { parseNetworks } from '../../src/config/option-values.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { clip, startTestEmulator } from '../support/emulator.ts';
import { HAPROXY_CONFIGURATION, startHaproxy } from '../support/haproxy.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

/** Two nodes with a proxy in front. They share nothing, so a test sees which one was reached. */
async function startBehindProxy() {
  const options = { proxyProtocol: [parseNetworks('127.0.0.0/8')], auth: 'off', drainTimeoutSec: 600 } as const;
  const nodes = [await startTestEmulator(options), await startTestEmulator(options)] as const;
  const [NODE1, NODE2] = nodes.map((node) => `127.0.0.1:${node.port}`) as [string, string];
  const { port, said, stop } = await startHaproxy(HAPROXY_CONFIGURATION, { NODE1, NODE2 });
  onTestFinished(stop);
  return { nodes, port, endpoint: `http://127.0.0.1:${port}`, said };
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
    await draining.control.drain();
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
