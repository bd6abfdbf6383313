/** Statistics of a stream while it is pushed. */

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

/** Counts since the push began; a rate is the difference of two readings. */
export interface MediaTotals {
  readonly videoFrames: number;
  readonly videoBytes: number;
  readonly audioFrames: number;
  readonly audioBytes: number;
}

/** Before the first reading. */
export const NO_TOTALS: MediaTotals = { videoFrames: 0, videoBytes: 0, audioFrames: 0, audioBytes: 0 };

export type ChannelStat =
  | { readonly status: 'Idle' | 'Disabled' }
  | ({ readonly status: 'Live'; readonly connectedMs: number; readonly remoteAddr: string } & MediaStat);
