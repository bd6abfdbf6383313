/** Who is live, as the rules of a channel need to know it. Filled by the ingest side; `channel` knows nothing of it. */
export interface LiveSessions {
  find(bucket: string, channel: string): LiveSession | undefined;
}

export interface VideoStat {
  readonly width: number;
  readonly height: number;
  /** Whole frames per second. */
  readonly frameRate: number;
  /** Bytes per second, recent average. */
  readonly bandwidth: number;
  readonly codec: string;
}

export interface AudioStat {
  /** Bytes per second, recent average. */
  readonly bandwidth: number;
  /** Hz. */
  readonly sampleRate: number;
  readonly codec: string;
}

export interface MediaStat {
  readonly video?: VideoStat;
  readonly audio?: AudioStat;
}

/** What arrived since the push began; two looks at it give any rate. */
export interface MediaTotals {
  readonly videoFrames: number;
  readonly videoBytes: number;
  readonly audioFrames: number;
  readonly audioBytes: number;
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

export type ChannelStat =
  | { readonly status: 'Idle' | 'Disabled' }
  | ({ readonly status: 'Live'; readonly connectedMs: number; readonly remoteAddr: string } & MediaStat);
