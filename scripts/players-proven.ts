/** The part of the compatibility page that shows what players played, from the results of the last recorded run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lackOf, PLAYERS, type PlayerName, playTitle, SCENARIOS, type Scenario } from '../test/players/matrix.ts';
import { markdownTable } from './support/markdown-table.ts';

export const PLAYER_RESULTS = fileURLToPath(new URL('../docs/players.json', import.meta.url));

/** Its version stands beside those of the players. */
export const CHROMIUM = 'Chromium';

export interface PlayerResults {
  /** By the name of the player. */
  readonly versions: Readonly<Record<string, string>>;
  /** By the title of the test: whether it passed. */
  readonly outcomes: Readonly<Record<string, boolean>>;
}

export function playersProven(): string {
  const results: PlayerResults = JSON.parse(readFileSync(PLAYER_RESULTS, 'utf8'));
  const head = ['Player', ...SCENARIOS.map(({ name, kind }) => `${name} (${kind})`)];
  const rows = PLAYERS.map((player) => [
    `${player} ${recorded(results.versions, player)}`,
    ...SCENARIOS.map((scenario) => cell(results, player, scenario)),
  ]);
  return `## Players proven

Recorded in \`docs/players.json\` by \`npm run docs:players\`, which runs \`test/players\`: hls.js, video.js and Shaka Player
in Debian's Chromium ${recorded(results.versions, CHROMIUM)}, and mpv, VLC and GStreamer of Debian. All play HLS of H.264 and AAC with a key frame every second,
side by side, while it is pushed in real time; of a channel with FragDuration 2 and FragCount 20, and of a stream of
ApsaraVideo Live. A player has played when it failed in nothing, and its viewer has seen:

- live: 3 s of time go by, and 80 % of the pictures of 4 s.
- the next push: more pictures than the first push had. That one lasted 8 s; the next began 1.5 s after it.
- a new picture size: 320 pixels wide, then 640 in the same push, and 80 % of the pictures of 2 s after that.
- VOD over six discontinuities: the end, and 80 % of the pictures of seven pushes in one VOD playlist. VLC drops what it has not
  shown at a discontinuity, also in HLS that ffmpeg made: 1.3 s for each are allowed for.
- the end: the push ends, the playlist after it (\`--hls-grace 4\`), and so does the player, by itself, with half of the pictures
  shown at least. video.js does not notice an end that comes after it has shown everything, whoever made the playlist: of it
  80 % of the pictures are asked instead; with \`--hls-grace 0\` it ends. The live playlist of a channel has no end, as at the service.

${markdownTable(head, rows)}
`;
}

function cell({ outcomes }: PlayerResults, player: PlayerName, scenario: Scenario): string {
  return recorded(outcomes, playTitle(player, scenario)) ? `played${lackOf(player, scenario)}` : 'FAILED';
}

function recorded<Result>(results: Readonly<Record<string, Result>>, title: string): Result {
  const result = results[title];
  if (result === undefined) throw new Error(`docs/players.json has no "${title}"; run npm run docs:players.`);
  return result;
}
