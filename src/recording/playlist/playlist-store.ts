/** Where finished playlist texts go. */
export interface PlaylistStore {
  /** Stores, or replaces, the playlist under its key; resolves to the ETag without quotes. */
  put(bucket: string, key: string, text: string): Promise<{ readonly etag: string }>;
}
