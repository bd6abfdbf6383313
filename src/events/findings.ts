/** Unusual properties of a stream; `ingest/diagnosis.ts` explains each. */
export type StreamFinding =
  | 'audio-codec'
  | 'audio-gap'
  | 'b-frames'
  | 'clock-drift'
  | 'forced-cut'
  | 'key-frame-interval'
  | 'no-audio'
  | 'no-video'
  | 'time-jump'
  | 'video-codec'
  | 'video-gap';
