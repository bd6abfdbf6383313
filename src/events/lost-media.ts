/** What of a push could not be stored, as the event of its end has it. */
export interface LostMedia {
  /** At most so many fragments, or slices; absent: none. */
  readonly lostFragments?: number;
  /** How much media was in them, in milliseconds. What a segmenter that died did not deliver is not counted. */
  readonly lostMs?: number;
}

/** A sentence, without its end; undefined when nothing was lost. */
export function lostMediaText({ lostFragments, lostMs = 0 }: LostMedia): string | undefined {
  if (lostFragments === undefined) return undefined;
  const count = lostFragments === 1 ? 'fragment' : 'fragments';
  return `lost, because it could not be stored: ${lostFragments} ${count}, ${(lostMs / 1000).toFixed(1)} s of media`;
}
