import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { RtmpConnection } from '../../src/rtmp/connection.ts';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';
import { ReadingPace } from '../../src/rtmp/reading-pace.ts';
import { CREATE_STREAM, FakeSocket, media, OPENING, PUBLISH, RecordingHandler, say, settle } from './support.ts';

const REST_MS = 200;

interface Live {
  readonly socket: FakeSocket;
  readonly handler: RecordingHandler;
  readonly machineTime: ManualClock;
  readonly emulated: ManualClock;
  /** The peer sends an audio message; resolves when it has been read, if the connection reads. */
  send(sizeBytes: number): Promise<void>;
}

async function goLive(idleMs?: number): Promise<Live> {
  const socket = new FakeSocket();
  const handler = new RecordingHandler();
  const machineTime = new ManualClock(0);
  const emulated = new ManualClock(0);
  const limits = idleMs === undefined ? {} : { idleMs };
  const options = { handler, timers: emulated, realTimers: emulated, pace: new ReadingPace(machineTime), limits };
  const addresses = { remoteAddr: '192.0.2.1:50000', localAddr: '192.0.2.2:1935' };
  new RtmpConnection(socket, addresses, options).start();
  for (const piece of OPENING) socket.push(piece);
  await settle();
  const send = async (sizeBytes: number) => {
    socket.push(media(MESSAGE_TYPE.audio, 0, Buffer.alloc(sizeBytes)));
    await settle();
  };
  return { socket, handler, machineTime, emulated, send };
}

describe('ReadingPace', () => {
  it('wakes hundreds in groups, one after the other', () => {
    const clock = new ManualClock(0);
    const pace = new ReadingPace(clock);
    let woken = 0;
    for (let count = 0; count < 800; count++) pace.delay(() => (woken += 1));
    clock.advance(REST_MS);
    expect(woken).toBeLessThanOrEqual(100);
    clock.advance(2 * REST_MS);
    expect(woken).toBe(800);
  });

  it('wakes all when it is told to, each once', () => {
    const clock = new ManualClock(0);
    const pace = new ReadingPace(clock);
    let woken = 0;
    for (let count = 0; count < 800; count++) pace.delay(() => (woken += 1));
    pace.wakeAll();
    expect(woken).toBe(800);
    clock.advance(10 * REST_MS);
    expect(woken).toBe(800);
  });

  it('wakes a few together, each once', () => {
    const clock = new ManualClock(0);
    const pace = new ReadingPace(clock);
    const woken: string[] = [];
    pace.delay(() => woken.push('first'));
    clock.advance(REST_MS / 2);
    pace.delay(() => woken.push('second'));
    clock.advance(REST_MS / 2 - 1);
    expect(woken).toEqual([]);
    clock.advance(1);
    expect(woken).toEqual(['first', 'second']);
    clock.advance(10 * REST_MS);
    expect(woken).toEqual(['first', 'second']);
  });
});

it('wakes alone, and in time, whoever must not wait as long as the others', () => {
  const clock = new ManualClock(0);
  const pace = new ReadingPace(clock);
  const woken: string[] = [];
  pace.delay(() => woken.push('usual'));
  pace.delay(() => woken.push('urgent'), 30);
  pace.delay(() => woken.push('far'), 10 * REST_MS);
  clock.advance(29);
  expect(woken).toEqual([]);
  clock.advance(1);
  expect(woken).toEqual(['urgent']);
  clock.advance(REST_MS - 30);
  expect(woken).toEqual(['urgent', 'usual', 'far']);
  pace.delay(() => woken.push('at once'), 30);
  pace.wakeAll();
  clock.advance(REST_MS);
  expect(woken).toEqual(['urgent', 'usual', 'far', 'at once']);
});

it.each([
  { others: 0, withinMs: 250 },
  { others: 50, withinMs: 200 },
  { others: 99, withinMs: 200 },
  { others: 100, withinMs: 200 },
  { others: 100, withinMs: 224 },
  { others: 100, withinMs: 225 },
  { others: 799, withinMs: 210 },
  { others: 800, withinMs: 399 },
  { others: 800, withinMs: 400 },
  { others: 5_000, withinMs: 300 },
])('wakes within $withinMs ms also where $others others rest', ({ others, withinMs }) => {
  const clock = new ManualClock(0);
  const pace = new ReadingPace(clock);
  for (let count = 0; count < others; count++) pace.delay(() => {});
  let wokenMs = Infinity;
  pace.delay(() => {
    wokenMs = clock.elapsed();
  }, withinMs);
  clock.advance(10 * REST_MS);
  expect(wokenMs).toBeLessThanOrEqual(withinMs);
  expect(wokenMs).toBeGreaterThanOrEqual(REST_MS);
});

describe('a connection with a pace', () => {
  it('does not rest before it is live: its answers are waited for', async () => {
    const { socket, handler } = await goLive();
    expect(handler.publishes).toHaveLength(1);
    expect(socket.isPaused()).toBe(false);
  });

  it('lets a slow stream gather, and takes all of it in one go', async () => {
    const { socket, handler, machineTime, send } = await goLive();
    await send(100);
    expect(handler.messages).toHaveLength(1);
    expect(socket.isPaused()).toBe(true);
    await send(100);
    await send(100);
    expect(handler.messages).toHaveLength(1);
    machineTime.advance(REST_MS);
    await settle();
    expect(handler.messages).toHaveLength(3);
    expect(socket.isPaused()).toBe(true);
  });

  it('goes on reading from one that has more to give', async () => {
    const { socket, handler, send } = await goLive();
    await send(40_000);
    expect(socket.isPaused()).toBe(false);
    await send(30_000);
    expect(socket.isPaused()).toBe(false);
    expect(handler.messages).toHaveLength(2);
    await send(100);
    expect(socket.isPaused()).toBe(true);
  });

  it('does not let a stream gather that somebody watches', async () => {
    const { socket, handler, send } = await goLive();
    handler.publisher?.readAtOnce(true);
    await send(100);
    expect(socket.isPaused()).toBe(false);
    handler.publisher?.readAtOnce(false);
    await send(100);
    expect(socket.isPaused()).toBe(true);
  });

  it('reads when a message is expected', async () => {
    const { socket, handler, machineTime, send } = await goLive();
    await send(100);
    machineTime.advance(REST_MS);
    handler.publisher?.readIn(50);
    await send(100);
    expect(handler.messages).toHaveLength(2);
    await send(100);
    machineTime.advance(49);
    await settle();
    expect(handler.messages).toHaveLength(2);
    expect(socket.isPaused()).toBe(true);
    machineTime.advance(1);
    await settle();
    expect(handler.messages).toHaveLength(3);
  });

  it('expects nothing any more after the push for which it was', async () => {
    const { handler, machineTime, socket, send } = await goLive();
    handler.publisher?.readIn(100);
    socket.push(say('deleteStream', 4, [null, 1]));
    socket.push(CREATE_STREAM);
    socket.push(PUBLISH);
    await settle();
    expect(handler.publishes).toHaveLength(2);
    await send(100);
    await send(100);
    machineTime.advance(REST_MS - 1);
    await settle();
    expect(handler.messages).toHaveLength(1);
  });

  it.each([50, 100, REST_MS, 2 * REST_MS, 10_000])(
    'is not silent while it rests: %i ms of silence end it',
    async (idleMs) => {
      const { handler, machineTime, emulated, send } = await goLive(idleMs);
      const pass = async (ms: number) => {
        machineTime.advance(ms);
        await settle();
        emulated.advance(ms);
      };
      for (let passedMs = 0; passedMs < 2 * idleMs + 2 * REST_MS; passedMs += 10) {
        await send(100);
        await pass(10);
      }
      expect(handler.ends).toEqual([]);
      for (let passedMs = 0; passedMs < 2 * idleMs + 2 * REST_MS; passedMs += 10) await pass(10);
      expect(handler.ends).toEqual([{ cause: 'idle', detail: `nothing received for ${idleMs} ms` }]);
    },
  );

  it('stays paused over a rest when the receiver asked for a pause', async () => {
    const { socket, handler, machineTime, send } = await goLive();
    await send(100);
    handler.publisher?.pause();
    machineTime.advance(REST_MS);
    await settle();
    expect(socket.isPaused()).toBe(true);
    handler.publisher?.resume();
    await send(100);
    expect(handler.messages).toHaveLength(2);
  });

  it('is woken once in a rest, however often the receiver pauses and resumes meanwhile', async () => {
    const { socket, handler, machineTime, send } = await goLive();
    const periodMs = REST_MS / 2;
    // Of each message the next one is expected after the same time.
    handler.onMessage = () => handler.publisher?.readIn(periodMs);
    await send(100);
    for (let pauses = 1; pauses <= 4; pauses++) {
      machineTime.advance(periodMs / 5);
      handler.publisher?.pause();
      handler.publisher?.resume();
      await send(100);
    }
    let wakes = 0;
    socket.on('resume', () => (wakes += 1));
    for (let passedMs = 0; passedMs < 10 * periodMs; passedMs += 10) {
      machineTime.advance(10);
      await send(100);
    }
    expect(wakes).toBe(10);
  });

  it('notices at the end of a rest that the peer has gone', async () => {
    const { socket, handler, machineTime, send } = await goLive();
    await send(100);
    socket.push(null);
    machineTime.advance(REST_MS);
    await settle();
    expect(handler.ends).toEqual([{ cause: 'disconnected', detail: expect.any(String) }]);
  });

  it('keeps what it has not handed on when its memory is used again', async () => {
    const { socket, handler } = await goLive();
    handler.onMessage = () => {
      if (handler.messages.length === 1) handler.publisher?.pause();
    };
    const shared = Buffer.concat([
      media(MESSAGE_TYPE.audio, 0, Buffer.alloc(100, 1)),
      media(MESSAGE_TYPE.audio, 0, Buffer.alloc(100, 2)),
    ]);
    socket.emit('data', shared);
    shared.fill(0);
    handler.publisher?.resume();
    expect(handler.messages.map(({ payload }) => payload[99])).toEqual([1, 2]);
  });
});
