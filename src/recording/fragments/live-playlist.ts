import type { Events } from '../../events/events.ts';
import type { Fence } from '../../storage/leases/leases.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { ChannelRecord } from '../../storage/metadata/records.ts';
import { RECORDING_RETRY_MS } from '../../storage/objects/object-store.ts';
import { type PlaylistExtension, renderLivePlaylist } from '../playlist/fragment-playlists.ts';
import type { PlaylistStore } from '../playlist/playlist-store.ts';

export interface LivePlaylistOptions {
  readonly events: Events;
  readonly metadata: MetadataStore;
  readonly playlists: PlaylistStore;
  readonly channel: ChannelRecord;
  readonly playlistName: string;
  readonly extensions: readonly PlaylistExtension[];
  /** The lease that it is written under. */
  readonly fence?: Fence | undefined;
}

/** Identifies the sequence numbers of a live playlist: each incarnation of a channel has its own, for each name. */
export function livePlaylistId(incarnation: string, playlistName: string): string {
  return `${incarnation}/${playlistName}`;
}

/** The live playlist of one incarnation of a channel. It has no state: it is written from the fragment index. */
export class LivePlaylist {
  /** `livePlaylistId`. */
  readonly id: string;
  readonly #options: LivePlaylistOptions;

  constructor(options: LivePlaylistOptions) {
    this.#options = options;
    this.id = livePlaylistId(options.channel.incarnation, options.playlistName);
  }

  /**
   * Replaces the stored playlist by the current one; without a fragment nothing is written.
   * @param retryMs how long a store that does not answer is tried again
   */
  async write(retryMs = RECORDING_RETRY_MS): Promise<void> {
    const { metadata, playlists, events, playlistName, channel, extensions, fence } = this.#options;
    const { bucket, name, fragCount, fragDurationSec } = channel;
    const window = await metadata.lastFragments(this.id, fragCount);
    if (window.length === 0) return;
    const key = `${name}/${playlistName}`;
    const text = renderLivePlaylist(window, fragDurationSec, extensions);
    await playlists.put(bucket, key, text, { retryMs, fence });
    events.emit({ type: 'playlist.written', bucket, channel: name, key });
  }
}
