import { createContext } from 'preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import type { ConsoleState } from './console-state.ts';
import type { Question } from './kept-answer.ts';

export const ConsoleContext = createContext<ConsoleState | undefined>(undefined);

/** @throws Error outside of the page, which is a bug */
export function useConsole(): ConsoleState {
  const found = useContext(ConsoleContext);
  if (!found) throw new Error('outside of the console');
  return found;
}

/**
 * An answer of the control API, kept up to date while the component is shown; undefined until the first answer.
 * @param key identifies the call; when it changes, the old answer is dropped
 */
export function useAnswer<Value>(key: string, question: Question<Value>): Value | undefined {
  const page = useConsole();
  const answer = useMemo(() => page.keep(question), [key]);
  useEffect(() => answer.start(), [answer]);
  return answer.value;
}
