/**
 * Runs the suites of the real clients and writes their results into docs/clients.json, from which the compatibility
 * page is made. Nothing is skipped: every tool must be installed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lifeTitle, ownTestsTitle, SDKS } from '../test/sdk/matrix.ts';
import { type ClientResults, RESULTS } from './clients-proven.ts';

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Assertion[] }[];
}

interface Assertion {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

function runSuites(): readonly Assertion[] {
  const folder = mkdtempSync(join(tmpdir(), 'client-table-'));
  const file = join(folder, 'report.json');
  const args = ['vitest', 'run', 'test/sdk', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    spawnSync('npx', args, { stdio: 'inherit', env: { ...process.env, CI: 'true' } });
    const report: Report = JSON.parse(readFileSync(file, 'utf8'));
    return report.testResults.flatMap(({ assertionResults }) => assertionResults);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

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

writeFileSync(RESULTS, `${JSON.stringify(summarize(runSuites()), undefined, 2)}\n`);
