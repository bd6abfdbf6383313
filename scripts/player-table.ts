/**
 * Runs the suite of the players and writes its results into docs/players.json, from which the compatibility page is
 * made. Nothing is skipped: every player must be installed.
 */
import { writeFileSync } from 'node:fs';
import { PLAYERS, playTitle, SCENARIOS } from '../test/players/matrix.ts';
import { playersUnderTest } from '../test/players/players-under-test.ts';
import { CHROMIUM, PLAYER_RESULTS, type PlayerResults } from './players-proven.ts';
import { launchChromium } from './support/chromium.ts';
import { readOptions } from './support/command-line.ts';
import { runSuites } from './support/suite-results.ts';

readOptions(import.meta.url, {});

async function versions(): Promise<PlayerResults['versions']> {
  const players = playersUnderTest(() => {
    throw new Error('nothing is played here');
  });
  const entries = PLAYERS.map(async (name) => [name, await players[name].version()]);
  return Object.fromEntries([...(await Promise.all(entries)), [CHROMIUM, await chromiumVersion()]]);
}

async function chromiumVersion(): Promise<string> {
  const browser = await launchChromium();
  const version = browser.version();
  await browser.close();
  return version;
}

function outcomes(): PlayerResults['outcomes'] {
  const assertions = runSuites('test/players');
  const titles = PLAYERS.flatMap((player) => SCENARIOS.map((scenario) => playTitle(player, scenario)));
  return Object.fromEntries(
    titles.map((name) => [name, assertions.some(({ title, status }) => title === name && status === 'passed')]),
  );
}

const results: PlayerResults = { versions: await versions(), outcomes: outcomes() };
writeFileSync(PLAYER_RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
