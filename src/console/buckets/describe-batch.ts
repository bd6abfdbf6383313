import { count, fileSize } from '../format.ts';
import type { BatchProgress } from './batch.ts';

const OUTCOMES = {
  finding: 'found so far',
  running: 'done',
  ended: 'done',
  cancelled: 'done, then cancelled',
} as const;

/** `812 of 10,000 files done, 3 failed, 12 MiB of 40 MiB`. */
export function describeBatch({ state, total, done, failed, bytes }: BatchProgress, unit: string): string {
  const number = state === 'finding' ? count(total, unit) : `${done.toLocaleString('en')} of ${count(total, unit)}`;
  const sizes = bytes && state === 'running' ? [`${fileSize(bytes.done)} of ${fileSize(bytes.total)}`] : [];
  const failures = failed > 0 ? [`${failed.toLocaleString('en')} failed`] : [];
  return [`${number} ${OUTCOMES[state]}`, ...failures, ...sizes].join(', ');
}
