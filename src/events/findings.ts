/** What is unusual about a stream; `ingest/diagnosis.ts` says what each means. */
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
