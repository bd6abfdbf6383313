import { useEffect, useRef } from 'preact/hooks';
import { CallFailed } from '../call-failed.ts';
import { fileSize } from '../format.ts';
import { useConsole } from '../state/context.ts';
import type { CallProgress } from '../state/long-calls.ts';
import { Progress } from './progress.tsx';

export interface LongCallUse {
  /** Also when it was started before another page was shown. */
  readonly isRunning: boolean;
  /** @throws CallFailed when the emulator refuses the call */
  readonly run: <Result>(call: (report: (progress: CallProgress) => void) => Promise<Result>) => Promise<Result>;
}

/** A call that takes long. @param label what it does, in one or a few words: `Seeding` */
export function useLongCall(label: string): LongCallUse {
  const { longCalls, notice } = useConsole();
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  return {
    isRunning: longCalls.running.value.has(label),
    async run(call) {
      try {
        return await longCalls.run(label, call);
      } catch (error) {
        // The place for the reason is not shown any more.
        if (error instanceof CallFailed && !isShown.current) notice.tell(error, label);
        throw error;
      }
    },
  };
}

/** How far the call of that label is; nothing while it does not go on. */
export function LongCallProgress({ label }: { readonly label: string }) {
  const running = useConsole().longCalls.running.value;
  if (!running.has(label)) return null;
  const progress = running.get(label);
  return (
    <Progress label={label} done={progress?.done ?? 0} total={progress?.total}>
      {progress && figures(progress)}
    </Progress>
  );
}

function figures({ done, total, unit }: CallProgress): string {
  const inWords = (amount: number) => (unit === 'bytes' ? fileSize(amount) : amount.toLocaleString('en'));
  const name = unit === 'bytes' ? '' : ` ${unit}`;
  return total === undefined ? `${inWords(done)}${name} so far` : `${inWords(done)} of ${inWords(total)}${name}`;
}
