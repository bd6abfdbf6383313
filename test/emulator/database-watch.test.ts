import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { DatabaseWatch } from '../../src/emulator/database-watch.ts';
import { temporaryFolder } from '../e2e/command.ts';

/** What is written once the database at a path has been changed in this way. */
async function linesAfter(change: (path: string) => Promise<void>, isAtPath: boolean): Promise<readonly string[]> {
  const path = join(await temporaryFolder(), 'metadata.sqlite');
  await writeFile(path, '');
  const clock = new ManualClock(0);
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line), clock.now.bind(clock));
  const watch = new DatabaseWatch(path, { clock, log, isAtPath: () => isAtPath });
  watch.start();
  clock.advance(60_000);
  expect(lines).toEqual([]);
  await change(path);
  clock.advance(60_000);
  watch.stop();
  return lines;
}

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
  expect(await linesAfter(change, true)).toEqual([
    expect.stringMatching(/error database\.gone .*oss-livechannel-emulator backup FOLDER/),
  ]);
});

it('no backup is advised when the whole data folder was moved: its bytes are gone from there too', async () => {
  const lines = await linesAfter(rm, false);
  expect(lines).toEqual([expect.stringMatching(/error database\.gone .*put it back, or stop the emulator/)]);
  expect(lines.join()).not.toContain('backup');
});
