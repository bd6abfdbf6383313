/** What a push has lost, as its end tells of it. */
import type { LostMedia } from '../events/lost-media.ts';
import type { LostRecording } from '../recording/fragments/recorder.ts';

/** The fields of the event that ends a push. */
export function lossFields(lost: LostRecording | undefined): LostMedia {
  return lost ? { lostFragments: lost.fragments, lostMs: Math.round(lost.durationMs) } : {};
}

/** Of several recordings of one push. */
export function lossOfBoth(a: LostRecording | undefined, b: LostRecording | undefined): LostRecording | undefined {
  if (!a || !b) return a ?? b;
  return { fragments: a.fragments + b.fragments, durationMs: a.durationMs + b.durationMs };
}
