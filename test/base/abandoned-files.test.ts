import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { deleteAbandoned, ownName } from '../../src/base/abandoned-files.ts';

it('are those of processes that are gone, and no others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'abandoned-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const killed = spawn(process.execPath, ['-e', '']);
  await once(killed, 'exit');
  const gone = `${hostname()}-${killed.pid}`;
  await writeFile(join(folder, `x.tar.partial-${gone}`), '');
  await mkdir(join(folder, `x.tar.partial-${gone}-aB3`));
  await writeFile(join(folder, `x.tar.partial-${gone}-aB3`, 'rows'), '');
  const kept = [
    ownName('x.tar.partial-'),
    `${ownName('x.tar.partial-')}-aB3`,
    `x.tar.partial-other-host-${killed.pid}`,
    `x.tar.partial-${gone}.mine`,
    `x.tar.partial-${killed.pid}`,
    `y.tar.partial-${gone}`,
    'x.tar',
  ].sort();
  for (const name of kept) await writeFile(join(folder, name), '');
  await deleteAbandoned(folder, 'x.tar.partial-');
  expect((await readdir(folder)).sort()).toEqual(kept);
});
