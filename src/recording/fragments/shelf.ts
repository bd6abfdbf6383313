import { type ChannelSource, sourceId } from '../../base/push-source.ts';
import type { Events } from '../../events/events.ts';
import type { PictureSize } from '../../storage/metadata/records.ts';
import { fragmentName } from '../playlist/fragment-playlists.ts';
import type { FragmentInfo } from '../segmenter/segmenter.ts';
import type { LivePlaylist } from './live-playlist.ts';

/** Where one fragment is stored. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
  /** The playlist whose sequence numbers count it. */
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

/** The part of a recording that depends on its source: the names of fragments, their playlist and their events. */
export interface Shelf {
  /** `sourceId`. */
  readonly source: string;
  /** The playlist whose sequence numbers count the next fragment. */
  readonly playlistId: string;
  /** Called when a fragment begins. */
  place(startMs: number, sequence: number): Place;
  /** The place of the fragment when its start is found to be taken and it gets this one. */
  moved(place: Place, startMs: number): Place;
  /** Called when a fragment is stored and in the index. */
  listed(fragment: ListedFragment): Promise<void>;
}

/** The folder of a channel: fragments are named by their start time and listed in the live playlist. */
export function channelShelf(source: ChannelSource, playlist: LivePlaylist, events: Events): Shelf {
  const { bucket, channel } = source;
  const playlistId = playlist.id;
  const place = (startMs: number): Place => ({
    bucket,
    key: `${channel}/${fragmentName(startMs)}`,
    playlistId,
    path: null,
    picture: null,
  });
  return {
    source: sourceId(source),
    playlistId,
    place,
    moved: (_, startMs) => place(startMs),
    async listed({ sessionId, key, durationMs, sizeBytes, sequence }) {
      await playlist.write();
      events.emit({ type: 'fragment.stored', bucket, channel, sessionId, key, durationMs, sizeBytes, sequence });
    },
  };
}
