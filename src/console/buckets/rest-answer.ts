import { signal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Clock, Timer } from '../../base/clock.ts';
import type { EventOf, EventType } from '../../events/events.ts';
import { CallFailed } from '../call-failed.ts';
import { NoAnswerInTime } from '../contact.ts';
import { useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';
import { RestRefused } from './rest.ts';

/** A long upload changes a bucket many times in a second. */
const SHORTEST_INTERVAL_MS = 1_000;

export interface RestState<Value> {
  /** Undefined before the first answer, and after a refusal. */
  readonly value: Value | undefined;
  readonly refusal: RestRefused | undefined;
}

/** An answer that is asked for again when it may have changed: one call at a time, and not too often. */
class Repeated<Value> {
  readonly state = signal<RestState<Value>>({ value: undefined, refusal: undefined });
  readonly #ask: () => Promise<Value>;
  readonly #clock: Clock;
  readonly #onLate: (error: NoAnswerInTime) => void;
  #isBusy = false;
  #isStale = false;
  #isEnded = false;
  #timer: Timer | undefined;

  constructor(ask: () => Promise<Value>, clock: Clock, onLate: (error: NoAnswerInTime) => void) {
    this.#ask = ask;
    this.#clock = clock;
    this.#onLate = onLate;
  }

  refresh(): void {
    this.#isStale = true;
    if (!this.#isBusy) void this.#run();
  }

  end(): void {
    this.#isEnded = true;
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    this.#isStale = false;
    const state = await this.#answer();
    if (this.#isEnded) return;
    if (state) this.state.value = state;
    this.#timer = this.#clock.setTimeout(() => {
      this.#isBusy = false;
      if (this.#isStale) this.refresh();
    }, SHORTEST_INTERVAL_MS);
  }

  /** Undefined when the emulator does not answer: the banner says so, and what is shown stays. */
  async #answer(): Promise<RestState<Value> | undefined> {
    try {
      return { value: await this.#ask(), refusal: undefined };
    } catch (error) {
      if (error instanceof RestRefused) return { value: undefined, refusal: error };
      if (error instanceof NoAnswerInTime) {
        // It may answer others: then no banner says so.
        this.#onLate(error);
        this.#isStale = true;
      }
      if (error instanceof CallFailed) return undefined;
      throw error;
    }
  }
}

export interface RestQuestion<Value> {
  readonly ask: () => Promise<Value>;
  /** Whether the answer may be another one after this event. */
  readonly changesBy: (event: JournalEvent) => boolean;
}

/**
 * An answer of the REST API while the component is shown, and the function that asks for it again.
 * @param key identifies the question; when it changes, the old answer is dropped
 */
export function useRestAnswer<Value>(
  key: string,
  question: RestQuestion<Value>,
): RestState<Value> & { readonly refresh: () => void } {
  const { journal, browserClock, notice } = useConsole();
  const latest = useRef(question);
  latest.current = question;
  const repeated = useMemo(
    () =>
      new Repeated(
        () => latest.current.ask(),
        browserClock,
        (error) => notice.tell(error),
      ),
    [key],
  );
  useEffect(() => {
    repeated.refresh();
    return () => repeated.end();
  }, [repeated]);
  useRecovery(() => repeated.refresh());
  const seenId = useRef(journal.events.peek().at(-1)?.id ?? 0);
  useSignalEffect(() => {
    const events = journal.events.value;
    const news = events.slice(events.findLastIndex(({ id }) => id <= seenId.current) + 1);
    seenId.current = events.at(-1)?.id ?? 0;
    if (news.some((event) => latest.current.changesBy(event))) repeated.refresh();
  });
  return { ...repeated.state.value, refresh: () => repeated.refresh() };
}

/** Calls `refresh` when the emulator answers again. */
function useRecovery(refresh: () => void): void {
  const { journal } = useConsole();
  const latest = useRef(refresh);
  latest.current = refresh;
  const wasLost = useRef(false);
  useSignalEffect(() => {
    const connection = journal.connection.value;
    if (connection === 'open' && wasLost.current) latest.current();
    wasLost.current = connection === 'lost';
  });
}

/** Calls `refresh` when a push has stored something: the journal keeps no such events. */
export function useGrowth(refresh: () => void): void {
  const { journal } = useConsole();
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(
    () =>
      journal.subscribe((events) => {
        if (events.some(({ type }) => STORED.includes(type))) latest.current();
      }),
    [],
  );
}

const STORED: readonly EventType[] = ['fragment.stored', 'live.slice-stored', 'playlist.written', 'snapshot.stored'];

/** Whether an event may have changed what is in a bucket or how it is configured. */
export function changesBucket(event: JournalEvent, bucket: string): boolean {
  if (isNewBeginning(event)) return true;
  if (!('bucket' in event) || event.bucket !== bucket) return false;
  return event.type === 'request.answered' ? isChange(event) : CHANGES.includes(event.type);
}

/** Whether an event may have changed how a bucket is configured. */
export function changesConfiguration(event: JournalEvent, bucket: string): boolean {
  return changesBucket(event, bucket) && (!('key' in event) || !event.key);
}

/** Whether an event may have changed which buckets there are. */
export function changesBuckets(event: JournalEvent): boolean {
  if (isNewBeginning(event)) return true;
  if (event.type !== 'request.answered' || !isChange(event)) return false;
  return event.operation === 'PutBucket' || event.operation === 'DeleteBucket';
}

const CHANGES: readonly EventType[] = ['lifecycle.expired', 'lifecycle.transitioned', 'lifecycle.aborted'];

function isNewBeginning({ type }: JournalEvent): boolean {
  return type === 'emulator.reset' || type === 'emulator.seeded' || type === 'emulator.imported';
}

function isChange({ method, status }: EventOf<'request.answered'>): boolean {
  return status < 300 && !['GET', 'HEAD', 'OPTIONS'].includes(method);
}
