/** What long work is counted in. */
export const PROGRESS_UNITS = ['bytes', 'rows', 'objects', 'fragments', 'parts'] as const;

/** How far long work is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly unit: (typeof PROGRESS_UNITS)[number];
}

/** Called by long work again and again; the work waits for it, so that everything else has its turn meanwhile. */
export type ReportProgress = (progress: Progress) => void | Promise<void>;

/** For whoever does not want to know. */
export const unreported: ReportProgress = () => {};
