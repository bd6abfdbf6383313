import { expect, it } from 'vitest';
import { progressBar, shownProgress } from '../../../src/cli/commands/progress-bar.ts';

it.each([
  [{ done: 0, total: 4, unit: 'parts' as const }, `[${'.'.repeat(30)}] 0 of 4 parts`],
  [{ done: 2, total: 4, unit: 'rows' as const }, `[${'#'.repeat(15)}${'.'.repeat(15)}] 2 of 4 rows`],
  [{ done: 1_500_000, total: 3_000_000, unit: 'bytes' as const }, `[${'#'.repeat(15)}${'.'.repeat(15)}] 1.5 of 3.0 MB`],
  [{ done: 0, total: 0, unit: 'bytes' as const }, `[${'#'.repeat(30)}] 0.0 of 0.0 MB`],
])('%j is drawn', (progress, drawn) => {
  expect(shownProgress(progress)).toBe(drawn);
});

it('more than all is all', () => {
  expect(progressBar(5, 4, 'done')).toBe(`[${'#'.repeat(30)}] done`);
});
