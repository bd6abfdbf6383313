import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';

it('a folder that cannot be used is refused by the control API in one sentence', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'back-up-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink(join(folder, 'nowhere'), join(folder, 'dangling'));
  const { endpoint } = await startTestEmulator({ memory: false, dataDir: join(folder, 'data') });
  const refusal = async (to: string) => {
    const body = JSON.stringify({ folder: to });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${endpoint}/_emulator/backup`, { method: 'POST', headers, body });
    return `${answer.status} ${await answer.text()}`;
  };
  for (const relative of ['~/x', 'file:///tmp/x', 'x', ' ']) {
    expect(await refusal(relative)).toMatch(/^400 .*is no absolute path/);
  }
  expect(await refusal(join(folder, 'dangling/x'))).toMatch(/^400 .*cannot be made: EEXIST/);
  expect(await refusal(join(folder, 'a/'.repeat(1_500)))).toMatch(/^400 .*cannot be made/);
});
