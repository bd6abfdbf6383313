/** A data folder that cannot be used: one sentence for the person who named it, never a stack, and nothing is changed in it. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { exitCodeOf, printed } from '../../src/cli/failure.ts';
import { compareDataFolder } from '../../src/emulator/compare-data-folder.ts';
import { startEmulator, UsageError } from '../../src/index.ts';
import { describeWith, MOUNT } from '../support/tools.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unusable-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** The rights of root have no bounds. */
function becomeNobody(): void {
  chownSync(folder, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  onTestFinished(() => process.seteuid?.(0));
}

it('is left alone by the emulator whose folder was moved away from its path, which goes on when that is back', async () => {
  const dataDir = join(folder, 'data');
  const moved = join(folder, 'moved');
  const start = async () => {
    const emulator = await startEmulator({ memory: false, dataDir, auth: 'off', webrtcPort: 0 });
    onTestFinished(() => emulator.stop());
    const ask = (method: string, key: string, body?: string) =>
      fetch(`${emulator.endpoint}/examplebucket/${key}`, { method, ...(body !== undefined && { body }) });
    return { emulator, ask };
  };
  const { emulator, ask: first } = await start();
  expect((await first('PUT', 'a', 'first')).status).toBe(200);
  await rename(dataDir, moved);
  const { ask: second } = await start();
  expect((await second('PUT', 'a', 'second')).status).toBe(200);
  expect((await first('PUT', 'b', 'first')).status).toBe(500);
  expect((await first('GET', 'a')).status).toBe(500);
  await expect(emulator.backUp(join(folder, 'copy'))).rejects.toThrow(
    /data is not the one that was opened .*Put it back, or stop the emulator/,
  );
  expect(existsSync(join(folder, 'copy'))).toBe(false);
  await first('DELETE', 'a');
  expect(await (await second('GET', 'a')).text()).toBe('second');
  expect((await second('GET', 'b')).status).toBe(404);
  await rename(dataDir, join(folder, 'of-second'));
  await rename(moved, dataDir);
  expect((await first('PUT', 'b', 'first')).status).toBe(200);
  await rename(dataDir, moved);
  await rename(join(folder, 'of-second'), dataDir);
  const filesOfSecond = (await readdir(dataDir)).sort();
  expect(filesOfSecond).toEqual(expect.arrayContaining(['emulator.pid', 'metadata.sqlite-wal']));
  await emulator.stop();
  expect((await readdir(dataDir)).sort()).toEqual(filesOfSecond);
  expect(await (await second('GET', 'a')).text()).toBe('second');
});

/** The refusal of a start with that folder. */
async function refusal(dataDir: string): Promise<string> {
  const error: unknown = await startEmulator({ memory: false, dataDir, webrtcPort: 0 }).then(
    (emulator) => emulator.stop(),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  expect(exitCodeOf(error)).toBe(2);
  const text = String(printed(error));
  expect(text).not.toContain('\n');
  expect(text.length).toBeLessThan(700);
  return text;
}

/** A folder that an emulator has used. */
async function used(): Promise<string> {
  const emulator = await startEmulator({ memory: false, dataDir: folder, webrtcPort: 0 });
  await emulator.stop();
  return join(folder, 'metadata.sqlite');
}

describe('a folder that cannot be made', () => {
  it.each([
    ['/dev/null/x', 'something else is in its place'],
    [`/tmp/${'a'.repeat(5000)}`, 'ENAMETOOLONG'],
    [`/tmp/${'a/'.repeat(3000)}`, 'ENAMETOOLONG'],
    ['/tmp/nul\0byte', 'null bytes'],
  ])('%.20j is refused', async (path, reason) => {
    expect(await refusal(path)).toContain(reason);
  });

  it.runIf(process.platform === 'linux')('is refused where the system lets nobody make one', async () => {
    expect(await refusal('/proc/x')).toContain('ENOENT');
    expect(await refusal('/proc/x/y/z')).toContain('ENOENT');
  });

  it('is refused where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), 'mine');
    expect(await refusal(join(folder, 'file'))).toContain('something else is in its place');
    expect(await refusal(join(folder, 'file/x'))).toContain('something else is in its place');
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('mine');
  });

  it('is refused without the right to it', async () => {
    if (isRoot) becomeNobody();
    await chmod(folder, 0o500);
    expect(await refusal(join(folder, 'x'))).toContain('the rights do not allow it');
    expect(await refusal(folder)).toContain('the rights do not allow it');
    await chmod(folder, 0o700);
  });
});

describeWith([MOUNT], 'a file system', () => {
  async function mounted(sizeBytes: number): Promise<string> {
    const at = join(folder, 'mounted');
    await mkdir(at);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', at]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', at]);
    });
    return at;
  }

  it('that is read-only is refused', async () => {
    const at = await mounted(1_000_000);
    execFileSync('mount', ['-o', 'remount,ro', at]);
    expect(await refusal(at)).toContain('read-only');
    expect(await refusal(join(at, 'x'))).toContain('read-only');
  });

  it('that is full is refused at the first start', async () => {
    const at = await mounted(256 * 1024);
    await writeFile(join(at, 'full'), Buffer.alloc(1024 * 1024)).catch(() => undefined);
    expect(await refusal(at)).toContain('the disk is full');
  });
});

describe('a lock', () => {
  it.each([
    ['a folder', (path: string) => mkdir(path)],
    ['bytes of another program', (path: string) => writeFile(path, randomBytes(9000))],
    ['a line of text', (path: string) => writeFile(path, 'locked by me\n')],
  ])('that is %s is refused, and named', async (_, make) => {
    await make(join(folder, 'emulator.lock'));
    expect(await refusal(folder)).toContain(join(folder, 'emulator.lock'));
  });

  it('with the pid of a dead process is taken over', async () => {
    await writeFile(join(folder, 'emulator.pid'), '4000000\n');
    await writeFile(join(folder, 'emulator.lock'), '');
    await used();
  });
});

describe('a database', () => {
  it('whose latest changes were lost with its -wal file is refused, because every file would be swept', async () => {
    const [dataDir, copy] = [join(folder, 'data'), join(folder, 'copy')];
    const emulator = await startEmulator({
      memory: false,
      dataDir,
      webrtcPort: 0,
      auth: 'off',
      buckets: ['examplebucket:public-read-write'],
    });
    expect((await fetch(`${emulator.endpoint}/examplebucket/k`, { method: 'PUT', body: 'bytes' })).status).toBe(200);
    await cp(dataDir, copy, { recursive: true, filter: (path) => !/-wal$|-shm$|lock$|pid$/.test(path) });
    await emulator.stop();
    const reason = 'put the database back with its -wal file';
    expect(await refusal(copy)).toContain(reason);
    await expect(compareDataFolder(copy)).rejects.toThrow(reason);
    expect(await readdir(join(copy, 'objects/examplebucket'))).toEqual(['k']);
  });

  it.each([
    ['other bytes', (path: string) => writeFile(path, 'garbage'), 'the database is damaged'],
    ['cut off', (path: string) => truncate(path, 5000), 'the database is damaged'],
    [
      'overwritten behind its first page',
      async (path: string) => {
        const bytes = await readFile(path);
        await writeFile(path, Buffer.concat([bytes.subarray(0, 4096), randomBytes(bytes.length - 4096)]));
      },
      'the database is damaged',
    ],
    [
      'a folder',
      async (path: string) => {
        await rm(path);
        await mkdir(path);
      },
      'is no regular file',
    ],
    [
      'without one of its tables',
      async (path: string) => {
        new Database(path).exec('drop table sessions').close();
      },
      'lacks sessions',
    ],
    [
      'without any row',
      async (path: string) => {
        new Database(path).exec('pragma foreign_keys = off; delete from buckets; delete from kysely_migration').close();
      },
      'its tables are not those of the version that it names (table buckets already exists)',
    ],
    [
      'without the record of its latest changes',
      async (path: string) => {
        new Database(path).exec("delete from kysely_migration where name >= '0009'").close();
      },
      'its tables are not those of the version that it names',
    ],
    [
      'beside a FIFO in place of its log',
      async (path: string) => {
        execFileSync('mkfifo', [`${path}-wal`]);
      },
      'metadata.sqlite-wal is no regular file',
    ],
    [
      'of a later version',
      async (path: string) => {
        new Database(path).exec("insert into kysely_migration values ('9999 later', '2030')").close();
      },
      'another version',
    ],
  ])('that is %s is refused, and named', async (_, damage, reason) => {
    const path = await used();
    await damage(path);
    const text = await refusal(folder);
    expect(text).toContain(path);
    expect(text).toContain(reason);
  });

  it.each([
    'create table notes (id integer primary key, text text)',
    'create table buckets (name text); create table objects (key text)',
    'create view one as select 1',
  ])('of another program, which has said %s, is refused, and gets nothing added', async (statements) => {
    const path = join(folder, 'metadata.sqlite');
    new Database(path).exec(statements).close();
    const before = await readFile(path);
    expect(await refusal(folder)).toContain(`${path} is the database of another program`);
    expect(await readFile(path)).toEqual(before);
  });

  it('that is lost is not replaced by an empty one while there are objects, which would then belong to nobody', async () => {
    const path = await used();
    await mkdir(join(folder, 'objects/examplebucket'), { recursive: true });
    await writeFile(join(folder, 'objects/examplebucket/k'), 'bytes');
    await rm(path);
    expect(await refusal(folder)).toContain('put the database back');
    await writeFile(path, '');
    expect(await refusal(folder)).toContain('put the database back');
    expect(await readFile(join(folder, 'objects/examplebucket/k'), 'utf8')).toBe('bytes');
  });

  it('stays as it is when the folder of the objects cannot be used', async () => {
    const path = await used();
    const before = await readFile(path);
    await rm(join(folder, 'objects'), { recursive: true });
    await writeFile(join(folder, 'objects'), 'mine');
    expect(await refusal(folder)).toContain('something else is in its place');
    expect(await readFile(path)).toEqual(before);
  });
});
