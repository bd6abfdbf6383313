import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { installPythonSuite, type PythonSuite } from '../programs.ts';
import { Clouds } from './cloud.ts';
import { OSS2_LEFT_OUT } from './oss2-left-out.ts';
import { refusedOperations, type SdkSuite, type SuiteConditions, type Verdict } from './suite.ts';

const WORKER = fileURLToPath(new URL('python/worker.py', import.meta.url));

/** More than the cores of a small machine: some tests only wait. */
const WORKERS = 4;
/** A worker that begins one of these last works on alone. */
const LONGEST_FIRST = ['test_traffic_limit', 'test_put_object_chunked', 'test_object', 'test_bucket'];

/** Files of the repository which tests send and the package does not have. What is in them is not looked at. */
const STAND_INS = [
  'example.jpg',
  'invalid_sample_data.csv',
  'sample_data.csv',
  'sample_data.csv.gz',
  'sample_json.json',
  'sample_json.json.gz',
  'sample_json_lines.json',
];

export const OSS2_SUITE: SdkSuite = {
  sdk: 'oss2',
  version: '2.19.1',
  files: 'tests/*.py',
  testCount: 555,
  leftOut: OSS2_LEFT_OUT,
  run: runOss2,
};

/** A line of the worker. */
type Line =
  | { readonly test: string; readonly reason: string | null; readonly refusals: readonly string[] }
  | { readonly done: string };

async function runOss2(conditions: SuiteConditions, only = ''): Promise<readonly Verdict[]> {
  const suite = await installPythonSuite();
  const clouds = await Clouds.open();
  const verdicts: Verdict[] = [];
  try {
    const modules = await modulesOf(suite);
    await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        const worker = await startWorker(suite, only, clouds, conditions);
        try {
          for (let module = modules.shift(); module !== undefined; module = modules.shift()) {
            verdicts.push(...(await worker.run(`tests.${module}`)));
          }
        } finally {
          worker.stop();
        }
      }),
    );
  } finally {
    await clouds.close();
  }
  return verdicts;
}

async function modulesOf({ source }: PythonSuite): Promise<string[]> {
  const files = await readdir(join(source, 'tests'));
  const modules = files.filter((file) => /^test_.*\.py$/.test(file)).map((file) => file.slice(0, -'.py'.length));
  return [...LONGEST_FIRST, ...modules.filter((module) => !LONGEST_FIRST.includes(module))];
}

async function startWorker(
  { command, source }: PythonSuite,
  only: string,
  clouds: Clouds,
  conditions: SuiteConditions,
) {
  const folder = await clouds.workingFolder();
  await mkdir(join(folder, 'tests'));
  await Promise.all(STAND_INS.map((name) => writeFile(join(folder, 'tests', name), `${name}\n`)));
  const environment = await clouds.environment(conditions);
  const child = spawn(command, [WORKER, source, only], {
    cwd: folder,
    // oss2 keeps the checkpoints of broken downloads below it, under names that are the same in every run.
    env: { ...environment, HOME: folder, OSS_TEST_AUTH_VERSION: conditions.signature.toLowerCase() },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(module: string): Promise<readonly Verdict[]> {
      child.stdin.write(`${module}\n`);
      return await verdictsOf(module, lines);
    },
    stop: () => end(child),
  };
}

async function verdictsOf(module: string, lines: AsyncIterator<string>): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the worker ended in ${module}`);
    const line: Line = JSON.parse(value);
    if ('done' in line) return verdicts;
    verdicts.push({
      name: line.test,
      failure: line.reason ?? undefined,
      refused: line.refusals.flatMap(refusedOperations),
    });
  }
}

function end(child: ChildProcess): void {
  child.stdin?.end();
  child.kill();
}
