/** Runs suites of vitest for the pages that are made of their results. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Assertion[] }[];
}

export interface Assertion {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

/** Nothing is skipped: every tool must be installed. @param folder below test/ */
export function runSuites(suites: string): readonly Assertion[] {
  const folder = mkdtempSync(join(tmpdir(), 'suite-results-'));
  const file = join(folder, 'report.json');
  const args = ['vitest', 'run', suites, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    spawnSync('npx', args, { stdio: 'inherit', env: { ...process.env, CI: 'true' } });
    const report: Report = JSON.parse(readFileSync(file, 'utf8'));
    return report.testResults.flatMap(({ assertionResults }) => assertionResults);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
