import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { EventOf, EventType } from '../../events/events.ts';
import { useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';
import { Repeated, type RestState } from './repeated.ts';

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
  const wasBroken = useRef(false);
  useSignalEffect(() => {
    const connection = journal.connection.value;
    if (connection === 'open' && wasBroken.current) latest.current();
    wasBroken.current = connection === 'broken' || connection === 'lost';
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
