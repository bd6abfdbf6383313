import { useState } from 'preact/hooks';
import type { Progress as Done } from '../../base/progress.ts';
import { fileSize } from '../format.ts';
import { Progress } from '../parts/progress.tsx';

/** How far work is; the total is not known at its beginning. */
interface Running {
  readonly label: string;
  readonly done: number;
  readonly total: number | undefined;
  readonly unit: Done['unit'] | undefined;
}

export interface LongWork {
  readonly running: Running | undefined;
  /** Does something that takes long, and shows how far it is. */
  readonly run: <Result>(label: string, work: (report: (progress: Done) => void) => Promise<Result>) => Promise<Result>;
}

export function useLongWork(): LongWork {
  const [running, setRunning] = useState<Running>();
  return {
    running,
    async run(label, work) {
      setRunning({ label, done: 0, total: undefined, unit: undefined });
      try {
        return await work(({ done, total, unit }) => setRunning({ label, done, total, unit }));
      } finally {
        setRunning(undefined);
      }
    },
  };
}

/** Nothing while no work is done. */
export function WorkProgress({ running }: { readonly running: LongWork['running'] }) {
  if (!running) return null;
  const { label, done, total, unit } = running;
  return (
    <Progress label={label} done={done} total={total}>
      {total !== undefined && unit !== undefined && figures(done, total, unit)}
    </Progress>
  );
}

function figures(done: number, total: number, unit: Done['unit']): string {
  if (unit === 'bytes') return `${fileSize(done)} of ${fileSize(total)}`;
  return `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}`;
}
