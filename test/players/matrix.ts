/** Which players are tested, and what each of them has to play: the rows and columns of the compatibility page. */

export const PLAYERS = ['hls.js', 'video.js', 'Shaka Player', 'mpv', 'VLC', 'GStreamer playbin'] as const;
export type PlayerName = (typeof PLAYERS)[number];

/** Of a channel of OSS, or of a stream of ApsaraVideo Live. */
export type PlaylistKind = 'channel' | 'stream';

export interface Scenario {
  /** The column of the compatibility page. */
  readonly name: string;
  readonly kind: PlaylistKind;
}

export const LIVE = 'live';
export const NEXT_PUSH = 'the next push';
export const NEW_SIZE = 'a new picture size';
export const VOD = 'VOD over six discontinuities';
export const END = 'the end';

/** The live playlist of a channel has no end, as at the service; what ends there is a VOD playlist. */
export const SCENARIOS: readonly Scenario[] = [
  { name: LIVE, kind: 'channel' },
  { name: NEXT_PUSH, kind: 'channel' },
  { name: NEW_SIZE, kind: 'channel' },
  { name: VOD, kind: 'channel' },
  { name: LIVE, kind: 'stream' },
  { name: NEXT_PUSH, kind: 'stream' },
  { name: NEW_SIZE, kind: 'stream' },
  { name: END, kind: 'stream' },
];

/** The name of the test of a player. */
export function playTitle(player: PlayerName, { name, kind }: Scenario): string {
  return `${player} plays ${name} (${kind})`;
}

/** What players lack whoever made the stream, said in their cells of the table. The tests allow for it. */
export function lackOf(player: PlayerName, { name }: Scenario): string {
  if (player === 'video.js' && name === END) return ', stays at the last picture';
  if (player === 'VLC' && name === VOD) return ', leaves out pictures before a discontinuity';
  return '';
}
