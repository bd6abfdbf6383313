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

/** What the control API says, asked again whenever `key` changes or one of the events happens; undefined until then. */
export function useAnswer<Value>(
  key: string,
  ask: () => Promise<Value>,
  refreshOn: readonly EventType[],
): Value | undefined {
  const { journal, notice } = useConsole();
  const [answer, setAnswer] = useState<{ readonly key: string; readonly value: Value }>();
  useEffect(() => {
    let isCurrent = true;
    const refresh = () =>
      notice.attempt(async () => {
        const value = await ask();
        if (isCurrent) setAnswer({ key, value });
      });
    refresh();
    const unsubscribe = journal.subscribe((types) => {
      if (refreshOn.some((type) => types.has(type))) refresh();
    });
    return () => {
      isCurrent = false;
      unsubscribe();
    };
  }, [key]);
  return answer?.key === key ? answer.value : undefined;
}
