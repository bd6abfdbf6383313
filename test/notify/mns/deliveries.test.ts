import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { type EmulatorEvent, Events } from '../../../src/events/events.ts';
import { createOutgoing } from '../../../src/http/outgoing.ts';
import { createSelfSigned, type KeyAndCertificate } from '../../../src/net/certificate/self-signed.ts';
import { retryDelayMs } from '../../../src/notify/mns/deliveries.ts';
import { MnsService, type MnsServiceDeps } from '../../../src/notify/mns/mns-service.ts';
import type { NotifyStrategy, QueueAttributes, SubscriptionAttributes } from '../../../src/notify/mns/model.ts';
import { type NewMessage, Queue } from '../../../src/notify/mns/queue.ts';
import { receiveHttp } from '../../support/http-receiver.ts';
import { WatchedClock } from '../../support/watched-clock.ts';

const START_MS = Date.UTC(2026, 0, 1);
let keyPair: KeyAndCertificate;
beforeAll(async () => {
  keyPair = await createSelfSigned({ commonName: 't', hosts: [], notBeforeMs: START_MS, notAfterMs: START_MS });
});

function startService(options: Partial<MnsServiceDeps> = {}): {
  service: MnsService;
  clock: WatchedClock;
  events: Events;
  happened: EmulatorEvent[];
} {
  const clock = new WatchedClock(START_MS);
  const events = new Events();
  const happened: EmulatorEvent[] = [];
  events.subscribe((event) => happened.push(event));
  const service = new MnsService({
    clock,
    events,
    log: silentLog,
    accountId: '1234567890123456',
    privateKeyPem: async () => keyPair.key,
    send: createOutgoing('any'),
    ...options,
  });
  onTestFinished(() => service.stop());
  service.putTopic('t', { maximumMessageSizeBytes: 65_536, loggingEnabled: false });
  return { service, clock, events, happened };
}

function subscribe(service: MnsService, endpoint: string, more: Partial<SubscriptionAttributes> = {}): void {
  service.subscribe({
    topic: 't',
    name: 's',
    endpoint,
    filterTag: undefined,
    strategy: 'BACKOFF_RETRY',
    contentFormat: 'XML',
    serviceUrl: 'http://127.0.0.1:9000',
    ...more,
  });
}

describe('a push', () => {
  it('is XML by default, on the path /notifications', async () => {
    const { service, events } = startService();
    const { url, request } = await receiveHttp();
    subscribe(service, url);
    const delivered = events.waitFor('notification.delivered');
    const { id } = await service.publish('t', { body: 'a < b', tag: 'red' });
    const { method, path, headers, body } = await request(1);
    expect({ method, path }).toEqual({ method: 'POST', path: '/notifications' });
    expect(headers).toMatchObject({
      'content-type': 'text/xml;charset=utf-8',
      'content-md5': Buffer.from(createHash('md5').update(body).digest('hex')).toString('base64'),
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      'x-mns-version': '2015-06-06',
    });
    expect(body).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<Notification xlmns="http://mns.aliyuncs.com/doc/v1/">
  <TopicOwner>1234567890123456</TopicOwner>
  <TopicName>t</TopicName>
  <Subscriber>1234567890123456</Subscriber>
  <SubscriptionName>s</SubscriptionName>
  <MessageId>${id}</MessageId>
  <Message>a &lt; b</Message>
  <MessageMD5>${createHash('md5').update('a < b').digest('hex').toUpperCase()}</MessageMD5>
  <MessageTag>red</MessageTag>
  <PublishTime>${START_MS}</PublishTime>
</Notification>
`);
    expect(await delivered).toMatchObject({ topic: 't', subscription: 's', messageId: id, attempts: 1 });
  });

  it('is JSON with the same names when that is asked for', async () => {
    const { service } = startService();
    const { url, request } = await receiveHttp();
    subscribe(service, `${url}/hook?x=1`, { contentFormat: 'JSON' });
    const { id } = await service.publish('t', { body: 'hi' });
    const { path, headers, body } = await request(1);
    expect(path).toBe('/hook?x=1');
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toMatchObject({ TopicName: 't', MessageId: id, Message: 'hi', PublishTime: START_MS });
  });

  it('is the message alone when simplified, with id and tag in the headers', async () => {
    const { service } = startService();
    const { url, request } = await receiveHttp();
    subscribe(service, `${url}/`, { contentFormat: 'SIMPLIFIED' });
    const { id } = await service.publish('t', { body: 'hi', tag: 'red' });
    const { path, headers, body } = await request(1);
    expect({ path, body }).toEqual({ path: '/', body: 'hi' });
    expect(headers).toMatchObject({ 'x-mns-message-id': id, 'x-mns-message-tag': 'red', 'content-type': 'text/plain' });
  });

  it('is made only for messages of the tag subscribed to', async () => {
    const { service } = startService();
    const { url, request, received } = await receiveHttp();
    subscribe(service, url, { filterTag: 'red', contentFormat: 'SIMPLIFIED' });
    for (const [body, tag] of [
      ['1', 'blue'],
      ['2', undefined],
      ['3', 'red'],
    ] as const)
      service.publish('t', { body, tag });
    expect((await request(1)).body).toBe('3');
    expect(received).toHaveLength(1);
  });
});

/** Advances the clock over the delays between the attempts of a message; resolves before the last attempt is made. */
async function retry(clock: WatchedClock, delaysMs: readonly number[], begin: () => void): Promise<void> {
  for (const [index, delayMs] of delaysMs.entries()) {
    const waiting = clock.timerSet(delayMs);
    if (index === 0) begin();
    await waiting;
    clock.advance(delayMs);
  }
}

describe('a push that fails', () => {
  it('is tried again after a while, on the clock', async () => {
    const { service, clock, events } = startService();
    const { url } = await receiveHttp((response, n) => response.writeHead(n < 3 ? 500 : 204).end());
    subscribe(service, url);
    const delivered = events.waitFor('notification.delivered');
    await retry(clock, [15_000, 15_000], () => service.publish('t', { body: 'hi' }));
    expect(await delivered).toMatchObject({ attempts: 3 });
  });

  it('becomes a dead letter after its tries', async () => {
    const { service, clock, events } = startService();
    const { url, received } = await receiveHttp((response) => response.writeHead(403).end());
    subscribe(service, url);
    const dead = events.waitFor('notification.dead-letter');
    await retry(clock, [15_000, 15_000, 15_000], () => service.publish('t', { body: 'hi' }));
    expect(await dead).toMatchObject({ attempts: 4, reason: 'the subscriber answered 403' });
    expect(received).toHaveLength(4);
  });

  it('is tried for a day with exponential decay', async () => {
    const { service, clock, events } = startService();
    const { url } = await receiveHttp((response, n) => response.writeHead(n < 5 ? 500 : 204).end());
    subscribe(service, url, { strategy: 'EXPONENTIAL_DECAY_RETRY' });
    const delivered = events.waitFor('notification.delivered');
    await retry(clock, [1_000, 2_000, 4_000, 8_000], () => service.publish('t', { body: 'hi' }));
    expect(await delivered).toMatchObject({ attempts: 5 });
  });

  it('counts a subscriber that does not answer within 5 s', async () => {
    const { service, clock, events } = startService();
    const { url, request } = await receiveHttp((response, n) => void (n > 1 && response.writeHead(204).end()));
    subscribe(service, url);
    const delivered = events.waitFor('notification.delivered');
    service.publish('t', { body: 'hi' });
    await request(1);
    const waiting = clock.timerSet(15_000);
    clock.advance(5_000);
    await waiting;
    clock.advance(15_000);
    expect(await delivered).toMatchObject({ attempts: 2 });
  });

  it('is given up at once when there is no room for more', async () => {
    const { service, happened } = startService();
    const { url } = await receiveHttp(() => {});
    subscribe(service, url);
    for (let n = 0; n <= 1_000; n++) service.publish('t', { body: 'hi' });
    expect(happened).toEqual([expect.objectContaining({ type: 'notification.dead-letter', attempts: 0 })]);
    await service.stop();
    expect(happened).toHaveLength(1);
  });

  it('is not tried again after the subscription was deleted', async () => {
    const { service, clock, happened } = startService();
    const { url, received } = await receiveHttp((response) => response.writeHead(500).end());
    subscribe(service, url);
    const waiting = clock.timerSet(15_000);
    service.publish('t', { body: 'hi' });
    await waiting;
    service.unsubscribe('t', 's');
    clock.advance(15_000);
    await service.stop();
    expect([received.length, happened.length]).toEqual([1, 0]);
  });
});

describe('retryDelayMs', () => {
  it('makes a day of 176 tries, or three of 15 s', () => {
    const delaysOf = (strategy: NotifyStrategy) => {
      const delays: number[] = [];
      for (let delayMs = retryDelayMs(strategy, 1); delayMs !== undefined; ) {
        delays.push(delayMs);
        delayMs = retryDelayMs(strategy, delays.length + 1);
      }
      return delays;
    };
    const decay = delaysOf('EXPONENTIAL_DECAY_RETRY');
    expect(decay).toHaveLength(176);
    expect(decay.reduce((sum, delayMs) => sum + delayMs) / 3_600_000).toBeCloseTo(24, 0);
    expect(delaysOf('BACKOFF_RETRY')).toEqual([15_000, 15_000, 15_000]);
  });
});

describe('a subscription of a queue', () => {
  it('puts the message there', async () => {
    const { service } = startService();
    const attributes = { maximumMessageSizeBytes: 65_536, loggingEnabled: false, delaySec: 0 };
    service.putQueue('q', { ...attributes, retentionSec: 3_600, visibilityTimeoutSec: 30, pollingWaitSec: 0 });
    subscribe(service, 'acs:mns:cn-hangzhou:1234567890123456:queues/q', { contentFormat: 'SIMPLIFIED' });
    service.publish('t', { body: 'hi' });
    const received = await service
      .queue('q')
      .receive({ count: 1, peek: false, waitSec: 0 }, new AbortController().signal);
    expect(received.map(({ body }) => body)).toEqual(['hi']);
  });

  it('has it when a message is published, also where the queue takes a while', async () => {
    const answering = new AbortController();
    const makeQueue = (_: string, attributes: QueueAttributes) => {
      const queue = new Queue(attributes, new ManualClock(0));
      const send = async (message: NewMessage) => {
        await once(answering.signal, 'abort');
        return queue.send(message);
      };
      return { attributes, send, receive: queue.receive.bind(queue), delete() {} };
    };
    const { service, happened } = startService({ makeQueue });
    const attributes = { maximumMessageSizeBytes: 65_536, loggingEnabled: false, delaySec: 0 };
    service.putQueue('q', { ...attributes, retentionSec: 3_600, visibilityTimeoutSec: 30, pollingWaitSec: 0 });
    subscribe(service, 'acs:mns:cn-hangzhou:1234567890123456:queues/q');
    let isPublished = false;
    const published = service.publish('t', { body: 'hi' }).then(() => {
      isPublished = true;
    });
    await turnOfTheLoop();
    expect([isPublished, happened]).toEqual([false, []]);
    answering.abort();
    await published;
    expect(happened).toMatchObject([{ type: 'notification.delivered' }]);
  });

  it('gets a dead letter when it is delivered again, unless the subscription is gone', async () => {
    const { service } = startService();
    subscribe(service, 'acs:mns:cn-hangzhou:1234567890123456:queues/q', { contentFormat: 'SIMPLIFIED' });
    const { id: messageId } = await service.publish('t', { body: 'hi' });
    const attributes = { maximumMessageSizeBytes: 65_536, loggingEnabled: false, delaySec: 0 };
    service.putQueue('q', { ...attributes, retentionSec: 3_600, visibilityTimeoutSec: 30, pollingWaitSec: 0 });
    const [letter] = service.deadLetters;
    expect(letter).toMatchObject({ message: { id: messageId }, reason: expect.stringContaining('no queue behind') });
    expect(service.redeliver(letter?.id ?? '')).toBe(letter);
    const received = await service
      .queue('q')
      .receive({ count: 1, peek: false, waitSec: 0 }, new AbortController().signal);
    expect(received.map(({ body }) => body)).toEqual(['hi']);
    expect(service.redeliver('none')).toBeUndefined();
    service.unsubscribe('t', 's');
    expect(() => service.redeliver(letter?.id ?? '')).toThrow('is not exist');
    service.clear();
    expect(service.deadLetters).toEqual([]);
  });

  it('has a dead letter for every message while there is no such queue', () => {
    const { service, happened } = startService();
    subscribe(service, 'acs:mns:cn-hangzhou:1234567890123456:queues/q');
    service.publish('t', { body: 'hi' });
    expect(happened).toEqual([expect.objectContaining({ type: 'notification.dead-letter' })]);
  });
});
