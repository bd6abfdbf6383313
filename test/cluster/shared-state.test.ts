import { once } from 'node:events';
import { expect, it } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { subscription } from '../notify/mns/signed-request.ts';
import { channelConfig, startTestEmulator, type TestEmulator } from '../support/emulator.ts';
import { receiveHttp } from '../support/http-receiver.ts';
import { POSTGRES, testPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';
import { pushTo, useSharedStores } from './shared-stores.ts';

const BUCKET = 'examplebucket';

describeWith([POSTGRES, 'go'], 'what nodes on one database do together', () => {
  const createStores = useSharedStores();

  async function startBoth(log = silentLog): Promise<readonly [TestEmulator, TestEmulator]> {
    const shared = { ...(await createStores()), auth: 'off' } as const;
    const first = await startTestEmulator({ ...shared, nodeName: 'first' }, { log });
    const second = await startTestEmulator({ ...shared, nodeName: 'second' });
    return [first, second];
  }

  /** The first event of a stream that names the session. */
  async function toldOf(stream: Response, sessionId: string): Promise<unknown> {
    const line = new RegExp(`^data: (.*"${sessionId}".*)\\n`, 'm');
    let told = '';
    for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      told += chunk;
      const [, event] = line.exec(told) ?? [];
      if (event !== undefined) return JSON.parse(event);
    }
    throw new Error(`the stream has ended: ${told}`);
  }

  const push = ({ port }: TestEmulator) => pushTo(port, '/live/cam');

  it('a reset on one node ends the pushes of all, empties the stores once, and each begins anew', async () => {
    const [first, second] = await startBoth();
    await first.client.put('before', Buffer.from('before'));
    await first.client.putChannel('cam', channelConfig({ FragDuration: 1 }));
    const pushed = await push(first);
    const ended = pushed.done.catch((error: Error) => error.message);
    await Promise.all([second.emulator.control.reset(), second.emulator.control.reset()]);
    expect(await ended).toContain('being reset');
    // All that the stores had, and what each node had in memory.
    expect((await second.client.list({ 'max-keys': 10 }, {})).objects ?? []).toEqual([]);
    expect((await first.emulator.control.channels.list()).map(({ name }) => name)).toEqual(['test-channel']);
    for (const { emulator } of [first, second]) {
      const resets = emulator.events.since(0).filter(({ type }) => type === 'emulator.reset');
      expect(resets).toHaveLength(2);
    }
    // And at once it goes on everywhere, with a seed too.
    await second.emulator.control.seed({
      buckets: [{ name: BUCKET, channels: [{ name: 'cam', recordings: [{ from: '-1m', to: '-30s' }] }] }],
    });
    expect(await first.emulator.control.channels.history(BUCKET, 'cam', 10)).toHaveLength(1);
    const { next } = Object(await (await fetch(`${second.endpoint}/_emulator/events`)).json());
    const stream = await fetch(`${second.endpoint}/_emulator/events/stream?type=publish.ended&after=${next}`);
    const before = first.emulator.events.lastId;
    const again = await first.emulator.control.publishes.start({ channel: 'cam', durationSec: 1 });
    const { sessionId } = await first.emulator.events.waitFor('publish.accepted', undefined, { after: before });
    await again.done;
    expect(await second.emulator.control.channels.history(BUCKET, 'cam', 10)).toHaveLength(2);
    // That of the push which the reset ended may come first: a node stores its events from time to time.
    expect(await toldOf(stream, sessionId)).toMatchObject({ type: 'publish.ended', node: 'first' });
    // Whoever follows the events of one node has those of all, in one order.
    const types = async ({ endpoint }: TestEmulator) => {
      const answer = await fetch(`${endpoint}/_emulator/events?type=publish.accepted,publish.ended,emulator.reset`);
      const { events, lost } = Object(await answer.json());
      expect(lost).toBe(0);
      return events.map(({ id, node, type }: Record<string, unknown>) => ({ id, node, type }));
    };
    // A node that is asked stores what it has not stored yet.
    await types(second);
    const all = await types(first);
    expect(await types(second)).toEqual(all);
    expect(all.filter(({ type }: { type: string }) => type === 'emulator.reset')).toHaveLength(4);
    expect(all).toEqual(expect.arrayContaining([expect.objectContaining({ node: 'first', type: 'publish.ended' })]));
    const ids = all.map(({ id }: { id: number }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(a) - Number(b)));
    await expect(first.emulator.control.refuseBesideOthers('A moved clock')).rejects.toThrow('second');
  }, 120_000);

  it('the page of one node may call the others, as it does behind a proxy', async () => {
    const nodes = await startBoth();
    const tokens = nodes.map(async ({ endpoint }) => {
      const page = await (await fetch(`${endpoint}/_emulator/`)).text();
      return /name="emulator-token" content="([\w-]{32,})"/.exec(page)?.[1];
    });
    const [first, second] = await Promise.all(tokens);
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });

  it('topics, queues and messages of MNS are those of all nodes, and a message is received once', async () => {
    const hasFailed = new AbortController();
    const info = (event: string) => {
      if (event === 'notification.retry') hasFailed.abort();
    };
    const [first, second] = await startBoth({ ...silentLog, info });
    const ask = async ({ endpoint }: TestEmulator, method: string, path: string, body?: string) => {
      const headers = { 'x-mns-version': '2015-06-06' };
      const answer = await fetch(`${endpoint}${path}`, { method, headers, ...(body !== undefined && { body }) });
      return { status: answer.status, text: await answer.text() };
    };
    const queue = '<Queue><VisibilityTimeout>60</VisibilityTimeout></Queue>';
    expect((await ask(first, 'PUT', '/queues/q', queue)).status).toBe(201);
    expect((await ask(second, 'PUT', '/queues/q', queue)).status).toBe(204);
    expect((await ask(second, 'PUT', '/topics/t', '<Topic/>')).status).toBe(201);
    const toQueue = subscription('acs:mns:cn-hangzhou:1234567890123456:queues/q');
    expect((await ask(first, 'PUT', '/topics/t/subscriptions/s', toQueue)).status).toBe(201);
    const message = (text: string) => `<Message><MessageBody>${text}</MessageBody></Message>`;
    expect((await ask(second, 'POST', '/topics/t/messages', message('announced'))).status).toBe(201);
    const receive = (node: TestEmulator) => ask(node, 'GET', '/queues/q/messages?waitseconds=20');
    const received = await receive(first);
    expect(received).toMatchObject({ status: 200, text: expect.stringContaining('announced') });
    const handle = /<ReceiptHandle>([^<]+)</.exec(received.text)?.[1];
    expect((await ask(second, 'DELETE', `/queues/q/messages?ReceiptHandle=${handle}`)).status).toBe(204);
    expect((await ask(first, 'DELETE', `/queues/q/messages?ReceiptHandle=${handle}`)).text).toContain(
      'MessageNotExist',
    );

    const sent = Array.from({ length: 12 }, (_, index) => `message ${index}`);
    for (const [index, text] of sent.entries()) {
      await ask(index % 2 === 0 ? first : second, 'POST', '/queues/q/messages', message(text));
    }
    const got = await Promise.all(sent.map((_, index) => receive(index % 3 === 0 ? first : second)));
    const bodies = got.map(({ text }) => /<MessageBody>([^<]+)</.exec(text)?.[1]);
    expect(bodies.toSorted()).toEqual(sent.toSorted());
    expect((await ask(second, 'GET', '/queues/q/messages')).text).toContain('MessageNotExist');

    expect((await ask(second, 'DELETE', '/queues/q')).status).toBe(204);
    expect((await ask(first, 'GET', '/queues/q/messages')).text).toContain('QueueNotExist');
    expect((await ask(first, 'PUT', '/queues/q', queue)).status).toBe(201);
    await ask(first, 'POST', '/queues/q/messages', message('lost by the reset'));
    await first.emulator.control.reset();
    expect((await ask(second, 'GET', '/queues/q/messages')).text).toContain('QueueNotExist');

    // What waits for another attempt goes on with another node.
    const receiver = await receiveHttp((response, n) => {
      response.statusCode = n === 1 ? 500 : 200;
      response.end();
    });
    await ask(first, 'PUT', '/topics/t', '<Topic/>');
    await ask(first, 'PUT', '/topics/t/subscriptions/s', subscription(receiver.url));
    await ask(first, 'POST', '/topics/t/messages', message('late'));
    if (!hasFailed.signal.aborted) await once(hasFailed.signal, 'abort');
    // Also where the sweep of pushes and recordings fails again and again.
    const database = new URL(second.emulator.config.metadata ?? '').pathname.slice(1);
    const unreadable = `values ('recording', '', 'of another version', 0, '{"owner":"gone"}')`;
    await (await testPostgres()).execute(
      `insert into documents (kind, scope, name, "createdMs", body) ${unreadable}`,
      database,
    );
    await first.emulator.stop();
    expect((await receiver.request(2)).body).toContain('<Message>late</Message>');
  }, 120_000);
});
