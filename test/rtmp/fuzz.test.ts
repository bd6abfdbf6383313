import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conversation, readFixture } from './support.ts';

const RECORDED = readFixture('ffmpeg-5.1-publish.bin');
const HANDSHAKE_BYTES = 3073;

/** Every push ends once, and then the connection. */
async function expectOneEnd(pieces: readonly Buffer[]): Promise<void> {
  const conversation = new Conversation();
  await conversation.send(...pieces);
  conversation.socket.push(null);
  conversation.clock.advance(60_000);
  await conversation.send();
  const { publishes, ends, closings } = conversation.handler;
  expect(ends).toHaveLength(publishes.length);
  expect(closings).toHaveLength(1);
  expect(conversation.socket.destroyed).toBe(true);
}

describe('RtmpConnection', () => {
  it('survives noise after the handshake', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (pieces) =>
        expectOneEnd([RECORDED.subarray(0, HANDSHAKE_BYTES), ...pieces.map((piece) => Buffer.from(piece))]),
      ),
      { numRuns: 300 },
    );
  });

  it('survives a recorded conversation with bytes changed', async () => {
    const position = fc.oneof(fc.nat(RECORDED.length - 1), fc.integer({ min: HANDSHAKE_BYTES, max: 4_500 }));
    const mutations = fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(mutations, (changes) => {
        const bytes = Buffer.from(RECORDED);
        for (const [at, value] of changes) bytes[at] = value;
        return expectOneEnd([bytes]);
      }),
      { numRuns: 500 },
    );
  });

  it('survives a recorded conversation with parts cut out, doubled or swapped', async () => {
    const span = fc.tuple(fc.nat(RECORDED.length), fc.nat(400));
    await fc.assert(
      fc.asyncProperty(fc.array(span, { minLength: 1, maxLength: 6 }), (spans) =>
        expectOneEnd([
          RECORDED.subarray(0, HANDSHAKE_BYTES),
          ...spans.map(([start, length]) => RECORDED.subarray(start, start + length)),
          RECORDED.subarray(HANDSHAKE_BYTES),
        ]),
      ),
      { numRuns: 300 },
    );
  });

  it('survives a conversation that stops anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(RECORDED.length), (length) => expectOneEnd([RECORDED.subarray(0, length)])),
      { numRuns: 300 },
    );
  });

  it('finds the same messages however a recorded conversation is cut', async () => {
    const whole = new Conversation();
    await whole.send(RECORDED);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(RECORDED.length), { maxLength: 30 }), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), RECORDED.length];
        const conversation = new Conversation();
        await conversation.send(...edges.slice(1).map((edge, index) => RECORDED.subarray(edges[index], edge)));
        expect(conversation.handler.messages).toEqual(whole.handler.messages);
      }),
      { numRuns: 100 },
    );
  });
});
