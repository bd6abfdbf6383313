import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import type { Connection, JournalEvent } from '../../../src/console/state/journal.ts';
import { KeptAnswer, type Question } from '../../../src/console/state/kept-answer.ts';
import { Notice } from '../../../src/console/state/notice.ts';
import type { EventType } from '../../../src/events/events.ts';

/** An answer on a connection and events that the test controls. */
function keep<Value>(question: Question<Value>) {
  const clock = new ManualClock(0);
  const connection = signal<Connection>('connecting');
  const listeners = new Set<(events: readonly JournalEvent[]) => void>();
  const journal = {
    connection,
    subscribe(listener: (events: readonly JournalEvent[]) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const answer = new KeptAnswer(question, { journal, notice: new Notice(clock), browserClock: clock });
  const emit = (...types: readonly EventType[]) => {
    const events = types.map((type) => ({ type, id: 1, atMs: 0 }) as JournalEvent);
    for (const listener of listeners) listener(events);
  };
  return { answer, clock, connection, emit };
}

/** Answers 1, 2, 3, ... */
function counting() {
  let count = 0;
  return async () => ++count;
}

/** Resolves after everything that has been asked so far. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('an answer that is kept', () => {
  it('is asked at every new connection, and not without one', async () => {
    const { answer, connection } = keep({ ask: counting(), refreshOn: [] });
    answer.start();
    await settled();
    expect(answer.value).toBeUndefined();
    connection.value = 'open';
    await settled();
    expect(answer.value).toBe(1);
    connection.value = 'lost';
    await answer.refresh();
    expect(answer.value).toBe(1);
    connection.value = 'open';
    await settled();
    expect(answer.value).toBe(2);
  });

  it('is asked again after its events only, and gets the known answer and what happened', async () => {
    const asked: (readonly [known: number | undefined, since: readonly EventType[]])[] = [];
    const ask = async (known: number | undefined, since: ReadonlySet<EventType>) => asked.push([known, [...since]]);
    const { answer, connection, emit } = keep({ ask, refreshOn: ['publish.ended'] });
    answer.start();
    connection.value = 'open';
    await settled();
    emit('publish.accepted');
    emit('publish.ended', 'clock.changed');
    await settled();
    expect(asked).toEqual([
      [undefined, ['emulator.reset']],
      [1, ['publish.ended', 'clock.changed']],
    ]);
  });

  it('is asked once for all that happens while a question is open', async () => {
    const asked: (readonly EventType[])[] = [];
    const answers: (() => void)[] = [];
    const ask = (_known: number | undefined, since: ReadonlySet<EventType>) => {
      const count = asked.push([...since]);
      return new Promise<number>((resolve) => answers.push(() => resolve(count)));
    };
    const changesBy = ({ type }: JournalEvent) => type === 'publish.refused';
    const { answer, connection, emit } = keep({ ask, refreshOn: ['publish.ended'], changesBy });
    answer.start();
    connection.value = 'open';
    await settled();
    for (let times = 0; times < 3; times++) emit('publish.ended', 'publish.refused', 'clock.changed');
    emit('publish.refused');
    const last = answer.refresh();
    for (let times = 0; times < 2; times++) {
      answers[times]?.();
      await settled();
    }
    await last;
    expect(asked).toEqual([['emulator.reset'], ['publish.ended', 'publish.refused', 'clock.changed']]);
  });

  it('is asked again by time for as long as the answer says so, and not after its end', async () => {
    const everyMs = (count = 0) => (count < 3 ? 1_000 : undefined);
    const { answer, clock, connection } = keep({ ask: counting(), refreshOn: ['emulator.reset'], everyMs });
    const stop = answer.start();
    connection.value = 'open';
    await settled();
    for (let seconds = 0; seconds < 5; seconds++) {
      clock.advance(1_000);
      await settled();
    }
    expect(answer.value).toBe(3);
    stop();
    await answer.refresh();
    expect(answer.value).toBe(3);
  });

  it('is never replaced by an answer to an earlier question', async () => {
    const answers: ((value: string) => void)[] = [];
    const ask = () => new Promise<string>((resolve) => answers.push(resolve));
    const { answer, connection } = keep({ ask, refreshOn: [] });
    answer.start();
    connection.value = 'open';
    await settled();
    const second = answer.refresh();
    await settled();
    // The second call waits for the first.
    expect(answers).toHaveLength(1);
    answers[0]?.('first');
    await settled();
    answers[1]?.('second');
    await second;
    expect(answer.value).toBe('second');
  });
});
