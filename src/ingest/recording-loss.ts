/** What a push has lost, as its end tells of it. */
import type { LostRecording } from '../recording/fragments/recorder.ts';

/** The fields of the event that ends a push. */
export function lossFields(lost: LostRecording | undefined): {
  readonly lostFragments?: number;
  readonly lostMs?: number;
} {
  return lost ? { lostFragments: lost.fragments, lostMs: Math.round(lost.durationMs) } : {};
}

/** A sentence for the log. */
export function lossText({ fragments, durationMs }: LostRecording): string {
  const count = fragments === 1 ? 'fragment' : 'fragments';
  return `lost, because it could not be stored: ${fragments} ${count}, ${(durationMs / 1000).toFixed(1)} s of media`;
}

/** Of several recordings of one push. */
export function lossOfBoth(a: LostRecording | undefined, b: LostRecording | undefined): LostRecording | undefined {
  if (!a || !b) return a ?? b;
  return { fragments: a.fragments + b.fragments, durationMs: a.durationMs + b.durationMs };
}
