/**
 * Runs the whole test suites of SDKs against the emulator and prints what passed, failed and is left out:
 *
 *     npm run suites -- [oss2] [go] [--endpoint domain|ip] [--signature v1|v4] [--matrix] [--only TEXT] [--record]
 *
 * Without options: by domain, signed with V4. With --matrix every endpoint with every signature; with --only the tests
 * whose name contains the text; with --record the counts go into docs/suites.json. The exit code is 1 when a test
 * failed, or when one is left out for a reason that the run does not confirm.
 */
import { writeFileSync } from 'node:fs';
import { judge, type SuiteReport } from '../test/sdk/suites/judge.ts';
import { ENDPOINTS, type SdkSuite, SIGNATURES, type SuiteConditions, suiteTitle } from '../test/sdk/suites/suite.ts';
import { SUITES } from '../test/sdk/suites/suites.ts';
import { readSuiteResults, SUITE_RESULTS } from './suites-proven.ts';
import { choice, flag, names, orEnd, readCommandLine, text } from './support/command-line.ts';

const { values, operands } = readCommandLine(
  import.meta.url,
  {
    endpoint: choice(ENDPOINTS, 'domain'),
    signature: choice(
      SIGNATURES.map((version) => version.toLowerCase()),
      'v4',
    ),
    only: text('TEXT', ''),
    matrix: flag('Every endpoint with every signature'),
    record: flag('Write the counts into docs/suites.json'),
  },
  'SDK...',
);

function chosenSuites(): readonly SdkSuite[] {
  if (operands.length === 0) return SUITES;
  const all = SUITES.map(({ sdk }) => sdk);
  return orEnd(() => {
    const chosen = names(all, 'part').read(operands.join(), 'SDK');
    return SUITES.filter(({ sdk }) => chosen.includes(sdk));
  });
}

function chosenConditions(): readonly SuiteConditions[] {
  return ENDPOINTS.flatMap((endpoint) => SIGNATURES.map((signature) => ({ endpoint, signature }))).filter(
    ({ endpoint, signature }) =>
      values.matrix || (endpoint === values.endpoint && signature.toLowerCase() === values.signature),
  );
}

function print(title: string, { passed, failed, leftOut, stale }: SuiteReport): void {
  for (const { test, text } of failed) console.log(`FAILED ${test}\n${text.trimEnd().replace(/^/gm, '  ')}\n`);
  for (const { test, text } of stale) console.log(`STALE ${test}\n${text.trimEnd().replace(/^/gm, '  ')}\n`);
  const share = ((100 * passed.length) / Math.max(1, passed.length + failed.length)).toFixed(1);
  console.log(
    `${title}: ${passed.length} passed, ${failed.length} failed, ${leftOut.length} left out (${share} % of what is not` +
      ` left out); ${stale.length} left out without their reason`,
  );
}

function record(title: string, { passed, failed, leftOut }: SuiteReport): void {
  const counts = { passed: passed.length, failed: failed.length, leftOut: leftOut.length };
  writeFileSync(SUITE_RESULTS, `${JSON.stringify({ ...readSuiteResults(), [title]: counts }, undefined, 2)}\n`);
}

for (const suite of chosenSuites()) {
  for (const conditions of chosenConditions()) {
    const leftOut = suite.leftOut.map((reason) => ({
      ...reason,
      tests: reason.tests.filter((test) => test.includes(values.only)),
    }));
    const report = judge(await suite.run(conditions, values.only), leftOut, conditions);
    print(suiteTitle(suite, conditions), report);
    if (values.record) record(suiteTitle(suite, conditions), report);
    if (report.failed.length + report.stale.length > 0) process.exitCode = 1;
  }
}
