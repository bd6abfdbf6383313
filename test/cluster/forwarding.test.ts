import { once } from 'node:events';
import { request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { signAuthKey } from '../../src/aliyun/auth/auth-key.ts';
import type { Config } from '../../src/config/config.ts';
import { LOCAL_PROXY_HEADER } from '../../src/net/proxy-header.ts';
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts';
import { offerOf } from '../support/offer.ts';
import { POSTGRES } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';
import { startNode } from './node-process.ts';
import { pushTo, useSharedStores } from './shared-stores.ts';

const WHEP = { 'content-type': 'application/sdp' };
const AT = 'vhost=play.test';

describeWith([POSTGRES, 'go'], 'what is pushed to another node', () => {
  const createStores = useSharedStores();

  async function startBoth(options: Partial<Config> = {}): Promise<{ first: TestEmulator; second: TestEmulator }> {
    const stores = await createStores();
    const start = (nodeName: string) => startTestEmulator({ ...stores, auth: 'off', nodeName, ...options });
    const [first, second] = await Promise.all([start('first'), start('second')]);
    return { first, second };
  }

  /** Resolves with the first answer that is not 404: a node learns within some seconds what others have. */
  async function answerOf(url: string, init: RequestInit = {}): Promise<Response> {
    for (;;) {
      const answer = await fetch(url, init);
      if (answer.status !== 404) return answer;
      await answer.body?.cancel();
      await sleep(100);
    }
  }

  async function firstBytes(answer: Response, count: number): Promise<Buffer> {
    let bytes = Buffer.alloc(0);
    const reader = answer.body?.getReader();
    while (reader && bytes.length < count)
      bytes = Buffer.concat([bytes, (await reader.read()).value ?? Buffer.alloc(0)]);
    await reader?.cancel();
    return bytes;
  }

  it('is watched by FLV, HLS and WebRTC, and its viewers are known where it is', async () => {
    const { first, second } = await startBoth();
    const pushed = await pushTo(first.port, `/show/one?${AT}`);
    const { live } = first.emulator.control;
    const nodes = await (await fetch(`${second.endpoint}/_emulator/nodes`)).text();
    expect(JSON.parse(nodes)).toMatchObject({ nodes: [first, second].map(({ endpoint: url }) => ({ url })) });
    expect(nodes).not.toContain('"key"');

    const flv = await answerOf(`${second.endpoint}/show/one.flv?${AT}`);
    expect(flv.status).toBe(200);
    expect(flv.headers.get('content-type')).toBe('video/x-flv');
    const [viewer] = live.viewers();
    expect(viewer).toMatchObject({ protocol: 'flv', subject: { domain: 'play.test', app: 'show', stream: 'one' } });
    expect(second.emulator.control.live.viewers()).toEqual([]);
    const left = first.emulator.events.waitFor('viewer.left');
    expect((await firstBytes(flv, 20_000)).subarray(0, 3).toString()).toBe('FLV');
    await left;

    const playlist = `${second.endpoint}/show/one.m3u8?${AT}`;
    const text = await (await fetch(playlist)).text();
    const [, fragment = ''] = /^(one\.\d+\.ts\?\S+)$/m.exec(text) ?? [];
    const ts = await fetch(new URL(fragment, playlist));
    expect(ts.headers.get('content-type')).toBe('video/MP2T');
    const bytes = Buffer.from(await ts.arrayBuffer());
    expect(bytes.length % 188).toBe(0);
    expect(bytes[0]).toBe(0x47);
    expect(await (await fetch(new URL(fragment, `${first.endpoint}/show/`))).arrayBuffer()).toEqual(
      new Uint8Array(bytes).buffer,
    );

    const offered = await fetch(`${second.endpoint}/show/one?${AT}`, {
      method: 'POST',
      headers: WHEP,
      body: offerOf('h264', 'opus'),
    });
    expect(offered.status).toBe(201);
    expect(await offered.text()).toContain('a=sendonly');
    expect(live.viewers()).toMatchObject([{ protocol: 'whep' }]);
    const session = `${second.endpoint}${offered.headers.get('location')}`;
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(404);
    expect(live.viewers()).toEqual([]);
    const bad = await fetch(`${second.endpoint}/show/one?${AT}`, { method: 'POST', headers: WHEP, body: 'v=1' });
    expect(bad.status).toBe(406);

    const jsep = { type: 'offer', sdp: offerOf('h264') };
    const rts = await fetch(`${second.endpoint}/show/one?${AT}`, { method: 'POST', body: JSON.stringify({ jsep }) });
    expect(await rts.json()).toMatchObject({ code: 200, jsep: { type: 'answer' } });

    // For the control page of the other node, too.
    const own = await fetch(`${second.endpoint}/_emulator/live/show/one.flv?${AT}`);
    expect(own.status).toBe(200);
    await own.body?.cancel();

    // A player reads the rest after the push.
    pushed.stop();
    await first.emulator.events.waitFor('live.ended');
    const isOver = async () =>
      (await fetch(`${second.endpoint}/show/one.flv?${AT}`, { method: 'HEAD' })).status === 404;
    while (!(await isOver())) await sleep(100);
    expect((await fetch(new URL(fragment, playlist))).status).toBe(200);
  }, 120_000);

  it('is checked there: auth_key, and who has signed', async () => {
    const { first, second } = await startBoth({ liveAuthKeys: [{ domain: '*', key: 'secret' }] });
    const keyOf = (path: string) =>
      `auth_key=${signAuthKey(path, Math.ceil(Date.now() / 1000) + 600, '0', '0', 'secret')}`;
    await pushTo(first.port, `/show/one?${AT}&${keyOf('/show/one')}`);
    const url = `${second.endpoint}/show/one.flv?${AT}`;
    expect((await answerOf(`${url}&auth_key=1-0-0-x`)).status).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    const good = await fetch(`${url}&${keyOf('/show/one.flv')}`);
    expect(good.status).toBe(200);
    await good.body?.cancel();
    const forged = { 'x-emulator-forwarded': `${Date.now()}.x`, 'x-emulator-forwarded-for': '1.2.3.4:5' };
    const direct = `${first.endpoint}/_forwarded/show/one.flv?${AT}&${keyOf('/show/one.flv')}`;
    const refused = await fetch(direct, { headers: forged });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('for the other nodes');

    // With the path alone it is a request like any other: keys of objects may begin so.
    const ask = async (method: string) => {
      const headers = { host: 'examplebucket.localhost' };
      const at = { host: '127.0.0.1', port: first.port, path: '/_forwarded/one.flv', method, headers };
      const asked = request(at).end(method === 'PUT' ? 'object' : undefined);
      const [answer] = await once(asked, 'response');
      return { status: answer.statusCode, text: await textOf(answer) };
    };
    expect(await ask('PUT')).toMatchObject({ status: 200 });
    expect(await ask('GET')).toEqual({ status: 200, text: 'object' });
  }, 120_000);

  it('is watched where this machine has to send a PROXY header, and nothing may go out', async () => {
    const proxyProtocol = [[{ address: '127.0.0.1', prefixBits: 32 }]];
    const { first, second } = await startBoth({ proxyProtocol, outgoing: 'off' });
    await pushTo(first.port, `/show/one?${AT}`, LOCAL_PROXY_HEADER);
    const status = async () => {
      const path = `/show/one.m3u8?${AT}`;
      const asked = request({ host: '127.0.0.1', port: second.port, path, localAddress: '127.0.0.2' }).end();
      const [answer] = await once(asked, 'response');
      asked.destroy();
      return answer.statusCode;
    };
    let answered = await status();
    while (answered === 404) {
      await sleep(100);
      answered = await status();
    }
    expect(answered).toBe(200);
  }, 120_000);

  it('ends for its viewers when its node is killed, and the reason is told when it cannot be asked', async () => {
    const stores = await createStores();
    const [first, second] = await Promise.all([
      startNode('first', stores),
      startTestEmulator({ ...stores, auth: 'off', nodeName: 'second' }),
    ]);
    await pushTo(first.port, `/show/one?${AT}`);
    const url = `${second.endpoint}/show/one.flv?${AT}`;
    const watching = await answerOf(url);
    const ended = expect(watching.arrayBuffer()).rejects.toThrow();
    first.signal('SIGKILL');
    await ended;
    const asked = await fetch(url);
    expect(asked.status).toBe(503);
    expect(await asked.text()).toContain('The node first, which has the push, does not answer');
  }, 120_000);

  it('is named where its node has no address', async () => {
    const { first, second } = await startBoth({ host: '0.0.0.0' });
    await pushTo(first.port, `/show/one?${AT}`);
    const offer = { method: 'POST', headers: WHEP, body: 'v=0' };
    for (const [extension, init] of [['.flv'], ['.m3u8'], ['', offer]] as const) {
      const refused = await answerOf(`${second.endpoint}/show/one${extension}?${AT}`, init);
      expect(refused.status).toBe(421);
      expect(await refused.text()).toContain(`/show/one${extension} is pushed to the node first`);
    }
  }, 120_000);
});
