/**
 * Runs the suites of the real clients and writes their results into docs/clients.json, from which the compatibility
 * page is made. Nothing is skipped: every tool must be installed.
 */
import { writeFileSync } from 'node:fs';
import { lifeTitle, ownTestsTitle, SDKS } from '../test/sdk/matrix.ts';
import { type ClientResults, RESULTS } from './clients-proven.ts';
import { readOptions } from './support/command-line.ts';
import { type Assertion, runSuites } from './support/suite-results.ts';

readOptions(import.meta.url, {});

function summarize(assertions: readonly Assertion[]): ClientResults {
  const lives = SDKS.flatMap((sdk) =>
    sdk.auths.flatMap((auth) => sdk.addressings.map((addressing) => lifeTitle(sdk, auth, addressing))),
  );
  const suites = SDKS.flatMap((sdk) => sdk.ownTests.map(({ file }) => ownTestsTitle(sdk, file)));
  return {
    lives: Object.fromEntries(
      lives.map((name) => [name, assertions.some(({ title, status }) => title === name && status === 'passed')]),
    ),
    ownTests: Object.fromEntries(
      suites.map((name) => {
        const tests = assertions.filter(({ ancestorTitles }) => ancestorTitles.includes(name));
        return [name, { passed: tests.filter(({ status }) => status === 'passed').length, of: tests.length }];
      }),
    ),
  };
}

writeFileSync(RESULTS, `${JSON.stringify(summarize(runSuites('test/sdk')), undefined, 2)}\n`);
