import { type ChannelSource, sourceId } from '../../base/push-source.ts';
import type { Events } from '../../events/events.ts';
import type { PictureSize } from '../../storage/metadata/metadata-store.ts';
import { fragmentName } from '../playlist/fragment-playlists.ts';
import type { FragmentInfo } from '../segmenter/segmenter.ts';
import type { LivePlaylist } from './live-playlist.ts';

/** Where one fragment goes. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
  /** In which playlist it counts. */
  readonly playlistId: string;
  /** As in FragmentRecord. */
  readonly path: string | null;
  readonly picture: PictureSize | null;
}

export interface ListedFragment extends FragmentInfo {
  readonly sessionId: string;
  readonly key: string;
  readonly sequence: number;
}

/** What a recorder must know of the source it records: how fragments are called, and who lists and announces them. */
export interface Shelf {
  /** `sourceId`. */
  readonly source: string;
  /** The playlist that the next fragment counts in. */
  readonly playlistId: string;
  /** Called when a fragment begins. */
  place(startMs: number, sequence: number): Place;
  /** Called when a fragment is stored and in the index. */
  listed(fragment: ListedFragment): Promise<void>;
}

/** The folder of a channel: named by the clock, listed in the rolling playlist. */
export function channelShelf(source: ChannelSource, playlist: LivePlaylist, events: Events): Shelf {
  const { bucket, channel } = source;
  const playlistId = playlist.id;
  return {
    source: sourceId(source),
    playlistId,
    place: (startMs) => ({
      bucket,
      key: `${channel}/${fragmentName(startMs)}`,
      playlistId,
      path: null,
      picture: null,
    }),
    async listed({ sessionId, key, durationMs, sizeBytes, sequence }) {
      await playlist.write();
      events.emit({ type: 'fragment.stored', bucket, channel, sessionId, key, durationMs, sizeBytes, sequence });
    },
  };
}
