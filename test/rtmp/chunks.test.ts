import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkReader, encodeChunks, type OutgoingMessage } from '../../src/rtmp/chunks.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';
import { RtmpProtocolError } from '../../src/rtmp/protocol-error.ts';
import { readMessages } from './support.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const read = (...pieces: Buffer[]) => readMessages(new ChunkReader(DEFAULT_RTMP_LIMITS), pieces);
const summary = (hex: string) =>
  read(bytes(hex)).map((m) => [m.typeId, m.messageStreamId, m.timestampMs, m.payload.toString('hex')]);

describe('ChunkReader', () => {
  it('reads all four header forms: the later ones inherit from the earlier', () => {
    expect(
      summary(
        '04 0003e8 000002 08 01000000 aa01' + // type 0: timestamp 1000, length 2, audio, stream 1
          '44 000014 000003 09 aa02bb' + // type 1: delta 20, length 3, video
          '84 000015 aa03bb' + // type 2: delta 21
          'c4 aa04bb', // type 3: the same delta again
      ),
    ).toEqual([
      [8, 1, 1000, 'aa01'],
      [9, 1, 1020, 'aa02bb'],
      [9, 1, 1041, 'aa03bb'],
      [9, 1, 1062, 'aa04bb'],
    ]);
  });

  it('repeats the timestamp of a type 0 chunk as the delta of a type 3 chunk', () => {
    expect(summary('04 000028 000001 08 01000000 01 c4 02')).toEqual([
      [8, 1, 40, '01'],
      [8, 1, 80, '02'],
    ]);
  });

  it('reads chunk stream ids of one, two and three bytes', () => {
    const header = '000001 000001 08 01000000';
    // Ids 63, 64, 319, 320 and 65599, one chunk of type 0 and one of type 3 each.
    for (const [first, second] of [
      ['3f', 'ff'],
      ['0000', 'c000'],
      ['00ff', 'c0ff'],
      ['010001', 'c10001'],
      ['01ffff', 'c1ffff'],
    ]) {
      expect(summary(`${first} ${header} 0a ${second} 0b`)).toEqual([
        [8, 1, 1, '0a'],
        [8, 1, 2, '0b'],
      ]);
    }
  });

  it('takes the two-byte and the three-byte form of an id for the same stream', () => {
    expect(summary('0040 000001 000001 08 01000000 0a c14000 0b')).toHaveLength(2);
  });

  it('reads extended timestamps on every header form, continuations included', () => {
    const body = 'cc'.repeat(128);
    expect(
      summary(
        `04 ffffff 000081 08 01000000 01000000 ${body} c4 01000000 dd` + // absolute 2^24
          `84 ffffff 01000001 ${body} c4 01000001 dd` + // delta 2^24 + 1
          `c4 01000001 ${body} c4 01000001 dd`, // the same delta
      ).map(([, , timestampMs]) => timestampMs),
    ).toEqual([0x1000000, 0x2000001, 0x3000002]);
  });

  it('understands continuations that leave the extended timestamp out', () => {
    const body = 'cc'.repeat(128);
    expect(
      summary(`04 ffffff 000085 08 01000000 01000000 ${body} c4 dddddddddd c4 01000000 ${body} c4 eeeeeeeeee`),
    ).toEqual([
      [8, 1, 0x1000000, `${body}dddddddddd`],
      [8, 1, 0x2000000, `${body}eeeeeeeeee`],
    ]);
  });

  it('finds that out wherever the bytes are cut', () => {
    const body = 'cc'.repeat(128);
    const whole = bytes(`04 ffffff 000085 08 01000000 01000000 ${body} c4 dddddddddd`);
    for (let cut = 0; cut <= whole.length; cut++) {
      for (let next = cut; next <= Math.min(cut + 4, whole.length); next++) {
        const [message] = read(whole.subarray(0, cut), whole.subarray(cut, next), whole.subarray(next));
        expect(message?.payload.toString('hex')).toBe(`${body}dddddddddd`);
      }
    }
  });

  it('wraps timestamps at 2^32', () => {
    expect(summary('04 ffffff 000001 08 01000000 fffffff0 0a 84 000020 0b').map((m) => m[2])).toEqual([
      0xfffffff0, 0x10,
    ]);
  });

  it('puts interleaved messages together', () => {
    const audio = 'aa'.repeat(100);
    const video = 'bb'.repeat(128);
    expect(summary(`06 000000 000100 09 01000000 ${video} 04 000005 000064 08 01000000 ${audio} c6 ${video}`)).toEqual([
      [8, 1, 5, audio],
      [9, 1, 0, video + video],
    ]);
  });

  it('reads empty messages, and those opened by a type 1 chunk', () => {
    expect(summary('04 000007 000000 08 01000000 42 000009 000001 04 0a')).toEqual([
      [8, 1, 7, ''],
      [4, 0, 9, '0a'],
    ]);
  });

  it('follows Set Chunk Size between two messages, and in the middle of one', () => {
    const reader = new ChunkReader(DEFAULT_RTMP_LIMITS);
    const half = 'bb'.repeat(128);
    reader.push(bytes(`06 000000 000200 09 01000000 ${half} 02 000000 000000 01 00000000 c6 ${half}${half}${half}`));
    expect(reader.next()?.typeId).toBe(1);
    reader.setChunkSize(384);
    expect(reader.next()?.payload.toString('hex')).toBe(half.repeat(4));
    expect(() => reader.setChunkSize(0)).toThrow(RtmpProtocolError);
    expect(() => reader.setChunkSize(0x80000000)).toThrow(RtmpProtocolError);
  });

  it('drops an aborted message', () => {
    const reader = new ChunkReader(DEFAULT_RTMP_LIMITS);
    expect(readMessages(reader, [bytes(`06 000000 000100 09 01000000 ${'bb'.repeat(128)}`)])).toEqual([]);
    reader.abort(6);
    expect(readMessages(reader, [bytes('06 000001 000001 09 01000000 cc')])[0]?.payload.toString('hex')).toBe('cc');
  });

  it('gives a view of the pushed bytes for a message in one piece', () => {
    const whole = bytes('04 000000 000002 08 01000000 aabb');
    const reader = new ChunkReader(DEFAULT_RTMP_LIMITS);
    reader.push(whole);
    expect(reader.next()?.payload.buffer).toBe(whole.buffer);
  });

  it('puts the messages of a chunk stream together in the same memory, but keeps none after a large one', () => {
    const reader = new ChunkReader(DEFAULT_RTMP_LIMITS);
    const readNext = (sizeBytes: number): Buffer | undefined => {
      const payload = Buffer.alloc(sizeBytes, sizeBytes % 251);
      const common = { chunkStreamId: 4, typeId: 9, messageStreamId: 1, timestampMs: 0 };
      reader.push(encodeChunks({ ...common, payload }, 128));
      const read = reader.next()?.payload;
      expect(read?.equals(payload)).toBe(true);
      expect(reader.next()).toBeUndefined();
      return read;
    };
    const first = readNext(5_000);
    expect(first?.buffer.byteLength).toBe(8_192);
    expect(readNext(8_192)?.buffer).toBe(first?.buffer);
    expect(readNext(300_000)?.buffer.byteLength).toBeLessThan(310_000);
    expect(readNext(1_000)?.buffer.byteLength).toBe(4_096);
  });

  it.each([
    ['a first chunk of type 2', '84 000000 00'],
    ['a first chunk of type 3', 'c4 00'],
    [
      'a message that begins inside another',
      `04 000000 000100 08 01000000 ${'aa'.repeat(128)} 04 000000 000001 08 01000000 aa`,
    ],
    ['a message longer than the limit', '04 000000 ffffff 08 01000000'],
  ])('refuses %s', (_, hex) => {
    expect(() => read(bytes(hex))).toThrow(RtmpProtocolError);
  });

  it('takes messages up to the limit, and not one byte more', () => {
    const reader = () => new ChunkReader({ ...DEFAULT_RTMP_LIMITS, maxMessageBytes: 3 });
    expect(readMessages(reader(), [bytes('04 000000 000003 08 01000000 aabbcc')])).toHaveLength(1);
    expect(() => readMessages(reader(), [bytes('04 000000 000004 08 01000000')])).toThrow(
      'message of 4 bytes exceeds 3',
    );
  });

  it('takes chunk sizes from 1 to 2^31 - 1', () => {
    const reader = new ChunkReader(DEFAULT_RTMP_LIMITS);
    reader.setChunkSize(1);
    expect(readMessages(reader, [bytes('04 000000 000002 08 01000000 aa c4 bb')])[0]?.payload.toString('hex')).toBe(
      'aabb',
    );
    reader.setChunkSize(0x7fffffff);
    const payload = 'aa'.repeat(1_000);
    expect(readMessages(reader, [bytes(`04 000000 0003e8 08 01000000 ${payload}`)])[0]?.payload).toHaveLength(1_000);
  });

  it('reads 0xfffffe as a timestamp, and 0xffffff as the sign of a longer one', () => {
    expect(summary('04 fffffe 000001 08 01000000 0a')).toEqual([[8, 1, 0xfffffe, '0a']]);
    expect(summary('04 ffffff 000001 08 01000000 00ffffff 0a')).toEqual([[8, 1, 0xffffff, '0a']]);
  });

  it('refuses more chunk streams than the limit', () => {
    const open = (id: number) => bytes(`${id.toString(16).padStart(2, '0')} 000000 000000 08 01000000`);
    const reader = new ChunkReader({ ...DEFAULT_RTMP_LIMITS, maxChunkStreams: 3 });
    expect(readMessages(reader, [open(2), open(3), open(4), open(4)])).toHaveLength(4);
    expect(() => readMessages(reader, [open(5)])).toThrow('chunk streams');
  });

  it('reserves memory for the bytes that came, not for those announced', () => {
    const reader = new ChunkReader({ ...DEFAULT_RTMP_LIMITS, maxBufferedBytes: 200_000 });
    const begin = (id: number) =>
      bytes(`${id.toString(16).padStart(2, '0')} 000000 700000 09 01000000 ${'bb'.repeat(128)}`);
    readMessages(reader, [begin(3), begin(4), begin(5)]);
    expect(() => readMessages(reader, [begin(6)])).toThrow('unfinished messages');
  });

  it('takes unfinished messages up to the limit, and not one byte more', () => {
    const begun = bytes(`03 000000 700000 09 01000000 ${'bb'.repeat(128)}`);
    const reader = (maxBufferedBytes: number) => new ChunkReader({ ...DEFAULT_RTMP_LIMITS, maxBufferedBytes });
    // Memory comes in pieces of 64 KiB.
    expect(readMessages(reader(65_536), [begun])).toEqual([]);
    expect(() => readMessages(reader(65_535), [begun])).toThrow('unfinished messages exceed 65535 bytes');
  });

  it('keeps the memory of a message of 128 KiB, and of none that is larger', () => {
    const isKept = (sizeBytes: number) => {
      const reader = new ChunkReader(DEFAULT_RTMP_LIMITS);
      const bufferOf = (length: number) => {
        const common = { chunkStreamId: 4, typeId: 9, messageStreamId: 1, timestampMs: 0 };
        reader.push(encodeChunks({ ...common, payload: Buffer.alloc(length) }, 128));
        return reader.next()?.payload.buffer;
      };
      return bufferOf(sizeBytes) === bufferOf(200);
    };
    expect([isKept(128 * 1024), isKept(128 * 1024 + 1)]).toEqual([true, false]);
  });

  it('gives back the room of complete and aborted messages', () => {
    const reader = new ChunkReader({ ...DEFAULT_RTMP_LIMITS, maxBufferedBytes: 100_000 });
    const message: OutgoingMessage = {
      chunkStreamId: 4,
      typeId: 9,
      messageStreamId: 1,
      timestampMs: 0,
      payload: Buffer.alloc(90_000),
    };
    for (let round = 0; round < 5; round++) {
      expect(readMessages(reader, [encodeChunks(message, 128)])).toHaveLength(1);
      readMessages(reader, [encodeChunks(message, 128).subarray(0, 12 + 128)]);
      reader.abort(4);
    }
  });

  it('finds the same messages however the bytes are cut', () => {
    const stream = fc.array(
      fc.record({
        chunkStreamId: fc.integer({ min: 2, max: 6 }),
        typeId: fc.constantFrom(8, 9, 18),
        messageStreamId: fc.integer({ min: 0, max: 3 }),
        timestampMs: fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0xfffff0, max: 0x1000010 })),
        payload: fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array)),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(stream, fc.array(fc.nat(4_000)), (messages, cuts) => {
        const whole = Buffer.concat(messages.map((message) => encodeChunks(message, 128)));
        const edges = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
        const pieces = edges.slice(1).map((edge, index) => Buffer.from(whole.subarray(edges[index], edge)));
        expect(read(...pieces)).toEqual(messages.map(({ chunkStreamId: _, ...message }) => message));
      }),
    );
  });

  it('fails only with a protocol error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (pieces) => {
        try {
          read(...pieces.map((piece) => Buffer.from(piece)));
        } catch (error) {
          expect(error).toBeInstanceOf(RtmpProtocolError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('encodeChunks', () => {
  it('writes one chunk of type 0 and continues with type 3', () => {
    const message: OutgoingMessage = {
      chunkStreamId: 3,
      typeId: 20,
      messageStreamId: 1,
      timestampMs: 258,
      payload: bytes('0102030405'),
    };
    expect(encodeChunks(message, 2).toString('hex')).toBe(
      '030001020000051401000000' + '0102' + 'c3' + '0304' + 'c3' + '05',
    );
  });

  it('writes 0xfffffe in the three bytes of the header', () => {
    const message = { chunkStreamId: 3, typeId: 8, messageStreamId: 1, timestampMs: 0xfffffe, payload: bytes('01') };
    expect(encodeChunks(message, 2).toString('hex')).toBe('03fffffe0000010801000000' + '01');
  });

  it('fills the last chunk, and begins none without bytes', () => {
    const message = { chunkStreamId: 3, typeId: 8, messageStreamId: 1, timestampMs: 0, payload: bytes('0102') };
    expect(encodeChunks(message, 2).toString('hex')).toBe('030000000000020801000000' + '0102');
    expect(encodeChunks({ ...message, payload: bytes('') }, 2).toString('hex')).toBe('030000000000000801000000');
  });

  it('repeats an extended timestamp on every chunk', () => {
    const message: OutgoingMessage = {
      chunkStreamId: 3,
      typeId: 8,
      messageStreamId: 1,
      timestampMs: 0xffffff,
      payload: bytes('010203'),
    };
    expect(encodeChunks(message, 2).toString('hex')).toBe(
      '03ffffff0000030801000000' + '00ffffff' + '0102' + 'c3' + '00ffffff' + '03',
    );
  });
});
