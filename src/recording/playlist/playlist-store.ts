/** Stores the text of playlists. */
export interface PlaylistStore {
  /**
   * Creates or replaces the object; resolves to its ETag without quotes.
   *
   * @param retryMs how long a store that does not answer is tried again
   */
  put(bucket: string, key: string, text: string, retryMs?: number): Promise<{ readonly etag: string }>;
}
