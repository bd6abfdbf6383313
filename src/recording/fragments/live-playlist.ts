import type { Events } from '../../events/events.ts';
import type { ChannelRecord, MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { renderLivePlaylist } from '../playlist/fragment-playlists.ts';
import type { PlaylistStore } from '../playlist/playlist-store.ts';

export interface LivePlaylistOptions {
  readonly events: Events;
  readonly metadata: MetadataStore;
  readonly playlists: PlaylistStore;
  readonly channel: ChannelRecord;
  readonly playlistName: string;
}

/** The live playlist of one incarnation of a channel. It has no state: it is written from the fragment index. */
export class LivePlaylist {
  /** Identifies its sequence numbers; another playlist name has a sequence of its own. */
  readonly id: string;
  readonly #options: LivePlaylistOptions;

  constructor(options: LivePlaylistOptions) {
    this.#options = options;
    this.id = `${options.channel.incarnation}/${options.playlistName}`;
  }

  /** Replaces the stored playlist by the current one; without a fragment nothing is written. */
  async write(): Promise<void> {
    const { metadata, playlists, events, playlistName, channel } = this.#options;
    const { bucket, name, fragCount, fragDurationSec } = channel;
    const window = await metadata.lastFragments(this.id, fragCount);
    if (window.length === 0) return;
    const key = `${name}/${playlistName}`;
    await playlists.put(bucket, key, renderLivePlaylist(window, fragDurationSec));
    events.emit({ type: 'playlist.written', bucket, channel: name, key });
  }
}
