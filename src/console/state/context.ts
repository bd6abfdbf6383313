import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { EventType } from '../../events/events.ts';
import type { Console } from './console.ts';

export const ConsoleContext = createContext<Console | undefined>(undefined);

export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (!found) throw new Error('outside of the console');
  return found;
}

/**
 * What the control API says, asked again whenever `key` changes or one of the events happens; undefined until then.
 * @param ask gets what is known and what has happened since, for those who need only ask for the rest
 * @param everyMs also so often, for figures that change without an event
 */
export function useAnswer<Value>(
  key: string,
  ask: (known: Value | undefined, since: ReadonlySet<EventType>) => Promise<Value>,
  refreshOn: readonly EventType[],
  everyMs?: number,
): Value | undefined {
  const { journal, notice, browserClock } = useConsole();
  const [answer, setAnswer] = useState<{ readonly key: string; readonly value: Value }>();
  useEffect(() => {
    let isCurrent = true;
    let known: Value | undefined;
    // One after the other, so that a late answer does not replace a newer one.
    let asked = Promise.resolve();
    const refresh = (since: ReadonlySet<EventType>) => {
      asked = asked.then(() =>
        notice.attempt(async () => {
          if (!isCurrent) return;
          known = await ask(known, since);
          if (isCurrent) setAnswer({ key, value: known });
        }),
      );
    };
    refresh(new Set());
    const unsubscribe = journal.subscribe((types) => {
      if (refreshOn.some((type) => types.has(type))) refresh(types);
    });
    const refreshAgain = () => {
      refresh(new Set());
      timer = later();
    };
    const later = () => (everyMs === undefined ? undefined : browserClock.setTimeout(refreshAgain, everyMs));
    let timer = later();
    return () => {
      isCurrent = false;
      unsubscribe();
      timer?.cancel();
    };
  }, [key, everyMs]);
  return answer?.key === key ? answer.value : undefined;
}
