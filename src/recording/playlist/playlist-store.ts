/** Stores the text of playlists. */
export interface PlaylistStore {
  /** Creates or replaces the object; resolves to its ETag without quotes. */
  put(bucket: string, key: string, text: string): Promise<{ readonly etag: string }>;
}
