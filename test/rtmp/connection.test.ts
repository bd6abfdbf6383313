import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { readFlvTags } from '../../src/media/flv/file.ts';
import { socketAddresses } from '../../src/net/socket-addresses.ts';
import { encodeChunks } from '../../src/rtmp/chunks.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { RtmpConnection } from '../../src/rtmp/connection.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';
import { MESSAGE_TYPE, setChunkSize, userControl } from '../../src/rtmp/messages.ts';
import type { PublishDecision } from '../../src/rtmp/publish.ts';
import {
  CLIENT_HANDSHAKE,
  CONNECT,
  Conversation,
  CREATE_STREAM,
  listen,
  media,
  OPENING,
  PUBLISH,
  RecordingHandler,
  readFixture,
  say,
  settle,
} from './support.ts';

const FRAME = media(MESSAGE_TYPE.video, 40, Buffer.from('1701000000ff', 'hex'));
const REFUSAL = { code: 'NetStream.Publish.Denied', description: 'NoSuchLiveChannel 0026-00000021' };

async function live(handler = new RecordingHandler(), limits = {}): Promise<Conversation> {
  const conversation = new Conversation(handler, limits);
  await conversation.send(...OPENING);
  expect(conversation.codes()).toContain('NetStream.Publish.Start');
  return conversation;
}

describe('publishing', () => {
  it('answers a recorded ffmpeg 5.1 byte by byte and hands over every tag it sent', async () => {
    const conversation = new Conversation();
    await conversation.send(readFixture('ffmpeg-5.1-publish.bin'));
    const written = conversation.socket.written;
    // S0, the zero fields of S1, then after its random bytes S2 as an echo of C1.
    expect(written.subarray(0, 9).toString('hex')).toBe('030000000000000000');
    expect(written.subarray(1537, 3073)).toEqual(readFixture('ffmpeg-5.1-publish.bin').subarray(1, 1537));
    expect(written.subarray(3073).toString('latin1')).toBe(readFixture('answers-to-ffmpeg-5.1.bin').toString('latin1'));

    expect(conversation.handler.connects).toMatchObject([
      { app: 'live', flashVer: 'FMLE/3.0 (compatible; Lavf59.27.100)', remoteAddr: '192.0.2.1:50000' },
    ]);
    expect(conversation.handler.publishes[0]?.streamName).toBe(
      'test-channel?OSSAccessKeyId=emulator-ak&Expires=1735689600&Signature=bUcKiUYpixiMRtnrT5i8BIy3OG0%3D',
    );
    const tags = [...readFlvTags(readFixture('clip.flv'))].filter((tag) => tag.kind !== 'data');
    expect(conversation.handler.messages.filter((message) => message.kind !== 'data')).toEqual(tags);
    expect(conversation.handler.ends).toEqual([{ cause: 'unpublished' }]);
    expect(conversation.handler.rejections).toEqual([]);
  });

  it('takes the same conversation byte by byte', async () => {
    const bytes = readFixture('ffmpeg-5.1-publish.bin');
    const conversation = new Conversation();
    await conversation.send(...Array.from(bytes, (byte) => Buffer.of(byte)));
    const whole = new Conversation();
    await whole.send(bytes);
    expect(conversation.handler.messages).toEqual(whole.handler.messages);
    expect(conversation.answers()).toEqual(whole.answers());
  });

  it('announces its chunk size before the answer to connect', async () => {
    const conversation = new Conversation();
    await conversation.send(CLIENT_HANDSHAKE, CONNECT);
    expect(conversation.answers().map((message) => [message.typeId, message.payload.readUInt32BE(0)])).toEqual([
      [MESSAGE_TYPE.windowAcknowledgementSize, 5_000_000],
      [MESSAGE_TYPE.setPeerBandwidth, 5_000_000],
      [MESSAGE_TYPE.setChunkSize, 65_536],
      [MESSAGE_TYPE.commandAmf0, 0x0200075f],
    ]);
  });

  it('lists the FourCCs it shares with a peer that lists its own, and only then', async () => {
    const fourCcs = async (fourCcList?: readonly string[]) => {
      const conversation = new Conversation();
      await conversation.send(
        CLIENT_HANDSHAKE,
        say('connect', 1, [{ app: 'live', ...(fourCcList && { fourCcList }) }]),
      );
      return Object(conversation.commands()[0]?.object).fourCcList;
    };
    expect(await fourCcs(['hvc1', 'xxxx', 'av01'])).toEqual(['hvc1', 'av01']);
    expect(await fourCcs(['*'])).toContain('vp09');
    expect(await fourCcs()).toBeUndefined();
  });

  it('answers FMLE commands the FMLE way, and Start only once', async () => {
    const conversation = new Conversation();
    await conversation.send(
      CLIENT_HANDSHAKE,
      CONNECT,
      say('releaseStream', 2, [null, 'channel']),
      say('FCPublish', 3, [null, 'channel']),
      say('_checkbw', 4, [null]),
      say('getStreamLength', 5, [null, 'channel']),
      say('noSuchCommand', 6, [null]),
      say('createStream', 7, [null]),
      PUBLISH,
      say('FCUnpublish', 8, [null, 'channel']),
      say('deleteStream', 9, [null, 1]),
    );
    expect(
      conversation.commands().map(({ name, transactionId, args }) => [name, transactionId, args[0]]),
    ).toMatchObject([
      ['_result', 1, { code: 'NetConnection.Connect.Success' }],
      ['_result', 2, undefined],
      ['_result', 3, undefined],
      ['_result', 4, undefined],
      ['_result', 5, undefined],
      ['_result', 7, 1],
      ['onFCPublish', 0, { code: 'NetStream.Publish.Start' }],
      ['onStatus', 0, { code: 'NetStream.Publish.Start', level: 'status' }],
      ['_result', 8, undefined],
      ['onFCUnpublish', 0, { code: 'NetStream.Unpublish.Success' }],
      ['onStatus', 0, { code: 'NetStream.Unpublish.Success' }],
    ]);
    expect(conversation.handler.ends).toEqual([{ cause: 'unpublished' }]);
  });

  it('understands commands and data of the AMF 3 message types', async () => {
    const asAmf3 = (bytes: Buffer, typeId: number) => {
      const payload = Buffer.concat([Buffer.of(0), bytes.subarray(12)]);
      return encodeChunks({ chunkStreamId: 3, typeId, messageStreamId: 0, timestampMs: 0, payload }, 65_536);
    };
    const handler = new RecordingHandler();
    const conversation = new Conversation(handler);
    const data = media(MESSAGE_TYPE.dataAmf0, 0, Buffer.from('05', 'hex'));
    await conversation.send(
      ...OPENING.slice(0, 2),
      asAmf3(CREATE_STREAM, MESSAGE_TYPE.commandAmf3),
      PUBLISH,
      asAmf3(data, MESSAGE_TYPE.dataAmf3),
    );
    expect(handler.messages).toEqual([{ kind: 'data', timestampMs: 0, payload: Buffer.of(5) }]);
  });

  it('takes aggregates apart', async () => {
    const conversation = await live();
    const tag = '08 000001 0003e8 00 000000 aa 0000000c 09 000001 0003fc 00 000000 bb 0000000c';
    await conversation.send(media(MESSAGE_TYPE.aggregate, 5_000, Buffer.from(tag.replaceAll(' ', ''), 'hex')));
    expect(conversation.handler.messages).toEqual([
      { kind: 'audio', timestampMs: 5_000, payload: Buffer.of(0xaa) },
      { kind: 'video', timestampMs: 5_020, payload: Buffer.of(0xbb) },
    ]);
  });

  it('takes an aggregate of half a million empty tags apart as they are asked for', async () => {
    const handler = new RecordingHandler();
    handler.onMessage = () => handler.publisher?.pause();
    const conversation = await live(handler);
    await conversation.send(media(MESSAGE_TYPE.aggregate, 0, Buffer.alloc(7_500_000, `08${'00'.repeat(14)}`, 'hex')));
    expect(handler.messages).toHaveLength(1);
    handler.onMessage = () => {};
    handler.publisher?.resume();
    await settle();
    expect(handler.messages).toHaveLength(500_000);
  });

  it('answers pings and acknowledges what it received', async () => {
    const conversation = await live();
    const window = encodeChunks(
      { chunkStreamId: 2, typeId: 5, messageStreamId: 0, timestampMs: 0, payload: Buffer.from('00000400', 'hex') },
      128,
    );
    await conversation.send(encodeChunks(userControl(6, 0x01020304), 128), window);
    await conversation.send(media(MESSAGE_TYPE.audio, 0, Buffer.alloc(1_024)));
    const received = [...OPENING, encodeChunks(userControl(6, 0), 128), window, media(8, 0, Buffer.alloc(1_024))];
    const receivedBytes = Buffer.concat(received).length;
    const [pong, ack] = conversation.answers().slice(-2);
    expect(pong?.payload.toString('hex')).toBe('000701020304');
    expect([ack?.typeId, ack?.payload.readUInt32BE(0)]).toEqual([MESSAGE_TYPE.acknowledgement, receivedBytes]);
  });

  it('acknowledges nothing to a peer that set no window, which may have closed its end when it has sent all', async () => {
    const conversation = await live();
    const before = conversation.answers().length;
    const message = media(MESSAGE_TYPE.audio, 0, Buffer.alloc(1_000_000));
    for (let sent = 0; sent < 12; sent++) await conversation.send(message);
    expect(conversation.handler.messages).toHaveLength(12);
    expect(conversation.answers()).toHaveLength(before);
  });

  it('refuses a second publish on the connection and goes on with the first', async () => {
    const conversation = await live();
    await conversation.send(say('publish', 4, [null, 'other'], 2), FRAME);
    expect(conversation.codes().at(-1)).toBe('NetStream.Publish.BadName');
    expect(conversation.handler.publishes).toHaveLength(1);
    expect(conversation.handler.messages).toHaveLength(1);
    expect(conversation.handler.ends).toEqual([]);
  });
});

describe('the decision about a publish', () => {
  it('keeps what was sent too early until it is made', async () => {
    const handler = new RecordingHandler();
    let accept: (decision: PublishDecision) => void = () => {};
    handler.decide = () => new Promise((resolve) => (accept = resolve));
    const conversation = new Conversation(handler);
    await conversation.send(Buffer.concat([...OPENING, FRAME]), FRAME);
    expect(conversation.codes()).not.toContain('NetStream.Publish.Start');
    expect(handler.messages).toEqual([]);
    accept(handler.accept());
    await settle();
    expect(conversation.codes()).toEqual(['NetStream.Publish.Start']);
    expect(handler.messages).toHaveLength(2);
  });

  it('sends a refusal instead of Start, lets the peer read it, then closes', async () => {
    const handler = new RecordingHandler();
    handler.decide = async () => ({ accepted: false, ...REFUSAL });
    const conversation = new Conversation(handler);
    await conversation.send(...OPENING, FRAME);
    expect(conversation.codes()).toEqual(['NetStream.Publish.Denied']);
    expect(conversation.commands().at(-1)).toMatchObject({
      messageStreamId: 1,
      args: [{ level: 'error', ...REFUSAL }],
    });
    expect(handler.rejections).toEqual([`${REFUSAL.code}: ${REFUSAL.description}`]);
    expect([conversation.socket.writableEnded, conversation.socket.destroyed]).toEqual([true, false]);
    conversation.clock.advance(DEFAULT_RTMP_LIMITS.lingerMs);
    expect(conversation.socket.destroyed).toBe(true);
    expect(handler.messages).toEqual([]);
  });

  it('answers a refused connect with _error', async () => {
    const handler = new RecordingHandler();
    handler.connectRefusal = { code: 'NetConnection.Connect.Rejected', description: 'the app is not live' };
    const conversation = new Conversation(handler);
    await conversation.send(...OPENING);
    expect(conversation.commands()).toMatchObject([
      { name: '_error', transactionId: 1, args: [handler.connectRefusal] },
    ]);
    expect(handler.rejections).toEqual(['NetConnection.Connect.Rejected: the app is not live']);
    expect(handler.publishes).toEqual([]);
  });

  it('refuses players', async () => {
    const conversation = new Conversation();
    await conversation.send(CLIENT_HANDSHAKE, CONNECT, CREATE_STREAM, say('play', 0, [null, 'channel'], 1));
    expect(conversation.codes()).toEqual(['NetStream.Play.Failed']);
    expect(conversation.handler.rejections).toHaveLength(1);
  });

  it('says a refusal again in words that librtmp shows the description of', async () => {
    const handler = new RecordingHandler();
    const refusal = { code: 'NetStream.Publish.Unauthorized', description: 'SignatureDoesNotMatch' };
    handler.decide = async () => ({ accepted: false, ...refusal });
    const conversation = new Conversation(handler);
    await conversation.send(...OPENING);
    const said = conversation.commands().flatMap(({ name, args: [status] }) => (name === 'onStatus' ? [status] : []));
    expect(said).toMatchObject([refusal, { ...refusal, code: 'NetStream.Publish.Denied' }]);
    expect(handler.rejections).toEqual(['NetStream.Publish.Unauthorized: SignatureDoesNotMatch']);
  });

  it('turns a handler that fails into a refusal and reports its stack', async () => {
    const handler = new RecordingHandler();
    handler.decide = () => Promise.reject(new Error('the disk is on fire'));
    const conversation = new Conversation(handler);
    await conversation.send(...OPENING);
    expect(conversation.codes()).toEqual(['NetStream.Publish.Failed', 'NetStream.Publish.Denied']);
    expect(handler.rejections).toEqual([
      expect.stringMatching(/^the publish handler failed: Error: the disk is on fire\n +at /),
    ]);
  });

  it('tells the sink when the peer left before it was accepted', async () => {
    const handler = new RecordingHandler();
    let accept: (decision: PublishDecision) => void = () => {};
    handler.decide = () => new Promise((resolve) => (accept = resolve));
    const conversation = new Conversation(handler);
    await conversation.send(...OPENING);
    conversation.clock.advance(DEFAULT_RTMP_LIMITS.setupMs);
    expect([handler.rejections, handler.ends]).toEqual([[], []]);
    accept(handler.accept());
    await settle();
    expect(handler.ends).toMatchObject([{ cause: 'idle' }]);
    expect(handler.rejections).toEqual([]);
  });
});

describe('the end of a push', () => {
  it.each([
    ['FCUnpublish', say('FCUnpublish', 5, [null, 'channel'])],
    ['closeStream', say('closeStream', 0, [null], 1)],
    ['deleteStream', say('deleteStream', 6, [null, 1])],
  ])('comes with %s, once', async (_, bytes) => {
    const conversation = await live();
    await conversation.send(FRAME, bytes, FRAME, bytes);
    expect(conversation.handler.ends).toEqual([{ cause: 'unpublished' }]);
    expect(conversation.handler.messages).toHaveLength(1);
    expect(conversation.codes().slice(1)).toContain('NetStream.Unpublish.Success');
    conversation.socket.push(null);
    await settle();
    expect(conversation.handler.ends).toHaveLength(1);
    expect(conversation.handler.closings).toMatchObject([{ isUsual: true }]);
    expect(conversation.socket.destroyed).toBe(true);
  });

  it.each([
    ['deleteStream', say('deleteStream', 6, [null, 2], 1)],
    ['deleteStream without an id', say('deleteStream', 6, [null], 1)],
    ['deleteStream with a string', say('deleteStream', 6, [null, '1'], 1)],
    ['closeStream', say('closeStream', 0, [null], 2)],
  ])('does not come with %s for another stream', async (_, bytes) => {
    const conversation = await live();
    await conversation.send(bytes, FRAME);
    expect(conversation.handler.messages).toHaveLength(1);
    expect(conversation.handler.ends).toEqual([]);
  });

  it('comes with a FIN, after the last message', async () => {
    const conversation = await live();
    conversation.socket.push(FRAME);
    conversation.socket.push(null);
    await settle();
    expect(conversation.handler.messages).toHaveLength(1);
    expect(conversation.handler.ends).toEqual([{ cause: 'disconnected', detail: 'the peer closed the connection' }]);
  });

  it('comes with a reset', async () => {
    const conversation = await live();
    conversation.socket.destroy(new Error('read ECONNRESET'));
    await settle();
    expect(conversation.handler.ends).toEqual([{ cause: 'disconnected', detail: 'read ECONNRESET' }]);
  });

  it('comes when nothing arrived for the idle time, and not before', async () => {
    const conversation = await live();
    for (let second = 0; second < 60; second += 9) {
      conversation.clock.advance(9_000);
      await conversation.send(FRAME);
    }
    expect(conversation.handler.ends).toEqual([]);
    conversation.clock.advance(9_999);
    expect(conversation.handler.ends).toEqual([]);
    conversation.clock.advance(1_001);
    expect(conversation.handler.ends).toEqual([{ cause: 'idle', detail: 'nothing received for 10000 ms' }]);
    expect(conversation.socket.destroyed).toBe(true);
  });

  it('comes with a broken protocol, with the reason', async () => {
    const conversation = await live();
    await conversation.send(FRAME, Buffer.from('04000000ffffff0901000000', 'hex'));
    expect(conversation.handler.messages).toHaveLength(1);
    expect(conversation.handler.ends).toEqual([
      { cause: 'protocol-error', detail: 'message of 16777215 bytes exceeds 8388608' },
    ]);
  });

  it('comes when the server closes it, and the peer is told why', async () => {
    const conversation = await live();
    conversation.handler.publisher?.close(REFUSAL);
    conversation.handler.publisher?.close(REFUSAL);
    await conversation.send(FRAME);
    expect(conversation.codes()).toEqual(['NetStream.Publish.Start', REFUSAL.code]);
    expect(conversation.handler.ends).toEqual([
      { cause: 'closed-by-server', detail: `${REFUSAL.code}: ${REFUSAL.description}` },
    ]);
    expect(conversation.handler.messages).toEqual([]);
  });

  it('comes when the server closes it before it was accepted', async () => {
    const handler = new RecordingHandler();
    handler.decide = async () => {
      handler.publisher?.close(REFUSAL);
      return handler.accept();
    };
    const conversation = new Conversation(handler);
    await conversation.send(...OPENING);
    expect(conversation.codes()).toEqual([REFUSAL.code]);
    expect(handler.ends).toMatchObject([{ cause: 'closed-by-server' }]);
    expect(handler.rejections).toEqual([]);
  });

  it('comes from within a message, too', async () => {
    const handler = new RecordingHandler();
    handler.onMessage = () => handler.publisher?.close(REFUSAL);
    const conversation = await live(handler);
    await conversation.send(Buffer.concat([FRAME, FRAME]));
    expect(handler.messages).toHaveLength(1);
    expect(handler.ends).toHaveLength(1);
  });
});

describe('back-pressure', () => {
  it('stops between two messages of one buffer, and no idle time runs', async () => {
    const handler = new RecordingHandler();
    handler.onMessage = () => handler.publisher?.pause();
    const conversation = await live(handler);
    await conversation.send(Buffer.concat([FRAME, FRAME]), FRAME);
    expect(handler.messages).toHaveLength(1);
    conversation.clock.advance(60_000);
    expect(handler.ends).toEqual([]);
    for (const expected of [2, 3]) {
      handler.publisher?.resume();
      await settle();
      expect(handler.messages).toHaveLength(expected);
    }
    handler.publisher?.resume();
    conversation.clock.advance(11_000);
    expect(handler.ends).toMatchObject([{ cause: 'idle' }]);
  });

  it('goes on when resumed from within a message', async () => {
    const handler = new RecordingHandler();
    handler.onMessage = () => {
      handler.publisher?.pause();
      handler.publisher?.resume();
    };
    const conversation = await live(handler);
    await conversation.send(Buffer.concat([FRAME, FRAME]), FRAME);
    expect(handler.messages).toHaveLength(3);
  });
});

describe('bad peers', () => {
  const violations: [string, Buffer[]][] = [
    ['noise', [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
    ['RTMPE', [Buffer.of(6)]],
    ['a chunk size of 0', [CLIENT_HANDSHAKE, encodeChunks(setChunkSize(0), 128)]],
    ['a chunk size beyond 2 GiB', [CLIENT_HANDSHAKE, encodeChunks(setChunkSize(0x80000000), 128)]],
    ['a chunk size of one byte', [CLIENT_HANDSHAKE, Buffer.from('02000000000002010000000000ff', 'hex')]],
    ['a first chunk of type 3', [...OPENING.slice(0, 2), Buffer.of(0xc9)]],
    ['a message beyond the limit', [...OPENING.slice(0, 2), Buffer.from('04000000ffffff0901000000', 'hex')]],
  ];

  it.each(violations)('are closed with one report: %s', async (_, pieces) => {
    const conversation = new Conversation();
    await conversation.send(...pieces);
    expect(conversation.socket.destroyed).toBe(true);
    expect(conversation.handler.rejections).toHaveLength(1);
  });

  it.each<[string, readonly Buffer[], boolean]>([
    ['nothing', [], true],
    ['half a handshake', [CLIENT_HANDSHAKE.subarray(0, 1_000)], true],
    ['a handshake', [CLIENT_HANDSHAKE], true],
    ['connect', [CLIENT_HANDSHAKE, CONNECT], false],
    ['no RTMP', [Buffer.alloc(8, 'POST')], false],
    ['a push', [...OPENING, FRAME], true],
    ['an unpublish', [...OPENING, FRAME, say('FCUnpublish', 5, [null, 'channel'])], true],
  ])('that leave after %s are reported, with whether that is usual', async (_, pieces, isUsual) => {
    const conversation = new Conversation();
    const { handler, socket } = conversation;
    await conversation.send(...pieces);
    socket.push(null);
    if (!socket.closed) await once(socket, 'close');
    expect(handler.closings).toMatchObject([{ remoteAddr: '192.0.2.1:50000', isUsual }]);
  });

  it('are given up when the handshake stalls', async () => {
    const conversation = new Conversation();
    await conversation.send(CLIENT_HANDSHAKE.subarray(0, 3_072));
    conversation.clock.advance(DEFAULT_RTMP_LIMITS.handshakeMs - 1);
    expect(conversation.socket.destroyed).toBe(false);
    conversation.clock.advance(1);
    expect(conversation.socket.destroyed).toBe(true);
    expect(conversation.handler.rejections).toEqual(['no complete handshake within 5000 ms']);
  });

  it('are given up when they never publish, whatever they send', async () => {
    const conversation = new Conversation();
    await conversation.send(CLIENT_HANDSHAKE, CONNECT);
    for (let elapsedMs = 0; elapsedMs < DEFAULT_RTMP_LIMITS.setupMs; elapsedMs += 1_000) {
      await conversation.send(FRAME);
      conversation.clock.advance(1_000);
    }
    expect(conversation.handler.rejections).toEqual(['no accepted publish within 10000 ms']);
  });

  it('are given up when they never read their answers', async () => {
    const conversation = await live();
    conversation.socket.stuck = true;
    const pings = Buffer.concat(Array(10_000).fill(encodeChunks(userControl(6, 1), 128)));
    await conversation.send(pings);
    expect(conversation.handler.ends).toMatchObject([{ cause: 'protocol-error' }]);
    expect(conversation.socket.destroyed).toBe(true);
  });

  it('leave no timer behind', async () => {
    let pending = 0;
    const clock = new ManualClock(0);
    const timers = {
      setTimeout(callback: () => void, delayMs: number) {
        pending++;
        const timer = clock.setTimeout(() => {
          pending--;
          callback();
        }, delayMs);
        let open = true;
        return {
          cancel() {
            if (open) pending--;
            open = false;
            timer.cancel();
          },
        };
      },
    };
    const handler = new RecordingHandler();
    const server = await listen((socket) =>
      new RtmpConnection(socket, socketAddresses(socket), { handler, timers, realTimers: timers }).start(),
    );
    const publisher = await RtmpPublisher.publish(`${server.url}/live/channel`);
    expect(pending).toBeGreaterThan(0);
    publisher.destroy();
    await server.stop();
    expect(pending).toBe(0);
  });
});
