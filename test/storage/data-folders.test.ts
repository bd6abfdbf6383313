/** Every release's data folder, kept as it was written, and one of a release that is not there yet. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { restartedFolderViolations } from '../../scripts/crash/audit/auditor.ts';
import { Client } from '../../scripts/crash/client.ts';
import { pushMedia } from '../../scripts/crash/load/pushing.ts';
import { BUCKET, readContents } from '../../scripts/data-folder/contents.ts';
import { readExpected, restoreKeptFolder } from '../../scripts/data-folder/kept-folder.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { Emulator } from '../../src/emulator/emulator.ts';
import { temporaryFolder } from '../e2e/command.ts';

const KEPT = join(import.meta.dirname, '../../fixtures/data-folders');
const OPTIONS = { host: '127.0.0.1', port: 0, rtmpPort: undefined, webrtcPort: 0, auth: 'off', buckets: [] } as const;

describe.each(readdirSync(KEPT))('the data folder of %s', (version) => {
  it('says what it said, continues a channel, and is whole', async () => {
    const kept = join(KEPT, version);
    const dataDir = await temporaryFolder();
    await restoreKeptFolder(kept, dataDir);
    const { readAtMs, contents } = await readExpected(kept);

    const emulator = new Emulator({ ...OPTIONS, dataDir }, { clock: new ManualClock(readAtMs) });
    const client = new Client((await emulator.start()).port);
    onTestFinished(() => emulator.stop());
    onTestFinished(() => client.close());
    expect(await readContents(client)).toEqual(contents);

    const before = contents.channels.door?.fragments ?? [];
    const ended = emulator.events.waitFor('publish.ended');
    await pushMedia(client.pushUrl(BUCKET, 'door'), 3_000, new AbortController().signal);
    await ended;
    const { fragments } = (await readContents(client)).channels.door ?? { fragments: [] };
    expect(fragments.slice(0, before.length)).toEqual(before);
    expect(fragments.length).toBeGreaterThan(before.length);
    await emulator.stop();
    expect(restartedFolderViolations(dataDir)).toEqual([]);
  });
});

it('a data folder of a newer version is refused in one sentence, and stays as it is', async () => {
  const dataDir = await temporaryFolder();
  const [version = ''] = readdirSync(KEPT);
  await restoreKeptFolder(join(KEPT, version), dataDir);
  const path = join(dataDir, 'metadata.sqlite');
  const database = new Database(path);
  database.exec("insert into kysely_migration values ('9999 of the future', '2030-01-01T00:00:00.000Z')");
  database.close();
  const before = await readFile(path);

  const emulator = new Emulator({ ...OPTIONS, dataDir });
  await expect(emulator.start()).rejects.toThrow(
    `${path} was written by another version of the emulator: use that version or another folder.`,
  );
  const after = new Database(path, { readonly: true });
  onTestFinished(() => void after.close());
  expect(after.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(after.prepare('select count(*) as objects from objects').get()).toEqual(
    ofBytes(before).prepare('select count(*) as objects from objects').get(),
  );
});

function ofBytes(bytes: Buffer): Database.Database {
  const database = new Database(bytes);
  onTestFinished(() => void database.close());
  return database;
}
