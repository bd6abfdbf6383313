/** The part of the compatibility page about the SDKs' whole suites, from the last recorded run of each. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ENDPOINTS, type LeftOut, SIGNATURES, suiteTitle } from '../test/sdk/suites/suite.ts';
import { SUITES } from '../test/sdk/suites/suites.ts';
import { markdownTable } from './support/markdown-table.ts';

export const SUITE_RESULTS = fileURLToPath(new URL('../docs/suites.json', import.meta.url));

export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
  readonly leftOut: number;
}

/** By the title of the suite under its conditions. */
export type SuiteResults = Readonly<Record<string, SuiteCounts>>;

export function readSuiteResults(): SuiteResults {
  return JSON.parse(readFileSync(SUITE_RESULTS, 'utf8'));
}

export function suitesProven(): string {
  return `## The SDKs' own suites

Recorded in \`docs/suites.json\` by \`npm run docs:suites\`. All tests that come with the packages of these SDKs, unmodified,
against the emulator: by the name \`oss-cn-hangzhou.aliyuncs.com\`, which leads to it during the run, and by 127.0.0.1.
\`npm run suites\` runs them; one endpoint and signature of each is part of \`npm test\`.

${resultsTable(readSuiteResults())}

What is left out is run too, and must fail for its reason. The names are in \`test/sdk/suites/*-left-out.ts\`.

${reasonsTable()}
`;
}

function resultsTable(results: SuiteResults): string {
  const rows = SUITES.flatMap((suite) =>
    SIGNATURES.flatMap((signature) =>
      ENDPOINTS.map((endpoint) => {
        const { passed, failed, leftOut } = recorded(results, suiteTitle(suite, { endpoint, signature }));
        return [`${suite.sdk} ${suite.version}`, signature, endpoint, `${passed}`, `${failed}`, `${leftOut}`];
      }),
    ),
  );
  return markdownTable(['SDK', 'Signature', 'Endpoint', 'Passed', 'Failed', 'Left out'], rows);
}

function recorded(results: SuiteResults, title: string): SuiteCounts {
  const counts = results[title];
  if (counts === undefined) throw new Error(`docs/suites.json has no "${title}"; run npm run docs:suites.`);
  return counts;
}

function reasonsTable(): string {
  const count = new Map<string, number>();
  for (const suite of SUITES) {
    for (const reason of suite.leftOut) {
      const row = `${suite.sdk}\n${describeReason(reason)}`;
      count.set(row, (count.get(row) ?? 0) + reason.tests.length);
    }
  }
  return markdownTable(
    ['SDK', 'Left out because of', 'Tests'],
    [...count].map(([row, tests]) => [...row.split('\n'), `${tests}`]),
  );
}

function describeReason(reason: LeftOut): string {
  const when = Object.values(reason.when ?? {}).join(', ');
  return `${textOf(reason)}${when === '' ? '' : ` (${when} only)`}`;
}

function textOf(reason: LeftOut): string {
  if (reason.kind === 'operation') return `not served: ${reason.family}`;
  if (reason.kind === 'promise') return `a promise of the emulator: ${reason.promise}`;
  if (reason.kind === 'service') return `another service: ${reason.service}`;
  return `the machine: ${reason.needs}`;
}
