import type { Progress } from '../../base/progress.ts';

const BAR_WIDTH = 30;

/** `[#####.....] 3 of 12`. */
export function progressBar(done: number, total: number, shown: string): string {
  const part = total > 0 ? Math.min(1, done / total) : 1;
  return `[${'#'.repeat(Math.round(part * BAR_WIDTH)).padEnd(BAR_WIDTH, '.')}] ${shown}`;
}

export function shownProgress({ done, total, unit }: Progress): string {
  const shown = unit === 'bytes' ? `${megabytes(done)} of ${megabytes(total)} MB` : `${done} of ${total} ${unit}`;
  return progressBar(done, total, shown);
}

function megabytes(sizeBytes: number): string {
  return (sizeBytes / 1_000_000).toFixed(1);
}
