/** Programs that people run on OSS, as they are published, at their ordinary work with a bucket of the emulator. */
import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { namesEnvironment } from '../sdk/names.ts';
import { INSTALL_TIMEOUT_MS } from '../sdk/programs.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import { type Application, javaApplication, nodeApplication, pythonApplication } from './installed.ts';

const run = promisify(execFile);

/** What it says: a line for each thing that was done. */
async function work({ command, args, bin }: Application): Promise<readonly string[]> {
  const { port } = await startTestEmulator({ host: 'localhost' });
  const env = await namesEnvironment();
  const PATH = [bin, env.PATH].filter((part) => part !== undefined).join(delimiter);
  const { stdout } = await run(command, [...args, `http://localhost:${port}`], { env: { ...env, PATH } });
  return stdout.trimEnd().split('\n');
}

const BOTH = 'in/large.bin,in/small.txt';
const RENAMED = 'in/large.bin,out/small.txt';

describeWith(['python3', 'gcc'], 'in Python', () => {
  it(
    'fsspec with ossfs',
    async () => {
      expect(await work(await pythonApplication('filesystem_spec.py'))).toEqual([
        'range=3456',
        'large=12000001:42',
        `listed=${BOTH}`,
        `after renaming=${RENAMED}`,
        'after deleting=False',
      ]);
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'OpenDAL',
    async () => {
      expect(await work(await pythonApplication('opendal_operator.py'))).toEqual([
        'range=3456',
        'large=18000000',
        `listed=${BOTH}`,
        `after renaming=${RENAMED}`,
        'after deleting=',
      ]);
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'DVC with dvc-oss',
    async () => {
      expect(await work(await pythonApplication('data_set.sh'))).toEqual([
        'pushed=4 files pushed',
        'pulled=row 1,row 2,row 3,',
        "status=Cache and remote 'store' are in sync.",
      ]);
    },
    INSTALL_TIMEOUT_MS,
  );
});

describeWith(['npm', 'gcc'], 'in Node', () => {
  it(
    'OpenDAL',
    async () => {
      expect(await work(await nodeApplication('operator.mjs'))).toEqual([
        'small=0123456789',
        'large=18000000',
        `listed=${BOTH}`,
        `after renaming=${RENAMED}`,
        'after deleting=',
      ]);
    },
    INSTALL_TIMEOUT_MS,
  );
});

describeWith(['java', 'javac', 'mvn', 'gcc'], 'in Java', () => {
  it(
    'Hadoop with hadoop-aliyun',
    async () => {
      expect(await work(await javaApplication('HadoopFiles'))).toEqual([
        'listed=large.bin,small.txt',
        'range=3456',
        'large=350000:42',
        'renamed=true',
        'after renaming=large.bin,small.txt false',
        'deleted=true',
        'after deleting=false',
      ]);
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'an Iceberg table with iceberg-aliyun',
    async () => {
      expect(await work(await javaApplication('IcebergTable'))).toEqual([
        'rows=[1 one, 2 two]',
        'snapshots=2',
        'dropped=true',
      ]);
    },
    INSTALL_TIMEOUT_MS,
  );
});
