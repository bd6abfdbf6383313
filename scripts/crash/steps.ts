/** Where the harness can end the emulator: the steps that `kill-switch.mjs` knows, by effect. */

const FILE_MOMENTS = ['before', 'after'] as const;
const ROW_MOMENTS = ['before', 'within', 'after'] as const;

const FILES = [
  'lock',
  'bytes-file',
  'bytes',
  'object-rename',
  'part-rename',
  'fragment-rename',
  'playlist-rename',
  'object-unlink',
  'part-unlink',
  'playlist-unlink',
  'answer',
] as const;

/** Rows that are written in a transaction with others, so that there is a moment within it. */
const ROWS_IN_TRANSACTIONS = [
  'migration',
  'object-row',
  'playlist-row',
  'fragment-row',
  'livePlaylist-row',
  'object-update',
  'object-delete',
  'upload-delete',
  'part-row',
  'channel-delete',
] as const;

const ROWS_ALONE = [
  'bucket-row',
  'upload-row',
  'channel-row',
  'session-row',
  'session-update',
  'document-row',
  'document-delete',
] as const;

function steps(effects: readonly string[], moments: readonly string[]): readonly string[] {
  return effects.flatMap((effect) => moments.map((moment) => `${effect}.${moment}`));
}

/** Passed by every start, or by the first start on a folder. */
export const STEPS_OF_START = steps(['lock'], FILE_MOMENTS).concat(steps(['migration'], ROW_MOMENTS));

export const STEPS: readonly string[] = [
  ...steps(FILES, FILE_MOMENTS),
  'bytes.half',
  ...steps(ROWS_IN_TRANSACTIONS, ROW_MOMENTS),
  ...steps(ROWS_ALONE, FILE_MOMENTS),
  'event.after',
];
