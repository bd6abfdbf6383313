import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { DatabaseWatch } from '../../src/emulator/database-watch.ts';
import { temporaryFolder } from '../e2e/command.ts';

it.each([
  ['deleted', (path: string) => rm(path)],
  ['moved', (path: string) => rename(path, `${path}.elsewhere`)],
  [
    'replaced',
    async (path: string) => {
      await writeFile(`${path}.other`, '');
      await rename(`${path}.other`, path);
    },
  ],
])('a database that was %s is one line in the log, with what to do', async (_, change) => {
  const path = join(await temporaryFolder(), 'metadata.sqlite');
  await writeFile(path, '');
  const clock = new ManualClock(0);
  const lines: string[] = [];
  const watch = new DatabaseWatch(
    path,
    clock,
    createLog('info', (line) => lines.push(line), clock.now.bind(clock)),
  );
  watch.start();
  clock.advance(60_000);
  expect(lines).toEqual([]);
  await change(path);
  clock.advance(60_000);
  expect(lines).toEqual([expect.stringMatching(/error database\.gone .*oss-livechannel-emulator backup FOLDER/)]);
  watch.stop();
});
