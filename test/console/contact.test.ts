import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createControlApi } from '../../src/console/api-client.ts';
import { Contact, LIMITS, NoAnswerInTime, Unreachable } from '../../src/console/contact.ts';
import { createLongApi } from '../../src/console/long-api.ts';
import { HEARTBEAT_MS } from '../../src/control-plane/admin/event-stream.ts';
import { listenDuringTest } from '../support/listen.ts';
import { emulatorAnswer } from './support/emulator-answer.ts';

const START_MS = 1_735_688_400_000;

function setUp() {
  const clock = new ManualClock(START_MS);
  return { clock, contact: new Contact(clock) };
}

/** Resolves after everything that is due now. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How the promise has come out so far. */
function outcomeOf(promise: Promise<unknown>): { value: unknown } {
  const outcome: { value: unknown } = { value: 'waiting' };
  promise.then(
    () => {
      outcome.value = 'done';
    },
    (error: unknown) => {
      outcome.value = error;
    },
  );
  return outcome;
}

/** An answer whose body the test writes. */
function openAnswer() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const write = (text: string) => void writer.write(new TextEncoder().encode(text)).catch(() => {});
  return { response: emulatorAnswer(readable), write, close: () => void writer.close() };
}

/** Never answers, as an emulator whose process is stopped; says which requests were given up. */
function silentSend() {
  const given: string[] = [];
  const send = (url: string, { signal }: RequestInit = {}) =>
    new Promise<Response>((_, reject) => {
      signal?.addEventListener('abort', () => {
        given.push(url);
        reject(new TypeError('aborted'));
      });
    });
  return { send, given };
}

describe('an emulator that does not answer', () => {
  type Silent = ReturnType<typeof setUp> & ReturnType<typeof silentSend>;

  it.each<{ what: string; ms: number; mayBeDone: boolean; call: (silent: Silent) => Promise<unknown> }>([
    {
      what: 'a question',
      ms: 15_000,
      mayBeDone: false,
      call: (s) => createControlApi('', s.send, s.contact)('channels'),
    },
    {
      what: 'a question that is posted',
      ms: 15_000,
      mayBeDone: false,
      call: (s) => createControlApi('', s.send, s.contact)('presign', { body: { bucket: 'b', key: 'k' } }),
    },
    {
      what: 'a change',
      ms: 60_000,
      mayBeDone: true,
      call: (s) => createControlApi('', s.send, s.contact)('publish', { body: { channel: 'cam' } }),
    },
    {
      what: 'long work',
      ms: 120_000,
      mayBeDone: true,
      call: (s) => createLongApi('', s.send, s.contact).call('reset', { body: {} }, () => {}),
    },
    {
      what: 'an export',
      ms: 120_000,
      mayBeDone: true,
      call: (s) => createLongApi('', s.send, s.contact).download(() => {}),
    },
  ])('is waited for no longer than $ms ms: $what', async ({ ms, mayBeDone, call }) => {
    const silent = { ...setUp(), ...silentSend() };
    const outcome = outcomeOf(call(silent));
    silent.clock.advance(ms - 1);
    await settled();
    expect(outcome.value).toBe('waiting');
    silent.clock.advance(1);
    await settled();
    expect(outcome.value).toBeInstanceOf(NoAnswerInTime);
    expect(String(outcome.value)).toContain(`The emulator has not answered for ${ms / 1000} s.`);
    expect(String(outcome.value).includes('may still be done')).toBe(mayBeDone);
    expect(silent.given).toHaveLength(1);
  });

  it('has the connection closed when the time is over', async () => {
    const { clock, contact } = setUp();
    const server = createServer(() => {});
    const url = `http://127.0.0.1:${await listenDuringTest(server)}/`;
    const requested = once(server, 'request');
    const outcome = outcomeOf(contact.answer(LIMITS.request, (signal) => fetch(url, { signal })));
    const [request] = await requested;
    const closed = once(request.socket, 'close');
    clock.advance(LIMITS.request.ms);
    await closed;
    await settled();
    expect(outcome.value).toBeInstanceOf(NoAnswerInTime);
  });

  it('is told from one that cannot be reached', async () => {
    const { contact } = setUp();
    const answer = contact.answer(LIMITS.question, () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(answer).rejects.toThrow(new Unreachable(LIMITS.question));
    await expect(answer).rejects.toBeInstanceOf(Unreachable);
  });
});

it('the emulator sends something three times in the silence that the stream of events may have', () => {
  expect(LIMITS.question.ms).toBeGreaterThanOrEqual(3 * HEARTBEAT_MS);
});

describe('an answer', () => {
  it('may take as long as it needs while bytes come, and no longer than the limit without any', async () => {
    const { clock, contact } = setUp();
    const { response, write } = openAnswer();
    const outcome = outcomeOf(contact.text(LIMITS.request, response));
    for (let times = 0; times < 5; times++) {
      clock.advance(LIMITS.request.ms - 1);
      write('more');
      await settled();
    }
    expect(outcome.value).toBe('waiting');
    clock.advance(LIMITS.request.ms);
    await settled();
    expect(outcome.value).toBeInstanceOf(NoAnswerInTime);
  });

  it('that has come in time is no longer timed', async () => {
    const { clock, contact } = setUp();
    const { response, write, close } = openAnswer();
    const text = contact.text(LIMITS.request, response);
    write('whole');
    close();
    expect(await text).toBe('whole');
    clock.advance(LIMITS.request.ms * 2);
    expect(await contact.within(LIMITS.request, async () => 'the next one')).toBe('the next one');
  });

  it.each([
    ['is not read to its end', { reads: 1 }],
    ['stands still', { reads: 2 }],
  ])('that %s is broken off', async (_what, { reads }) => {
    const { clock, contact } = setUp();
    let cancelled = 0;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: () => {
        cancelled += 1;
      },
    });
    const chunks = contact.chunks(LIMITS.question, emulatorAnswer(body));
    await chunks.next();
    if (reads === 1) await chunks.return(undefined);
    else {
      const next = outcomeOf(chunks.next());
      await settled();
      clock.advance(LIMITS.question.ms);
      await settled();
      expect(next.value).toBeInstanceOf(NoAnswerInTime);
    }
    expect(cancelled).toBe(1);
  });
});

describe('long work that has nothing to send', () => {
  const hearOf = (contact: Contact) => contact.answer(LIMITS.question, async () => emulatorAnswer(''));

  it('goes on for as long as the emulator is heard of by others', async () => {
    const { clock, contact } = setUp();
    const outcome = outcomeOf(contact.within(LIMITS.work, () => new Promise(() => {})));
    for (let times = 0; times < 5; times++) {
      clock.advance(LIMITS.work.ms - 1);
      await hearOf(contact);
    }
    expect(outcome.value).toBe('waiting');
    clock.advance(LIMITS.work.ms - 1);
    await settled();
    expect(outcome.value).toBe('waiting');
    clock.advance(1);
    await settled();
    expect(outcome.value).toBeInstanceOf(NoAnswerInTime);
  });

  it.each([0, 1, 30_000, 119_999])('ends when the emulator, heard of %i ms after its begin, is silent', async (ms) => {
    const { clock, contact } = setUp();
    const outcome = outcomeOf(contact.within(LIMITS.work, () => new Promise(() => {})));
    clock.advance(ms);
    await hearOf(contact);
    // Whatever is done to the time of the machine: it is the length of the silence that counts.
    clock.set(START_MS);
    clock.advance(LIMITS.work.ms - 1);
    await settled();
    expect(outcome.value).toBe('waiting');
    clock.advance(1);
    await settled();
    expect(outcome.value).toBeInstanceOf(NoAnswerInTime);
  });

  it('is no excuse for a question', async () => {
    const { clock, contact } = setUp();
    const outcome = outcomeOf(contact.within(LIMITS.question, () => new Promise(() => {})));
    clock.advance(LIMITS.question.ms - 1);
    await hearOf(contact);
    clock.advance(1);
    await settled();
    expect(outcome.value).toBeInstanceOf(NoAnswerInTime);
  });
});

it('bytes that are sent begin the limit anew', async () => {
  const { clock, contact } = setUp();
  let moved = () => {};
  const sending = contact.within(LIMITS.change, (waiting) => {
    moved = waiting.moved;
    return new Promise(() => {});
  });
  const outcome = outcomeOf(sending);
  for (let times = 0; times < 5; times++) {
    clock.advance(LIMITS.change.ms - 1);
    moved();
  }
  await settled();
  expect(outcome.value).toBe('waiting');
  clock.advance(LIMITS.change.ms);
  moved();
  await settled();
  expect(outcome.value).toBeInstanceOf(NoAnswerInTime);
});

it('the emulator was last heard of when something came', async () => {
  const { clock, contact } = setUp();
  const { response, write } = openAnswer();
  expect(contact.lastMs).toBe(START_MS);
  clock.advance(1_000);
  await contact.answer(LIMITS.question, async () => response);
  expect(contact.lastMs).toBe(START_MS + 1_000);
  const chunks = contact.chunks(LIMITS.question, response);
  const next = chunks.next();
  clock.advance(1_000);
  write('x');
  await next;
  expect(contact.lastMs).toBe(START_MS + 2_000);
});

it('of a change whose answer breaks off nobody knows whether it is done, and it is said so; of a question it does not matter', async () => {
  const { contact } = setUp();
  const broken = () =>
    emulatorAnswer(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"'));
        },
        pull: () => Promise.reject(new TypeError('network error')),
      }),
    );
  const change = await contact.text(LIMITS.change, broken()).catch((error: unknown) => error);
  expect(change).toMatchObject({ mayBeDone: true, message: expect.stringContaining('may still be done') });
  const question = await contact.text(LIMITS.question, broken()).catch((error: unknown) => error);
  expect(question).toMatchObject({ mayBeDone: false, message: 'The emulator did not answer to the end.' });
});
