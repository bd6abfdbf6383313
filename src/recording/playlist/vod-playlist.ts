import { TextBytes } from '../../base/text-bytes.ts';
import { lostDiscontinuity, type PlaylistFragment } from './fragment-playlists.ts';
import { DISCONTINUITY, ENDED, entryInfo, playlistHead, roundedSec } from './m3u8.ts';

/** Writes the URI of a fragment. */
type WriteUri<Fragment> = (text: TextBytes, fragment: Fragment) => void;

/**
 * The VOD playlist of a time range. There is a discontinuity between two sessions, because they do not share a timeline;
 * the first entry needs none. The text of a day has 3 MB: it is bytes from the beginning, and never one string.
 */
export class VodPlaylist<Fragment extends PlaylistFragment> {
  /** How many fragments it lists. */
  count = 0;
  readonly #writeUri: WriteUri<Fragment>;
  readonly #entries = new TextBytes();
  /** By duration: a day has few different ones, and formatting one is slow. */
  readonly #infos = new Map<number, Uint8Array>();
  #targetDurationSec = 1;
  #previous: Fragment | undefined;

  /** @param writeUri default: the name in the channel's folder */
  constructor(writeUri: WriteUri<Fragment> = writeFragmentName) {
    this.#writeUri = writeUri;
  }

  /** Appends entries, in the order of the playlist. */
  add(fragments: readonly Fragment[]): void {
    const text = this.#entries;
    let previous = this.#previous;
    for (const fragment of fragments) {
      if (previous && breaks(previous, fragment)) text.append(DISCONTINUITY);
      text.appendBytes(this.#infos.get(fragment.durationMs) ?? this.#newInfo(fragment.durationMs));
      this.#writeUri(text, fragment);
      text.append('\n');
      previous = fragment;
    }
    this.#previous = previous;
    this.count += fragments.length;
  }

  /** The whole text, piece by piece. */
  end(): readonly Buffer[] {
    this.#entries.append(ENDED);
    const head = playlistHead({ mediaSequence: 0, targetDurationSec: this.#targetDurationSec });
    return [Buffer.from(head), ...this.#entries.blocks()];
  }

  #newInfo(durationMs: number): Uint8Array {
    const info = Buffer.from(entryInfo(durationMs));
    this.#infos.set(durationMs, info);
    this.#targetDurationSec = Math.max(this.#targetDurationSec, roundedSec(durationMs));
    return info;
  }
}

function breaks(previous: PlaylistFragment, fragment: PlaylistFragment): boolean {
  const isOtherPush = fragment.sessionId !== previous.sessionId;
  return fragment.discontinuity || isOtherPush || lostDiscontinuity(previous, fragment);
}

function writeFragmentName(text: TextBytes, { startMs }: PlaylistFragment): void {
  text.appendInteger(startMs);
  text.append('.ts');
}
