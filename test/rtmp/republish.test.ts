/** A connection publishes again (RTMP 1.0, clause 7.2.1: a NetConnection has several NetStreams). */
import { describe, expect, it } from 'vitest';
import { encodeChunks } from '../../src/rtmp/chunks.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';
import type { Publisher } from '../../src/rtmp/publish.ts';
import { Conversation, OPENING, RecordingHandler, say, settle } from './support.ts';

const { setupMs, idleMs } = DEFAULT_RTMP_LIMITS;
const UNPUBLISH = say('FCUnpublish', 5, [null, 'channel']);
const DELETE_STREAM = say('deleteStream', 6, [null, 1]);
const REFUSAL = { code: 'NetStream.Publish.Denied', description: 'no' };

const publish = (messageStreamId: number, name = 'channel') => say('publish', 8, [null, name, 'live'], messageStreamId);

function frame(messageStreamId: number, mark = 0): Buffer {
  const payload = Buffer.of(0x27, mark);
  return encodeChunks({ chunkStreamId: 4, typeId: MESSAGE_TYPE.video, messageStreamId, timestampMs: 0, payload }, 128);
}

async function live(handler = new RecordingHandler()): Promise<Conversation> {
  const conversation = new Conversation(handler);
  await conversation.send(...OPENING);
  return conversation;
}

const marksOf = ({ messages }: RecordingHandler) => messages.map(({ payload }) => payload[1]);

describe('a connection', () => {
  it.each<[string, readonly Buffer[]]>([
    ['FCUnpublish', [UNPUBLISH]],
    ['FCUnpublish and deleteStream', [UNPUBLISH, DELETE_STREAM]],
    ['deleteStream', [DELETE_STREAM]],
    ['closeStream', [say('closeStream', 0, [null], 1)]],
    ['closeStream and deleteStream', [say('closeStream', 0, [null], 1), DELETE_STREAM]],
  ])('publishes again after %s, each time with an end of its own', async (_, pieces) => {
    const conversation = await live();
    await conversation.send(frame(1, 1), Buffer.concat([...pieces, frame(1, 2)]));
    await conversation.send(say('createStream', 7, [null]), publish(2, 'other'), frame(2, 3));
    await conversation.send(...pieces, say('closeStream', 0, [null], 2));
    const { publishes, ends, closings } = conversation.handler;
    expect(publishes.map(({ streamName }) => streamName)).toEqual(['channel?a=1', 'other']);
    expect(marksOf(conversation.handler)).toEqual([1, 3]);
    expect(ends).toEqual([{ cause: 'unpublished' }, { cause: 'unpublished' }]);
    expect(closings).toEqual([]);
    expect(
      conversation.commands().filter(({ name, transactionId }) => name === '_result' && transactionId === 7),
    ).toEqual([expect.objectContaining({ args: [2] })]);
  });

  it.each([
    ['other', false],
    ['live/other?a=1', false],
    ['live/channel', true],
    ['channel?b=2', true],
    ['', true],
  ])('ends its push after FCUnpublish of %j: %s', async (name, isEnded) => {
    const conversation = await live();
    await conversation.send(say('FCUnpublish', 5, [null, name]), frame(1, 1));
    expect(conversation.handler.ends).toHaveLength(isEnded ? 1 : 0);
    expect(marksOf(conversation.handler)).toEqual(isEnded ? [] : [1]);
  });

  it('publishes again on the same message stream', async () => {
    const conversation = await live();
    await conversation.send(UNPUBLISH, publish(1), frame(1, 7));
    expect(conversation.handler.publishes).toHaveLength(2);
    expect(marksOf(conversation.handler)).toEqual([7]);
  });

  it('publishes a hundred times', async () => {
    const conversation = await live();
    for (let round = 2; round <= 100; round++) {
      await conversation.send(UNPUBLISH, say('createStream', 7, [null]), publish(round), frame(round));
    }
    const { publishes, ends, messages } = conversation.handler;
    expect([publishes.length, ends.length, messages.length]).toEqual([100, 99, 99]);
  });

  it('asks for the next push only when the one before is stored, and reads nothing until then', async () => {
    const handler = new RecordingHandler();
    let stored: () => void = () => {};
    handler.store = () => new Promise((resolve) => (stored = resolve));
    const conversation = await live(handler);
    await conversation.send(Buffer.concat([UNPUBLISH, publish(1), frame(1, 1)]), frame(1, 2));
    expect([handler.publishes.length, handler.messages.length]).toEqual([1, 0]);
    stored();
    await settle();
    expect(handler.publishes).toHaveLength(2);
    expect(marksOf(handler)).toEqual([1, 2]);
  });

  it('does not ask when the peer has left before the push was stored', async () => {
    const handler = new RecordingHandler();
    let stored: () => void = () => {};
    handler.store = () => new Promise((resolve) => (stored = resolve));
    const conversation = await live(handler);
    await conversation.send(UNPUBLISH, publish(1));
    conversation.socket.destroy();
    await settle();
    stored();
    await settle();
    expect(handler.publishes).toHaveLength(1);
    expect(handler.ends).toEqual([{ cause: 'unpublished' }]);
    expect(handler.closings).toMatchObject([{ isUsual: true }]);
  });

  it('is not blamed for the time that storing takes', async () => {
    const handler = new RecordingHandler();
    let stored: () => void = () => {};
    handler.store = () => new Promise((resolve) => (stored = resolve));
    const conversation = await live(handler);
    await conversation.send(UNPUBLISH, publish(1));
    conversation.clock.advance(2 * setupMs);
    expect(conversation.socket.destroyed).toBe(false);
    stored();
    await settle();
    expect(handler.publishes).toHaveLength(2);
  });

  it('gets a refusal that it can read, however long the name in it is', async () => {
    const handler = new RecordingHandler();
    const refusal = { code: 'NetStream.Publish.Denied', description: 'x'.repeat(100_000) };
    handler.decide = async () => ({ accepted: false, code: refusal.code, description: refusal.description });
    const conversation = await live(handler);
    const [answer] = conversation.commands().filter(({ name }) => name === 'onStatus');
    expect(answer?.args).toMatchObject([{ code: refusal.code, description: 'x'.repeat(2_000) }]);
  });

  it('is given up when nothing is published again, whatever it sends', async () => {
    const conversation = await live();
    conversation.clock.advance(setupMs);
    await conversation.send(frame(1), UNPUBLISH);
    for (let elapsedMs = 0; elapsedMs < setupMs; elapsedMs += 1_000) {
      expect(conversation.socket.destroyed).toBe(false);
      await conversation.send(frame(1));
      conversation.clock.advance(1_000);
    }
    expect(conversation.socket.destroyed).toBe(true);
    expect(conversation.handler.closings).toMatchObject([{ detail: `no accepted publish within ${setupMs} ms` }]);
  });

  it('has its idle time again in the next push, and no other', async () => {
    const conversation = await live();
    conversation.clock.advance(idleMs - 1_000);
    await conversation.send(UNPUBLISH, publish(1));
    for (let round = 0; round < 3; round++) {
      conversation.clock.advance(idleMs - 1);
      await conversation.send(frame(1));
    }
    expect(conversation.handler.closings).toEqual([]);
    conversation.clock.advance(idleMs + idleMs / 10);
    expect(conversation.handler.ends).toMatchObject([{ cause: 'unpublished' }, { cause: 'idle' }]);
  });

  it('is closed with a refusal of its next publish', async () => {
    const handler = new RecordingHandler();
    const conversation = await live(handler);
    handler.decide = async () => ({ accepted: false, ...REFUSAL });
    await conversation.send(UNPUBLISH, publish(2));
    expect(conversation.codes().at(-1)).toBe(REFUSAL.code);
    expect(conversation.commands().at(-1)?.messageStreamId).toBe(2);
    expect(conversation.socket.writableEnded).toBe(true);
    expect(handler.rejections).toEqual([`${REFUSAL.code}: ${REFUSAL.description}`]);
  });

  it('is closed with broken framing after its push, with the reason', async () => {
    const conversation = await live();
    await conversation.send(UNPUBLISH, Buffer.of(0xc9));
    expect(conversation.handler.rejections).toEqual([expect.stringContaining('chunk of type 3')]);
    expect(conversation.handler.ends).toHaveLength(1);
  });
});

describe('the peer of a push that has ended', () => {
  it('can do nothing to the next one', async () => {
    const handler = new RecordingHandler();
    const conversation = await live(handler);
    const first: Publisher | undefined = handler.publisher;
    await conversation.send(UNPUBLISH, publish(1));
    const second = handler.publisher;
    first?.pause();
    first?.freeze();
    first?.close(REFUSAL);
    first?.reset();
    await conversation.send(frame(1, 1));
    expect(marksOf(handler)).toEqual([1]);
    second?.pause();
    first?.resume();
    await conversation.send(frame(1, 2));
    expect(marksOf(handler)).toEqual([1]);
    second?.resume();
    await settle();
    expect(marksOf(handler)).toEqual([1, 2]);
  });

  it('leaves the next one no pause of its own', async () => {
    const handler = new RecordingHandler();
    const conversation = await live(handler);
    handler.onMessage = () => handler.publisher?.pause();
    await conversation.send(frame(1, 1));
    handler.onMessage = () => {};
    handler.publisher?.resume();
    await conversation.send(UNPUBLISH, publish(1), frame(1, 2));
    expect(marksOf(handler)).toEqual([1, 2]);
  });
});

describe('a second message stream', () => {
  it('is refused while one publishes, and its media does not reach the first', async () => {
    const conversation = await live();
    await conversation.send(say('createStream', 7, [null]), publish(2), frame(2, 2), frame(1, 1));
    expect(conversation.commands().at(-1)).toMatchObject({
      messageStreamId: 2,
      args: [{ level: 'error', code: 'NetStream.Publish.BadName' }],
    });
    expect(conversation.handler.skips).toMatchObject([
      { what: 'a second publish', why: 'Already publishing on this connection' },
    ]);
    expect(marksOf(conversation.handler)).toEqual([1]);
    await conversation.send(
      say('deleteStream', 8, [null, 2]),
      frame(1, 3),
      UNPUBLISH,
      publish(2),
      frame(2, 4),
      frame(1, 5),
    );
    expect(marksOf(conversation.handler)).toEqual([1, 3, 4]);
  });

  it.each([
    ['0, with media on 1', 0, 1],
    ['0', 0, 0],
    ['1, with media on 0', 1, 0],
    ['5, never created', 5, 5],
  ])('may have any number when it is the only one: %s', async (_, publishingId, mediaId) => {
    const conversation = new Conversation();
    await conversation.send(...OPENING.slice(0, 2), publish(publishingId), frame(mediaId, 1));
    expect(marksOf(conversation.handler)).toEqual([1]);
  });
});
