/** A publisher, its connection, its push and its segmenter, on a clock of the test: what is read when, and what it costs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { BackPressure } from '../../src/ingest/back-pressure.ts';
import { Diagnosis } from '../../src/ingest/diagnosis.ts';
import { Push } from '../../src/ingest/push.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { cuttingRule } from '../../src/recording/segmenter/segmenter.ts';
import { createSegmenter } from '../../src/recording/segmenter/segmenting-session.ts';
import { RtmpConnection } from '../../src/rtmp/connection.ts';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';
import type { Publisher, PublishSink } from '../../src/rtmp/publish.ts';
import { ReadingPace } from '../../src/rtmp/reading-pace.ts';
import { readClip } from '../recording/segmenter/clips.ts';
import { FakeSocket, media, OPENING, RecordingHandler, settle } from '../rtmp/support.ts';

const REST_MS = 200;
const SHORTEST_REST_MS = 40;
const ADDRESSES = { remoteAddr: '192.0.2.1:50000', localAddr: '192.0.2.2:1935' };

const { videoConfig = Buffer.alloc(0) } = readClip('h264-aac');
/** Each of one slice. */
const PAYLOADS = {
  audio: Buffer.from('af0121', 'hex'),
  picture: Buffer.from('270100000000000003419a80', 'hex'),
  keyFrame: Buffer.from('170100000000000003658880', 'hex'),
} as const;

/** A message of an encoder, and when it reaches us. */
interface Sent {
  readonly what: keyof typeof PAYLOADS;
  readonly timestampMs: number;
  readonly arrivalMs: number;
}

/** What became of a stream. */
interface Course {
  /** When the connection read. */
  readonly readsMs: readonly number[];
  /** How long every picture that closed a fragment had waited to be read. */
  readonly cutsLateMs: readonly number[];
}

/** Reads what has arrived in one piece, as sockets do that read into a buffer of ours. */
class GatheringSocket extends FakeSocket {
  readonly #arrived: Buffer[] = [];
  onRead: () => void = () => {};

  arrive(bytes: Buffer): void {
    this.#arrived.push(bytes);
    if (!this.isPaused()) this.#read();
  }

  override resume(): this {
    super.resume();
    if (this.#arrived.length > 0) this.#read();
    return this;
  }

  #read(): void {
    this.onRead();
    this.emit('data', Buffer.concat(this.#arrived.splice(0)));
  }
}

function openPush(publisher: Publisher, clock: ManualClock, fragDurationSec: number, onCut: () => void): PublishSink {
  const backPressure = new BackPressure(publisher);
  const segmenter = createSegmenter({
    rule: cuttingRule(fragDurationSec),
    muxer: mpegTsMuxer,
    sink: { open: () => ({ write() {}, abort() {}, close: onCut }) },
    onNextCut: (inMs) => publisher.readIn(inMs),
    onDrain: () => backPressure.release(segmenter),
    onFailure: (error) => expect.fail(error.message),
  });
  return new Push({
    publisher,
    clock,
    log: silentLog,
    backPressure,
    frames: segmenter,
    diagnosis: new Diagnosis({ fragDurationMs: fragDurationSec * 1000, report() {} }),
    finish: () => segmenter.end().then(() => undefined),
  });
}

async function follow(fragDurationSec: number, messages: readonly Sent[]): Promise<Course> {
  const clock = new ManualClock(0);
  const socket = new GatheringSocket();
  const handler = new RecordingHandler();
  const waiting: Sent[] = [];
  const cutsLateMs: number[] = [];
  let readNow: Sent | undefined;
  handler.decide = async () => {
    const { publisher } = handler;
    if (!publisher) throw new Error('there was no publish');
    const push = openPush(publisher, clock, fragDurationSec, () => {
      if (readNow) cutsLateMs.push(clock.elapsed() - readNow.arrivalMs);
    });
    const message = (each: MediaMessage) => {
      readNow = waiting.shift();
      push.message(each);
    };
    return { accepted: true, sink: { message, end: (reason) => push.end(reason) } };
  };
  const options = { handler, timers: clock, realTimers: clock, pace: new ReadingPace(clock) };
  new RtmpConnection(socket, ADDRESSES, options).start();
  for (const piece of OPENING) socket.arrive(piece);
  await settle();
  const send = (sent: Sent, payload = PAYLOADS[sent.what]) => {
    clock.advance(sent.arrivalMs - clock.elapsed());
    waiting.push(sent);
    socket.arrive(media(sent.what === 'audio' ? MESSAGE_TYPE.audio : MESSAGE_TYPE.video, sent.timestampMs, payload));
  };
  const timestampMs = messages[0]?.timestampMs ?? 0;
  send({ what: 'audio', timestampMs, arrivalMs: 0 }, Buffer.from('af001210', 'hex'));
  send({ what: 'keyFrame', timestampMs, arrivalMs: 0 }, Buffer.concat([Buffer.from('1700000000', 'hex'), videoConfig]));
  const readsMs: number[] = [];
  socket.onRead = () => readsMs.push(clock.elapsed());
  for (const sent of messages) {
    send(sent);
    await settle();
  }
  readNow = undefined;
  clock.advance(10 * REST_MS);
  return { readsMs, cutsLateMs };
}

interface Shape {
  readonly seconds: number;
  readonly fps?: number;
  /** Whether the picture with this number is a key frame. */
  readonly isKeyFrame?: (index: number) => boolean;
  /** No picture after this. */
  readonly videoMs?: number;
  /** No sound after this. */
  readonly audioMs?: number;
  /** The timestamp of a message that was made then. */
  readonly clockOf?: (madeMs: number) => number;
  /** How late the next message is. */
  readonly lateMs?: () => number;
}

const every = (count: number) => (index: number) => index % count === 0;

/** In order of arrival, which is the order of the times: a late message makes those behind it wait. */
function messagesOf({
  seconds,
  fps = 30,
  isKeyFrame = every(30),
  videoMs = Infinity,
  audioMs = Infinity,
  clockOf = (madeMs) => madeMs,
  lateMs = () => 0,
}: Shape): Sent[] {
  const made = (what: (index: number) => Sent['what'], perSecond: number, untilMs: number) =>
    Array.from({ length: Math.ceil(seconds * perSecond) }, (_, index) => ({
      what: what(index),
      madeMs: Math.floor((index * 1000) / perSecond),
    })).filter(({ madeMs }) => madeMs < untilMs);
  let latestMs = 0;
  return [
    ...made((index) => (isKeyFrame(index) ? 'keyFrame' : 'picture'), fps, videoMs),
    ...made(() => 'audio', 44_100 / 1024, audioMs),
  ]
    .sort((a, b) => a.madeMs - b.madeMs)
    .map(({ what, madeMs }) => {
      latestMs = Math.max(latestMs, madeMs + lateMs());
      return { what, timestampMs: clockOf(madeMs), arrivalMs: latestMs };
    });
}

/** The most reads within any second. */
function mostReads({ readsMs }: Course): number {
  return Math.max(0, ...readsMs.map((startMs) => readsMs.filter((ms) => ms >= startMs && ms < startMs + 1000).length));
}

/** Cuts whose picture was not read when it was due. */
function unforeseen({ cutsLateMs }: Course): number {
  return cutsLateMs.filter((lateMs) => lateMs > SHORTEST_REST_MS).length;
}

it.each([
  { what: 'the next key frame', frag: 2, seconds: 20, isKeyFrame: every(60), cuts: 9, unforeseen: 1, reads: 101 },
  { what: 'the fifth', frag: 5, seconds: 60, isKeyFrame: every(30), cuts: 11, unforeseen: 0, reads: 301 },
  { what: 'one of ten a second', frag: 1, seconds: 20, isKeyFrame: every(3), cuts: 19, unforeseen: 0, reads: 101 },
  { what: 'one of three a second', frag: 1, seconds: 20, isKeyFrame: every(10), cuts: 19, unforeseen: 0, reads: 101 },
  { what: 'one of nothing else', frag: 1, seconds: 20, isKeyFrame: every(1), cuts: 19, unforeseen: 0, reads: 101 },
  {
    what: 'one at 29.97',
    frag: 1,
    seconds: 20,
    fps: 29.97,
    isKeyFrame: every(15),
    cuts: 19,
    unforeseen: 0,
    reads: 104,
  },
  { what: 'the tenth', frag: 10, seconds: 60, isKeyFrame: every(30), cuts: 5, unforeseen: 0, reads: 301 },
  { what: 'the hundredth', frag: 100, seconds: 320, isKeyFrame: every(30), cuts: 3, unforeseen: 0, reads: 1601 },
  { what: 'a picture at the limit', frag: 1, seconds: 190, isKeyFrame: every(1e6), cuts: 3, unforeseen: 0, reads: 951 },
  { what: 'one without sound', frag: 2, seconds: 20, audioMs: 0, cuts: 9, unforeseen: 0, reads: 101 },
  { what: 'nothing in sound', frag: 2, seconds: 20, videoMs: 0, cuts: 0, unforeseen: 0, reads: 100 },
  { what: 'one that never comes, in sound', frag: 2, seconds: 20, videoMs: 3941, cuts: 1, unforeseen: 0, reads: 103 },
  { what: 'one, then silence', frag: 2, seconds: 20, videoMs: 3941, audioMs: 3941, cuts: 1, unforeseen: 0, reads: 21 },
  {
    what: 'one where their distance changes',
    frag: 2,
    seconds: 40,
    isKeyFrame: (index: number) => index % (index < 600 ? 60 : 45) === 0,
    cuts: 16,
    unforeseen: 1,
    reads: 201,
  },
  {
    what: 'few among scene cuts',
    frag: 2,
    seconds: 40,
    isKeyFrame: (index: number) => index % 60 === 0 || index % 97 === 0,
    cuts: 19,
    unforeseen: 8,
    reads: 201,
  },
  {
    what: 'those before and after a jump of the clock',
    frag: 2,
    seconds: 40,
    clockOf: (madeMs: number) => (madeMs < 15_300 ? madeMs + 1e6 : madeMs),
    cuts: 19,
    unforeseen: 0,
    reads: 202,
  },
  {
    what: 'those of a clock at half the speed, step by step',
    frag: 2,
    seconds: 40,
    clockOf: (madeMs: number) => Math.floor(madeMs / 2),
    cuts: 9,
    unforeseen: 0,
    reads: 223,
  },
  {
    what: 'those of a clock that stands still, by a millisecond for each picture',
    frag: 1,
    seconds: 80,
    clockOf: () => 0,
    cuts: 2,
    unforeseen: 0,
    reads: 506,
  },
])('foresees $what', async ({ frag, cuts, unforeseen: late, reads, ...shape }) => {
  const course = await follow(frag, messagesOf(shape));
  expect({
    cuts: course.cutsLateMs.length,
    unforeseen: unforeseen(course),
    reads: course.readsMs.length,
  }).toEqual({ cuts, unforeseen: late, reads });
});

describe('whatever is pushed', () => {
  const fps = fc.oneof(fc.integer({ min: 10, max: 60 }), fc.constantFrom(24_000 / 1001, 30_000 / 1001, 60_000 / 1001));

  it('every cut is foreseen once the distance of key frames is known, if it stays the same', async () => {
    const shape = fc.record({
      fps,
      keyFrameEvery: fc.integer({ min: 1, max: 150 }),
      frag: fc.constantFrom(1, 2, 5, 10),
      hasSound: fc.boolean(),
      startMs: fc.nat(10_000),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ keyFrameEvery, frag, hasSound, startMs, ...rest }) => {
        const seconds = 2 * (frag + keyFrameEvery / rest.fps) + 1;
        const clockOf = (madeMs: number) => startMs + madeMs;
        const audioMs = hasSound ? Infinity : 0;
        const course = await follow(
          frag,
          messagesOf({ ...rest, seconds, clockOf, audioMs, isKeyFrame: every(keyFrameEvery) }),
        );
        const [, ...known] = course.cutsLateMs;
        expect(known).not.toEqual([]);
        expect(Math.max(...known)).toBeLessThanOrEqual(1000 / rest.fps + SHORTEST_REST_MS);
        expect(mostReads(course)).toBeLessThanOrEqual(1000 / REST_MS + 3);
      }),
      { numRuns: 60 },
    );
  });

  it('the reads are bounded, a cut is at most a rest late, and without pictures there are only rests', async () => {
    const shape = fc.record({
      fps,
      keyFrames: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
      frag: fc.constantFrom(1, 2, 5),
      videoMs: fc.integer({ min: 0, max: 15_000 }),
      audioMs: fc.constantFrom(0, 10_000, Infinity),
      /** Speeds of the encoder's clock, second by second. */
      speeds: fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 5 }),
      /** In turn. */
      lateMs: fc.array(fc.nat(80), { minLength: 1, maxLength: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ keyFrames, frag, speeds, lateMs, ...rest }) => {
        const numbers = new Set([0]);
        let number = 0;
        for (let turn = 0; number < 20 * rest.fps; turn++) {
          number += keyFrames[turn % keyFrames.length] ?? 1;
          numbers.add(number);
        }
        const speed = (second: number) => speeds[second % speeds.length] ?? 1;
        const clockOf = (madeMs: number) => {
          let timeMs = 0;
          for (let second = 0; second * 1000 < madeMs; second++) {
            timeMs += speed(second) * Math.min(1000, madeMs - second * 1000);
          }
          return Math.floor(timeMs);
        };
        let turn = 0;
        const course = await follow(
          frag,
          messagesOf({
            ...rest,
            seconds: 20,
            isKeyFrame: (index) => numbers.has(index),
            clockOf,
            lateMs: () => lateMs[turn++ % lateMs.length] ?? 0,
          }),
        );
        expect(mostReads(course)).toBeLessThanOrEqual(1000 / SHORTEST_REST_MS + 1);
        expect(Math.max(0, ...course.cutsLateMs)).toBeLessThanOrEqual(REST_MS);
        // Then the latest picture has been read. The key frame that it announced is looked for twice.
        const fromMs = rest.videoMs + Math.max(...lateMs) + REST_MS;
        const readsAfter = course.readsMs.filter((ms) => ms > fromMs);
        const untilMs = Math.max(fromMs, ...readsAfter);
        expect(readsAfter.length).toBeLessThanOrEqual((untilMs - fromMs) / REST_MS + 3);
      }),
      { numRuns: 100 },
    );
  });
});
