/** Reads media playlists (RFC 8216, 4.3) without code of src/, so that an error there is not repeated here. */

export interface MediaSegment {
  readonly uri: string;
  readonly durationSec: number;
  readonly discontinuity: boolean;
}

export interface MediaPlaylist {
  readonly mediaSequence: number;
  /** `undefined` without the tag. */
  readonly discontinuitySequence: number | undefined;
  readonly targetDurationSec: number;
  readonly segments: readonly MediaSegment[];
  readonly ended: boolean;
}

/** Tags that change nothing here. */
const OTHER_TAGS = /^#EXT-X-(VERSION:\d+|PLAYLIST-TYPE:(VOD|EVENT)|INDEPENDENT-SEGMENTS|PROGRAM-DATE-TIME:\S+)$/;

/** @throws Error at the first line that is not allowed where it stands, and when a tag is missing */
export function readMediaPlaylist(text: string): MediaPlaylist {
  const [first, ...lines] = text.split(/\r?\n/);
  if (first !== '#EXTM3U') throw new Error('#EXTM3U is not the first line');
  const numbers = new Map<string, number>();
  const segments: MediaSegment[] = [];
  let durationSec: number | undefined;
  let discontinuity = false;
  let ended = false;
  for (const line of lines) {
    const number = /^#EXT-X-(MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|TARGETDURATION):(\d+)$/.exec(line);
    const info = /^#EXTINF:(\d+(?:\.\d+)?),/.exec(line);
    if (number?.[1]) {
      if (segments.length > 0 || discontinuity) throw new Error(`${line} after the first segment`);
      if (numbers.has(number[1])) throw new Error(`${line} is there twice`);
      numbers.set(number[1], Number(number[2]));
    } else if (info) {
      durationSec = Number(info[1]);
    } else if (line === '#EXT-X-DISCONTINUITY') {
      discontinuity = true;
    } else if (line === '#EXT-X-ENDLIST') {
      ended = true;
    } else if (line !== '' && !line.startsWith('#')) {
      if (durationSec === undefined) throw new Error(`no EXTINF before ${line}`);
      segments.push({ uri: line, durationSec, discontinuity });
      durationSec = undefined;
      discontinuity = false;
    } else if (line !== '' && !OTHER_TAGS.test(line)) {
      throw new Error(`unknown line: ${line}`);
    }
  }
  if (durationSec !== undefined || discontinuity) throw new Error('no segment after the last tags of one');
  const targetDurationSec = numbers.get('TARGETDURATION');
  if (targetDurationSec === undefined) throw new Error('no EXT-X-TARGETDURATION');
  return {
    mediaSequence: numbers.get('MEDIA-SEQUENCE') ?? 0,
    discontinuitySequence: numbers.get('DISCONTINUITY-SEQUENCE'),
    targetDurationSec,
    segments,
    ended,
  };
}
