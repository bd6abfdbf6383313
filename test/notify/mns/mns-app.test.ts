/** The MNS subset on the port of an emulator, by the Node SDK where it has the operation, else by signed requests. */

import MnsClient from '@alicloud/mns';
import { describe, expect, it } from 'vitest';
import { startTestEmulator } from '../../support/emulator.ts';
import { receiveHttp } from '../../support/http-receiver.ts';
import { isSignedByCertificate } from './signed-push.ts';
import { signedRequest, subscription } from './signed-request.ts';

async function start() {
  const { endpoint, emulator, client } = await startTestEmulator();
  const mns = new MnsClient('1234567890123456', {
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    endpoint,
  });
  return { endpoint, emulator, oss: client, mns, request: signedRequest(endpoint) };
}

describe('topics', () => {
  it('are created once, and again when nothing differs', async () => {
    const { mns, endpoint } = await start();
    expect(await mns.createTopic('t', { MaximumMessageSize: 1024 })).toMatchObject({
      code: 201,
      headers: { location: `${endpoint}/topics/t` },
    });
    expect((await mns.createTopic('t', { MaximumMessageSize: 1024 })).code).toBe(204);
    await expect(mns.createTopic('t', {})).rejects.toThrow('already exists');
  });

  it('push what is published, signed with the certificate the header names', async () => {
    const { mns, request, emulator, endpoint } = await start();
    const subscriber = await receiveHttp();
    await mns.createTopic('t');
    const made = await request('PUT', '/topics/t/subscriptions/s', subscription(`${subscriber.url}/hook`));
    expect([made.status, made.headers.get('location')]).toEqual([201, `${endpoint}/topics/t/subscriptions/s`]);
    expect((await request('PUT', '/topics/t/subscriptions/s', subscription(`${subscriber.url}/hook`))).status).toBe(
      204,
    );
    const delivered = emulator.events.waitFor('notification.delivered');

    const { code, body } = await mns.publishMessage('t', { MessageBody: 'aGk=', MessageTag: 'red' });
    expect(code).toBe(201);
    const push = await subscriber.request(1);
    expect(await isSignedByCertificate(push)).toBe(true);
    expect(await isSignedByCertificate({ ...push, path: '/other' })).toBe(false);
    expect(push.body).toContain(`<MessageId>${body?.MessageId}</MessageId>`);
    expect(push.body).toContain(`<MessageMD5>${body?.MessageBodyMD5}</MessageMD5>`);
    expect((await delivered).messageId).toBe(body?.MessageId);
  });

  it('are deleted, and their subscriptions', async () => {
    const { mns, request } = await start();
    await mns.createTopic('t');
    await request('PUT', '/topics/t/subscriptions/s', subscription('http://127.0.0.1:9'));
    expect((await request('DELETE', '/topics/t/subscriptions/s')).status).toBe(204);
    expect((await request('DELETE', '/topics/t/subscriptions/s')).text).toContain('SubscriptionNotExist');
    expect((await request('DELETE', '/topics/t')).status).toBe(204);
    await expect(mns.publishMessage('t', { MessageBody: 'x' })).rejects.toMatchObject({
      name: 'MNSTopicNotExistError',
    });
  });
});

describe('a reset', () => {
  it('forgets topics and queues', async () => {
    const { mns, request, emulator } = await start();
    await mns.createTopic('t');
    await request('PUT', '/queues/q', '');
    await emulator.control.reset();
    await expect(mns.publishMessage('t', { MessageBody: 'x' })).rejects.toMatchObject({
      name: 'MNSTopicNotExistError',
    });
    expect((await request('GET', '/queues/q/messages')).text).toContain('QueueNotExist');
  });
});

describe('queues', () => {
  it('carry a message from sending to deleting', async () => {
    const { mns } = await start();
    expect((await mns.createQueue('q', { VisibilityTimeout: 60 })).code).toBe(201);
    const sent = await mns.sendMessage('q', { MessageBody: 'hi', Priority: 1 });
    expect((await mns.peekMessage('q')).body).toMatchObject({ MessageBody: 'hi', DequeueCount: '0' });
    const { body } = await mns.receiveMessage('q', 5);
    expect(body).toMatchObject({
      MessageId: sent.body?.MessageId,
      MessageBody: 'hi',
      DequeueCount: '1',
      Priority: '1',
    });
    expect(Number(body?.NextVisibleTime) - Number(body?.FirstDequeueTime)).toBe(60_000);
    expect((await mns.deleteMessage('q', body?.ReceiptHandle ?? '')).code).toBe(204);
    await expect(mns.receiveMessage('q')).rejects.toMatchObject({ name: 'MNSMessageNotExistError' });
  });

  it('hand out several at once', async () => {
    const { mns } = await start();
    await mns.createQueue('q');
    for (const MessageBody of ['a', 'b', 'c']) await mns.sendMessage('q', { MessageBody });
    const { body } = await mns.batchReceiveMessage('q', 2);
    expect(body?.map(({ MessageBody }) => MessageBody)).toEqual(['a', 'b']);
  });

  it('let a receiver wait', async () => {
    const { mns } = await start();
    await mns.createQueue('q');
    const waiting = mns.receiveMessage('q', 20);
    await mns.sendMessage('q', { MessageBody: 'late' });
    expect((await waiting).body?.MessageBody).toBe('late');
  });

  it('get what is published to a topic they subscribe to', async () => {
    const { mns, request } = await start();
    await mns.createQueue('q');
    await mns.createTopic('t');
    const format = '<NotifyContentFormat>SIMPLIFIED</NotifyContentFormat>';
    await request('PUT', '/topics/t/subscriptions/s', subscription('acs:mns:cn-hangzhou:1:queues/q', format));
    await mns.publishMessage('t', { MessageBody: 'hi' });
    expect((await mns.receiveMessage('q', 5)).body?.MessageBody).toBe('hi');
  });
});

describe('refusals', () => {
  it('say what is wrong in the words and shape of MNS', async () => {
    const { endpoint } = await start();
    const { status, headers, text } = await signedRequest(endpoint, 'wrong')('PUT', '/topics/t', '');
    expect(status).toBe(403);
    expect(headers.get('content-type')).toBe('text/xml;charset=utf-8');
    expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<Error xmlns="http://mns.aliyuncs.com/doc/v1/">
  <Code>SignatureDoesNotMatch</Code>
  <Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message>
  <RequestId>${headers.get('x-mns-request-id')}</RequestId>
  <HostId>${endpoint.replace('http://', '')}</HostId>
</Error>
`);
  });

  it.each([
    ['PUT', '/topics/1t', '', 'InvalidTopicName'],
    ['PUT', '/queues/a_b', '', 'InvalidQueueName'],
    ['PUT', '/queues/q', '<Queue><VisibilityTimeout>0</VisibilityTimeout></Queue>', 'InvalidArgument'],
    ['PUT', '/queues/q', '<Topic/>', 'MalformedXML'],
    ['PUT', '/queues/q', '<Queue>', 'MalformedXML'],
    ['PUT', '/topics/t/subscriptions/s', subscription('http://127.0.0.1:9'), 'TopicNotExist'],
    ['PUT', '/topics/t/subscriptions/s', subscription('mail:directmail:a@example.test'), 'InvalidArgument'],
    ['POST', '/queues/q/messages', '<Message><MessageBody>a</MessageBody></Message>', 'QueueNotExist'],
    ['POST', '/topics/t/messages', '<Message/>', 'InvalidArgument'],
    ['DELETE', '/queues/q/messages', '', 'MissingReceiptHandle'],
    ['PUT', '/queues', '', 'InvalidRequestURL'],
    ['PUT', '/queues/q/messages/m', '', 'InvalidRequestURL'],
    ['GET', '/topics/t', '', 'InvalidRequestURL'],
  ])('%s %s %s -> %s', async (method, target, document, code) => {
    const { request } = await start();
    expect((await request(method, target, document)).text).toContain(`<Code>${code}</Code>`);
  });

  it('are not for who cannot sign when signatures are off', async () => {
    const { endpoint } = await startTestEmulator({ auth: 'off' });
    const unsigned = { method: 'PUT', headers: { 'x-mns-version': '2015-06-06' } };
    expect((await fetch(`${endpoint}/topics/t`, unsigned)).status).toBe(201);
  });

  it('leave OSS requests for the same paths to OSS', async () => {
    const { oss } = await start();
    await oss.put('topics/t', Buffer.from('an object'));
    expect((await oss.get('topics/t')).content.toString()).toBe('an object');
  });
});
