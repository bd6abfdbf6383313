import type { Fence } from '../../storage/leases/leases.ts';

export interface PlaylistPutOptions {
  /** How long a store that does not answer is tried again. */
  readonly retryMs?: number | undefined;
  /** The lease that it is written under. */
  readonly fence?: Fence | undefined;
}

/** Stores the text of playlists. */
export interface PlaylistStore {
  /**
   * Creates or replaces the object; resolves to its ETag without quotes.
   * @param text a long one is in pieces
   */
  put(
    bucket: string,
    key: string,
    text: string | readonly Buffer[],
    options?: PlaylistPutOptions,
  ): Promise<{ readonly etag: string }>;
}
