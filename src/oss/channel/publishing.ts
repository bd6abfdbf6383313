import type { MediaStat } from '../../media/stat.ts';

/** Who is live, as the rules of a channel need to know it. Filled by the ingest side; `channel` knows nothing of it. */
export interface LiveSessions {
  find(bucket: string, channel: string): LiveSession | undefined;
}

export interface LiveSession {
  readonly connectedMs: number;
  /** `ip:port` of the publisher. */
  readonly remoteAddr: string;
  stat(): MediaStat;
  /** Ends the push some time from now, because its channel was disabled. */
  cutSoon(): void;
  /** Takes `cutSoon` back. */
  keep(): void;
}
