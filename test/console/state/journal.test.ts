import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { Contact, LIMITS } from '../../../src/console/contact.ts';
import { Journal } from '../../../src/console/state/journal.ts';
import { emulatorAnswer } from '../support/emulator-answer.ts';

const START_MS = 1_735_688_400_000;
/** As long as it waits before it connects anew. */
const RETRY_MS = 2_000;

/** A number: of a proxy, with this status. */
type Answer = 'events' | 'nothing' | 'unreachable' | 'refusal' | number;

/** A stream of events that the test answers as it likes, and another call that is answered or not. */
function setUp() {
  const clock = new ManualClock(START_MS);
  const contact = new Contact(clock);
  const server: { answer: Answer; stream?: ReadableStreamDefaultController<Uint8Array> } = { answer: 'events' };
  const journal = new Journal('/events', {
    clock,
    contact,
    async send(_url, request) {
      if (server.answer === 'unreachable') throw new TypeError('Failed to fetch');
      if (typeof server.answer === 'number') return new Response('', { status: server.answer });
      if (server.answer === 'refusal') return emulatorAnswer('', { status: 503 });
      if (server.answer === 'nothing') {
        return new Promise((_resolve, reject) => request?.signal?.addEventListener('abort', () => reject(new Error())));
      }
      return emulatorAnswer(
        new ReadableStream<Uint8Array>({
          start(controller) {
            server.stream = controller;
          },
        }),
      );
    },
  });
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await turnOfTheLoop();
  };
  return {
    journal,
    server,
    settle,
    async pass(ms: number) {
      clock.advance(ms);
      await settle();
    },
    async heartbeat() {
      server.stream?.enqueue(new TextEncoder().encode(': still here\n\n'));
      await settle();
    },
    hearOfOther: () => contact.answer(LIMITS.question, async () => emulatorAnswer('')),
  };
}

it.each<{ answer: Answer; cause: unknown }>([
  { answer: 'unreachable', cause: 'unreachable' },
  { answer: 'refusal', cause: { status: 503, isOfEmulator: true } },
  { answer: 502, cause: { status: 502, isOfEmulator: false } },
  { answer: 200, cause: { status: 200, isOfEmulator: false } },
])('a stream that breaks off is connected anew, and only then: $answer is told', async ({ answer, cause }) => {
  const { journal, server, settle, pass } = setUp();
  await settle();
  expect(journal.connection.value).toBe('open');
  server.answer = answer;
  server.stream?.close();
  await settle();
  expect(journal.connection.value).toBe('broken');
  expect(journal.silence.value).toBeUndefined();
  await pass(RETRY_MS);
  const silences: unknown[] = [];
  journal.silence.subscribe((silence) => silences.push(silence?.cause));
  for (let times = 0; times < 5; times++) await pass(RETRY_MS);
  // All the time: a banner that comes and goes cannot be read.
  expect(silences.length).toBeGreaterThan(0);
  for (const silence of silences) expect(silence).toEqual(cause);
  expect(journal.connection.value).toBe('lost');
  server.answer = 'events';
  await pass(RETRY_MS);
  expect(journal.silence.value).toBeUndefined();
  expect(journal.connection.value).toBe('open');
});

it.each<{ next: Answer; cause: unknown }>([
  { next: 'unreachable', cause: 'unreachable' },
  { next: 'nothing', cause: 'no answer' },
  { next: 502, cause: { status: 502, isOfEmulator: false } },
  { next: 404, cause: { status: 404, isOfEmulator: false } },
  { next: 'refusal', cause: { status: 503, isOfEmulator: true } },
])(
  'an emulator is not heard of by the status of a proxy, also when that is followed by: $next',
  async ({ next, cause }) => {
    const { journal, server, settle, pass } = setUp();
    await settle();
    server.answer = 503;
    server.stream?.close();
    for (let times = 0; times < 5; times++) await pass(RETRY_MS);
    expect(journal.silence.value).toEqual({ sinceMs: START_MS, cause: { status: 503, isOfEmulator: false } });
    server.answer = next;
    for (let times = 0; times < 5; times++) await pass(LIMITS.question.ms);
    expect(journal.silence.value).toEqual({ sinceMs: START_MS, cause });
  },
);

it('a stream that is lost while others are answered was not open meanwhile', async () => {
  const { journal, server, settle, pass, hearOfOther } = setUp();
  await settle();
  server.answer = 'nothing';
  await pass(LIMITS.question.ms);
  const connections: string[] = [];
  journal.connection.subscribe((connection) => void connections.push(connection));
  await pass(RETRY_MS);
  await pass(LIMITS.question.ms - 1);
  await hearOfOther();
  await pass(1);
  expect(connections).toEqual(['lost', 'broken']);
});

it('a stream that a proxy ends again and again is not told of', async () => {
  const { journal, server, settle, pass } = setUp();
  await settle();
  const silences: unknown[] = [];
  journal.silence.subscribe((silence) => silences.push(silence));
  for (let times = 0; times < 5; times++) {
    server.stream?.close();
    await settle();
    await pass(RETRY_MS);
    expect(journal.connection.value).toBe('open');
  }
  expect(new Set(silences)).toEqual(new Set([undefined]));
});

it.each([0, 1, 4_000, 14_998])('an emulator that was heard of by another call %i ms ago is not silent', async (ms) => {
  const { journal, server, settle, pass, heartbeat, hearOfOther } = setUp();
  await settle();
  await heartbeat();
  server.answer = 'nothing';
  await pass(LIMITS.question.ms - 1 - ms);
  await hearOfOther();
  await pass(ms);
  expect(journal.connection.value).toBe('open');
  await pass(1);
  expect(journal.connection.value).toBe('broken');
  expect(journal.silence.value).toBeUndefined();
  // It is silent as soon as nothing was heard of it for as long.
  const leftMs = LIMITS.question.ms - ms - 1;
  await pass(leftMs - 1);
  expect(journal.silence.value).toBeUndefined();
  await pass(1);
  const sinceMs = START_MS + LIMITS.question.ms - 1 - ms;
  expect(journal.silence.value).toEqual({ sinceMs, cause: 'no answer' });
  expect(journal.connection.value).toBe('lost');
});

it('a proxy that holds back the events is not told of while others are answered', async () => {
  const { journal, server, settle, pass, heartbeat, hearOfOther } = setUp();
  await settle();
  await heartbeat();
  server.answer = 'nothing';
  const silences: unknown[] = [];
  journal.silence.subscribe((silence) => silences.push(silence));
  for (let times = 0; times < 20; times++) {
    await pass(10_000);
    await hearOfOther();
  }
  expect(new Set(silences)).toEqual(new Set([undefined]));
});

it('an emulator that answers again to others is not called silent any longer', async () => {
  const { journal, server, settle, pass, hearOfOther } = setUp();
  await settle();
  server.answer = 'nothing';
  await pass(LIMITS.question.ms);
  expect(journal.silence.value?.cause).toBe('no answer');
  await pass(RETRY_MS);
  await pass(LIMITS.question.ms - 1);
  await hearOfOther();
  await pass(1);
  expect(journal.silence.value).toBeUndefined();
  expect(journal.connection.value).toBe('broken');
});
