import { expect, test } from 'vitest';
import { loadNodeSqlite } from '../../../src/storage/sqlite/node-sqlite.ts';
import { NEWER_NODES, nodeProgram, runNode } from '../../package/nodes.ts';

const ROOT = `${import.meta.dirname}/../../..`;
const CONTRACTS = ['test/storage/metadata/sqlite.test.ts', 'test/storage/sqlite/drivers.test.ts'];

/** Where Node has a SQLite, the contracts have run over it already. */
test.skipIf(loadNodeSqlite() !== undefined)(
  'the SQLite of newer versions of Node keeps the contracts',
  { timeout: 300_000 },
  async () => {
    for (const version of NEWER_NODES) {
      const vitest = [
        `${ROOT}/node_modules/vitest/vitest.mjs`,
        'run',
        '--maxWorkers=1',
        '--testTimeout=120000',
        '--reporter=json',
      ];
      const { out, err } = await runNode(await nodeProgram(version), [...vitest, ...CONTRACTS], ROOT);
      const report = JSON.parse(out.slice(out.indexOf('{"')));
      const failures = report.testResults.flatMap((file: { message: string; assertionResults: Result[] }) => [
        ...(file.message === '' ? [] : [file.message]),
        ...file.assertionResults.filter(({ status }) => status !== 'passed').map(({ fullName }) => fullName),
      ]);
      expect(failures, err).toEqual([]);
      const names = report.testResults.flatMap(({ assertionResults }: { assertionResults: Result[] }) =>
        assertionResults.map(({ fullName }) => fullName),
      );
      expect(names.filter((name: string) => name.includes('node:sqlite')).length).toBeGreaterThan(100);
    }
  },
);

interface Result {
  readonly status: string;
  readonly fullName: string;
}
