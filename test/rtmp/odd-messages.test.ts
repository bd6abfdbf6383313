/** Messages that are not understood: a push goes on, before, between and after its own commands. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { type AmfValue, encodeAmf0 } from '../../src/rtmp/amf0.ts';
import { encodeChunks, type OutgoingMessage } from '../../src/rtmp/chunks.ts';
import { command } from '../../src/rtmp/commands.ts';
import { MESSAGE_TYPE, setChunkSize } from '../../src/rtmp/messages.ts';
import { ChunkWriter } from './chunk-writer.ts';
import {
  CLIENT_HANDSHAKE,
  CONNECT,
  Conversation,
  CREATE_STREAM,
  media,
  OPENING,
  PUBLISH,
  RecordingHandler,
  say,
} from './support.ts';

const FRAME = media(MESSAGE_TYPE.video, 40, Buffer.from('1701000000ff', 'hex'));
const CONNECT_OBJECT = { app: 'live', tcUrl: 'rtmp://bucket.localhost/live', flashVer: 'test' };
/** A message stream that is not published on. */
const OTHER_STREAM = 9;

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const amf = (...values: readonly AmfValue[]) => encodeAmf0(values);

function message(typeId: number, payload: Buffer, messageStreamId = 0): OutgoingMessage {
  return { chunkStreamId: 3, typeId, messageStreamId, timestampMs: 0, payload };
}

const oddCommand = (payload: Buffer) => message(MESSAGE_TYPE.commandAmf0, payload);
const oddAmf3 = (payload: Buffer) => message(MESSAGE_TYPE.commandAmf3, payload);
const chunksOf = (odd: OutgoingMessage) => encodeChunks(odd, 128);

/** Each with what the log says of it; undefined: it is understood. */
const ODD: readonly (readonly [string, OutgoingMessage, string | undefined])[] = [
  ['an unknown command', oddCommand(amf('onFI', 3, null)), 'the command onFI'],
  ['one without a transaction id', oddCommand(amf('onFI', { sd: '1' })), 'the command onFI'],
  ['one with a string as transaction id', oddCommand(amf('setInfo', '7', null)), 'the command setInfo'],
  ['one with NaN as transaction id', oddCommand(amf('setInfo', Number.NaN, null)), 'the command setInfo'],
  ['an AMF 3 object', oddAmf3(Buffer.concat([hex('00'), amf('x', 0, null), hex('110a0b0101')])), 'the command x'],
  ['AMF 3 throughout', oddAmf3(hex('00 06 05 6162')), 'a command'],
  ['AMF 3 behind the AMF 0 marker', oddAmf3(hex('00 11 06 05 6162 11 05 0000000000000000')), 'the command ab'],
  ['type 17 without its zero byte', oddAmf3(amf('ping', 0, null)), 'the command ping'],
  ['a reference', oddCommand(Buffer.concat([amf('x', 0, null), hex('07 0000')])), 'the command x'],
  ['a movie clip', oddCommand(Buffer.concat([amf('x', 0), hex('04')])), 'the command x'],
  [
    'zero bytes behind',
    oddCommand(Buffer.concat([amf('FCPublish', 0, null, 'c'), hex('0000')])),
    'the rest of the command FCPublish',
  ],
  [
    'noise behind',
    oddCommand(Buffer.concat([amf('createStream', 8, null), hex('ffee')])),
    'the rest of the command createStream',
  ],
  ['an empty command', oddCommand(Buffer.alloc(0)), 'a command'],
  ['an empty command of type 17', oddAmf3(Buffer.alloc(0)), 'a command'],
  ['only a zero byte', oddAmf3(Buffer.of(0)), 'a command'],
  ['a number for a name', oddCommand(amf(1, 2, null)), 'a command'],
  ['an empty name', oddCommand(amf('', 2, null)), 'a command'],
  [
    'too deep values',
    oddCommand(Buffer.concat([amf('x', 0, null), Buffer.alloc(5_000, '000161' + '03', 'hex')])),
    'the command x',
  ],
  ['too many values', oddCommand(Buffer.concat([amf('x', 0), Buffer.alloc(9_999, 5)])), 'the command x'],
  ['an odd releaseStream', oddCommand(amf('releaseStream', 2, 7, { a: 1 })), undefined],
  ['an odd createStream', oddCommand(amf('createStream', null, null, 'x')), undefined],
  ['getStreamLength', oddCommand(amf('getStreamLength', 3, null, 'x')), undefined],
  ['_checkbw', oddCommand(amf('_checkbw', 4, null)), undefined],
  ['_result', oddCommand(amf('_result', 4, null, null)), 'the command _result'],
  ['onStatus', oddCommand(amf('onStatus', 0, null, { code: 'x', level: 'error' })), 'the command onStatus'],
  ['a long name', oddCommand(amf('n'.repeat(60_000), 0, null)), `the command ${'n'.repeat(68)}`],
  ['SetPeerBandwidth of 3 bytes', message(6, Buffer.alloc(3)), 'a Set Peer Bandwidth'],
  ['SetPeerBandwidth of no bytes', message(6, Buffer.alloc(0)), 'a Set Peer Bandwidth'],
  ['SetPeerBandwidth of 4 bytes', message(6, hex('00010000')), undefined],
  ['a short window', message(5, Buffer.alloc(2)), 'a Window Acknowledgement Size'],
  ['a short Acknowledgement', message(3, Buffer.alloc(1)), undefined],
  ['a short Abort', message(2, Buffer.alloc(1)), 'an Abort message'],
  ['an Abort of an unknown chunk stream', message(2, hex('0000ffff')), undefined],
  ['an unknown user control event', message(4, hex('0020 00000001')), 'the user control event 32'],
  ['a short ping', message(4, hex('0006 0000')), 'a user control message'],
  ['an empty user control message', message(4, Buffer.alloc(0)), 'a user control message'],
  ['SetBufferLength', message(4, hex('0003 00000001 00000bb8')), undefined],
  ...[0, 7, 16, 19, 21, 255].map(
    (typeId) => [`type ${typeId}`, message(typeId, hex('0102')), `a message of type ${typeId}`] as const,
  ),
  [
    'an aggregate with an odd tag',
    message(22, hex('16 000000 000000 00 000000 0000000b'), 1),
    'a message of type 22 in an aggregate',
  ],
  ['a cut aggregate', message(22, Buffer.alloc(10), 1), 'the end of an aggregate message'],
  [
    'an aggregate with a cut tag',
    message(22, hex('08 0000ff 000000 00 000000 aa'), 1),
    'the end of an aggregate message',
  ],
];

describe('what is not understood', () => {
  it.each(ODD)('is skipped before connect, before publish and while publishing: %s', async (_, odd, what) => {
    const conversation = new Conversation();
    const bytes = chunksOf(odd);
    await conversation.send(
      CLIENT_HANDSHAKE,
      bytes,
      CONNECT,
      bytes,
      CREATE_STREAM,
      bytes,
      PUBLISH,
      FRAME,
      bytes,
      FRAME,
    );
    const { messages, skips, ends, closings } = conversation.handler;
    expect(messages).toHaveLength(2);
    expect(skips.map((skip) => skip.what)).toEqual(what === undefined ? [] : [what]);
    expect([ends, closings]).toEqual([[], []]);
  });

  it('is told with the reason and the peer', async () => {
    const conversation = new Conversation();
    await conversation.send(...OPENING, chunksOf(oddCommand(hex('0200ff'))));
    expect(conversation.handler.skips).toEqual([
      { remoteAddr: '192.0.2.1:50000', what: 'a command', why: 'AMF0 value is cut short' },
    ]);
  });

  it('is told for a limited number of kinds', async () => {
    const conversation = new Conversation();
    const many = Array.from({ length: 1_000 }, (_, index) => say(`command ${index}`, 0, [null]));
    await conversation.send(...OPENING, Buffer.concat(many), FRAME);
    expect(conversation.handler.skips).toHaveLength(16);
    expect(conversation.handler.messages).toHaveLength(1);
  });
});

describe('a command that is needed', () => {
  it.each<[string, AmfValue[]]>([
    ['without a transaction id', ['connect', CONNECT_OBJECT]],
    ['with a transaction id of 0', ['connect', 0, CONNECT_OBJECT]],
    ['with more than its object', ['connect', 1, CONNECT_OBJECT, 'user', 7]],
  ])('is understood %s: connect', async (_, values) => {
    const conversation = new Conversation();
    await conversation.send(CLIENT_HANDSHAKE, chunksOf(oddCommand(encodeAmf0(values))), PUBLISH, FRAME);
    expect(conversation.commands()).toMatchObject([{ name: '_result', transactionId: 1 }, { name: 'onStatus' }]);
    expect(conversation.handler.connects).toMatchObject([{ app: 'live' }]);
    expect(conversation.handler.messages).toHaveLength(1);
  });

  it('is understood as far as it goes: connect with an object that has no end', async () => {
    const whole = amf('connect', 1, CONNECT_OBJECT);
    const conversation = new Conversation();
    await conversation.send(CLIENT_HANDSHAKE, chunksOf(oddCommand(whole.subarray(0, -3))), PUBLISH);
    expect(conversation.codes()).toContain('NetStream.Publish.Start');
    expect(conversation.handler.connects).toMatchObject([CONNECT_OBJECT]);
    expect(conversation.handler.skips).toMatchObject([{ what: 'the rest of the command connect' }]);
  });

  it.each<[string, Buffer]>([
    ['type record', amf('publish', 3, null, 'channel', 'record')],
    ['type append', amf('publish', 3, null, 'channel', 'append')],
    ['no type', amf('publish', 3, null, 'channel')],
    ['an odd type', amf('publish', 3, null, 'channel', { a: [1] })],
    ['no transaction id', amf('publish', null, 'channel', 'live')],
    ['zero bytes behind', Buffer.concat([amf('publish', 3, null, 'channel', 'live'), Buffer.alloc(5)])],
    ['an AMF 3 name', Buffer.concat([amf('publish', 3, null), hex('11 06 0f'), Buffer.from('channel')])],
  ])('is understood with %s: publish', async (_, payload) => {
    const conversation = new Conversation();
    const publish = message(MESSAGE_TYPE.commandAmf0, payload, 1);
    await conversation.send(CLIENT_HANDSHAKE, CONNECT, CREATE_STREAM, chunksOf(publish), FRAME);
    expect(conversation.handler.publishes).toMatchObject([{ streamName: 'channel' }]);
    expect(conversation.handler.messages).toHaveLength(1);
  });

  it('is answered without a transaction id, too: createStream', async () => {
    const conversation = new Conversation();
    await conversation.send(CLIENT_HANDSHAKE, CONNECT, say('createStream', 0, [null]));
    expect(conversation.commands().at(-1)).toMatchObject({ name: '_result', transactionId: 0, args: [1] });
  });

  const failed = 'NetConnection.Connect.Failed';
  it.each<[string, readonly Buffer[], string]>([
    ['connect without an object', [say('connect', 1, [null])], failed],
    ['connect with a string for an object', [say('connect', 1, ['live'])], failed],
    ['connect with nothing', [say('connect', 1, [])], failed],
    ['publish without a name', [CONNECT, say('publish', 3, [null], 1)], 'NetStream.Publish.BadName'],
    ['publish with a number for a name', [CONNECT, say('publish', 3, [null, 7], 1)], 'NetStream.Publish.BadName'],
    ['publish before connect', [PUBLISH], 'NetStream.Publish.Failed'],
  ])('is answered with an error when it cannot be carried out: %s', async (_, pieces, code) => {
    const conversation = new Conversation();
    await conversation.send(CLIENT_HANDSHAKE, ...pieces);
    expect(conversation.codes()).toContain(code);
    expect(conversation.handler.rejections).toEqual([expect.stringContaining(code)]);
    expect(conversation.handler.publishes).toEqual([]);
    expect(conversation.socket.writableEnded).toBe(true);
  });

  it.each([
    ['a second connect', CONNECT, '_error'],
    ['a second publish', PUBLISH, 'onStatus'],
    ['a publish without a name', say('publish', 9, [null], 1), 'onStatus'],
    ['play', say('play', 9, [null, 'channel'], 2), 'onStatus'],
  ])('is answered with an error and ends no push: %s', async (_, bytes, name) => {
    const conversation = new Conversation();
    await conversation.send(...OPENING, bytes, FRAME);
    expect(conversation.commands().at(-1)).toMatchObject({ name, args: [{ level: 'error' }] });
    expect(conversation.handler.messages).toHaveLength(1);
    expect(conversation.handler.closings).toEqual([]);
  });
});

const oddTail = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.constantFrom('110a0b0101', '070000', '0000', '04', '0e', '0d06', '0c00000001', '10000161', '0b00').map(hex),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const oddValues = fc.array(
  fc.constantFrom<AmfValue>(0, 5, Number.NaN, null, undefined, '', 'x', true, { a: 1 }, [1, 'b'], new Date(0)),
  { maxLength: 4 },
);
const NAMES = [
  'onFI',
  'setInfo',
  'onBWDone',
  'receiveAudio',
  'pause',
  'seek',
  'FCSubscribe',
  '@setDataFrame',
  '_result',
];
const KNOWN_NAMES = ['FCPublish', 'releaseStream', 'createStream', '_checkbw', 'getStreamLength', '_error', 'onStatus'];

function oddCommands(names: readonly string[]): fc.Arbitrary<OutgoingMessage> {
  return fc
    .tuple(fc.constantFrom(...names), oddValues, oddTail, fc.boolean(), fc.constantFrom(2, 3, 320))
    .map(([name, values, tail, isAmf3, chunkStreamId]) => ({
      chunkStreamId,
      typeId: isAmf3 ? MESSAGE_TYPE.commandAmf3 : MESSAGE_TYPE.commandAmf0,
      messageStreamId: OTHER_STREAM,
      timestampMs: 0,
      payload: Buffer.concat([encodeAmf0([name, ...values]), tail]),
    }));
}

const oddTypes = fc
  .tuple(
    fc.oneof(fc.constantFrom(0, 3, 4, 5, 6, 7, 15, 16, 18, 19, 21, 22, 255), fc.integer({ min: 23, max: 255 })),
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(2, 3, 320),
  )
  .map(([typeId, payload, chunkStreamId]) => ({
    chunkStreamId,
    typeId,
    messageStreamId: OTHER_STREAM,
    timestampMs: 0,
    payload: Buffer.from(payload),
  }));

/** Media of a stream that does not publish. */
const otherMedia = fc.constantFrom(MESSAGE_TYPE.audio, MESSAGE_TYPE.video).map((typeId) => ({
  chunkStreamId: 3,
  typeId,
  messageStreamId: OTHER_STREAM,
  timestampMs: 7,
  payload: Buffer.alloc(200, 0xee),
}));

const chunkSizes = fc.constantFrom(1, 2, 13, 128, 4_096, 0x7fffffff).map(setChunkSize);
const deletions = fc.constantFrom(
  command('deleteStream', 0, [null, OTHER_STREAM]),
  command('closeStream', 0, [null], OTHER_STREAM),
);
const oddAnywhere = fc.oneof(oddCommands([...NAMES, ...KNOWN_NAMES]), oddTypes, otherMedia, chunkSizes, deletions);
const oddWhilePublishing = fc.oneof(oddAnywhere, oddCommands(['connect', 'publish', 'play', 'play2']));
const odd = (kinds: fc.Arbitrary<OutgoingMessage>) => fc.array(kinds, { maxLength: 6 });

const mediaMessages = fc.array(
  fc.record({
    kind: fc.constantFrom('audio' as const, 'video' as const),
    stepMs: fc.constantFrom(0, 20, 20, 20, 23),
    sizeBytes: fc.constantFrom(0, 1, 50, 50, 50, 129, 700),
  }),
  { minLength: 1, maxLength: 12 },
);

const conversation = fc.record({
  beforeConnect: odd(oddAnywhere),
  beforePublish: odd(oddAnywhere),
  whilePublishing: odd(oddWhilePublishing),
  media: mediaMessages,
  choices: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 200 }),
  cuts: fc.array(fc.nat(20_000), { maxLength: 20 }),
});
type OddConversation = typeof conversation extends fc.Arbitrary<infer Value> ? Value : never;

/** The pieces that the peer sends, and the media in them. */
function written(input: OddConversation): { readonly pieces: readonly Buffer[]; readonly media: MediaMessage[] } {
  let timestampMs = 0;
  const sent = input.media.map(({ kind, stepMs, sizeBytes }, index): MediaMessage => {
    timestampMs += stepMs;
    return { kind, timestampMs, payload: Buffer.alloc(sizeBytes, index + 1) };
  });
  const lane = sent.map(({ kind, ...rest }): OutgoingMessage => {
    return { chunkStreamId: 4, typeId: MESSAGE_TYPE[kind === 'data' ? 'dataAmf0' : kind], messageStreamId: 1, ...rest };
  });
  let turn = 0;
  const choose = (count: number) => (input.choices[turn++ % input.choices.length] ?? 0) % Math.max(count, 1);
  const writer = new ChunkWriter();
  const bytes = Buffer.concat([
    CLIENT_HANDSHAKE,
    writer.interleave([[...input.beforeConnect, command('connect', 1, [CONNECT_OBJECT])]], choose),
    writer.interleave([[...input.beforePublish, command('publish', 3, [null, 'channel', 'live'], 1)]], choose),
    writer.interleave([input.whilePublishing, lane], choose),
  ]);
  const edges = [0, ...input.cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
  return { pieces: edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge)), media: sent };
}

describe('any odd messages, in any chunks, anywhere in a push', () => {
  it('leave its media as they are, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(conversation, async (input) => {
        const peer = new Conversation();
        const { pieces, media: sent } = written(input);
        await peer.send(...pieces);
        expect(peer.handler.messages.filter(({ kind }) => kind !== 'data')).toEqual(sent);
        expect([peer.handler.ends, peer.handler.closings]).toEqual([[], []]);
        expect(peer.handler.skips.length).toBeLessThanOrEqual(16);
      }),
      { numRuns: 200 },
    );
  });

  it('and broken framing after them closes that connection only, with the reason', async () => {
    const broken = fc.constantFrom(
      ['c9', 'began with a chunk of type 3'],
      ['8a000000', 'began with a chunk of type 2'],
      ['0a000000ffffff0901000000', 'exceeds'],
      ['0a000000000004010000000000000000', 'chunk size 0 is out of range'],
      ['0a000000000004010000000080000000', 'out of range'],
      ['0a0000000000020100000000ffff', 'Set Chunk Size is cut short'],
    );
    await fc.assert(
      fc.asyncProperty(conversation, broken, async (input, [bytes = '', reason]) => {
        const handler = new RecordingHandler();
        const neighbour = new Conversation(handler);
        await neighbour.send(...OPENING);
        const peer = new Conversation(handler);
        // In chunks of the first size the broken message is one chunk.
        const keepsSize = ({ typeId }: OutgoingMessage) => typeId !== MESSAGE_TYPE.setChunkSize;
        const whilePublishing = input.whilePublishing.filter(keepsSize);
        const beforeConnect = input.beforeConnect.filter(keepsSize);
        const beforePublish = input.beforePublish.filter(keepsSize);
        const { pieces } = written({ ...input, beforeConnect, beforePublish, whilePublishing });
        await peer.send(...pieces, hex(bytes));
        expect(handler.closings).toMatchObject([{ detail: expect.stringContaining(reason ?? '') }]);
        expect(handler.ends).toMatchObject([{ cause: 'protocol-error' }]);
        const count = handler.messages.length;
        await neighbour.send(FRAME);
        expect(handler.messages).toHaveLength(count + 1);
        expect(neighbour.socket.destroyed).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
