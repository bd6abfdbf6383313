import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { compareFiles } from '../../../../src/storage/objects/filesystem/compare-files.ts';
import { sweepFiles } from '../../../../src/storage/objects/filesystem/sweep.ts';
import { type FilesystemStore, openFilesystemStore } from '../../../../src/storage/objects/filesystem.ts';
import { LocationSet } from '../../../../src/storage/objects/location-set.ts';
import { store } from '../../../contract/object-store.ts';
import { describeWith, MOUNT, type Tool } from '../../../support/tools.ts';

const isAtPath = () => true;
let folder: string;
let root: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  root = join(folder, 'objects');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** In memory, on Linux. */
const OTHER_DISK = '/dev/shm';
const DISKS: Tool = {
  name: `another disk at ${OTHER_DISK}`,
  probe: ['sh', '-c', `test "$(stat -c %d ${OTHER_DISK})" != "$(stat -c %d '${tmpdir()}')"`],
};

async function leave(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), 'left');
  }
}

async function* named(...locations: readonly string[]) {
  yield locations.map((location) => ({ location, sizeBytes: 'left'.length }));
}

const sweep = (objects: FilesystemStore, ...locations: readonly string[]) =>
  objects.sweep({ named: named(...locations), moveTo: join(folder, 'swept'), signal: new AbortController().signal });

describe('a sweep', () => {
  it('takes away the files that no row names, what a process had not put into place, and empty folders', async () => {
    await leave(
      'examplebucket/a/1.ts',
      'examplebucket/a/2.ts',
      'examplebucket/b/c/3.ts',
      'gonebucket/4',
      '.incoming/1',
    );
    await mkdir(join(root, 'examplebucket/empty/deep'), { recursive: true });
    const objects = await openFilesystemStore({ root });
    expect(await sweep(objects, 'examplebucket/a/1.ts', '~made/5/1')).toEqual({ count: 3, sizeBytes: 12 });
    expect((await readdir(root, { recursive: true })).sort()).toEqual([
      '.incoming',
      'examplebucket',
      'examplebucket/a',
      'examplebucket/a/1.ts',
    ]);
  });

  it('finds one among many, in one folder and in many', async () => {
    const keys = Array.from({ length: 250 }, (_, n) => [`examplebucket/flat/${n}`, `examplebucket/tree/${n}/${n}/x`]);
    await leave(...keys.flat());
    const orphans = ['examplebucket/flat/144', 'examplebucket/tree/5/5/x'];
    const objects = await openFilesystemStore({ root });
    const rest = keys.flat().filter((key) => !orphans.includes(key));
    expect(await sweep(objects, ...rest)).toMatchObject({ count: 2 });
    expect(orphans.filter((key) => existsSync(join(root, key)))).toEqual([]);
    expect(rest.filter((key) => !existsSync(join(root, key)))).toEqual([]);
  });

  it('goes on when a file is gone before its turn, and does not count it', async () => {
    await leave('examplebucket/1', 'examplebucket/2');
    const written = new Set<string>();
    // Asked just before a file is removed.
    const has = vi.spyOn(written, 'has').mockImplementationOnce((location) => {
      rmSync(join(root, location));
      return false;
    });
    const { signal } = new AbortController();
    expect(
      await sweepFiles({ root, isAtPath, named: named(), written, moveTo: join(folder, 'swept'), signal }),
    ).toEqual({
      count: 1,
      sizeBytes: 4,
    });
    expect(has).toHaveBeenCalledTimes(2);
  });

  it('leaves alone what a person put into the folder and no store can have made', async () => {
    const own = ['notes.txt', 'My Folder/x', '.git/config', 'examplebucket/.DS_Store', 'examplebucket/.hidden/x'];
    await leave(...own);
    await writeFile(join(folder, 'outside'), 'x');
    await symlink(join(folder, 'outside'), join(root, 'examplebucket/link'));
    await symlink(folder, join(root, 'linkedbucket'));
    expect(await sweep(await openFilesystemStore({ root }))).toMatchObject({ count: 0 });
    for (const path of [...own, 'examplebucket/link', 'linkedbucket/outside']) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
  });

  it('never touches what was written since the store was opened, before and during it', async () => {
    const objects = await openFilesystemStore({ root });
    await leave('examplebucket/orphan');
    const put = (key: string) => store(objects, { bucket: 'examplebucket', key }, Buffer.from(key));
    const written = [await put('before')];
    async function* slowly() {
      written.push(await put('during'));
      yield [];
    }
    expect(
      await objects.sweep({ named: slowly(), moveTo: join(folder, 'swept'), signal: new AbortController().signal }),
    ).toMatchObject({ count: 1 });
    expect(written.filter((location) => !existsSync(join(root, location)))).toEqual([]);
  });

  it('leaves a file that another name of the same file may mean', async () => {
    await leave('examplebucket/Straße/É.ts');
    expect(await sweep(await openFilesystemStore({ root }), 'examplebucket/straße/e\u0301.ts')).toMatchObject({
      count: 0,
    });
  });

  it('removes nothing: it moves the files to the same places below another folder', async () => {
    await leave('examplebucket/kept', 'examplebucket/deep/lost');
    expect(await sweep(await openFilesystemStore({ root }), 'examplebucket/kept')).toEqual({ count: 1, sizeBytes: 4 });
    expect((await readdir(join(folder, 'swept'), { recursive: true })).sort()).toEqual([
      'examplebucket',
      'examplebucket/deep',
      'examplebucket/deep/lost',
    ]);
    expect((await readdir(join(root, 'examplebucket'))).sort()).toEqual(['kept']);
  });

  it('that is interrupted removes nothing more', async () => {
    await leave('examplebucket/orphan');
    const objects = await openFilesystemStore({ root });
    expect(await objects.sweep({ named: named(), moveTo: join(folder, 'swept'), signal: AbortSignal.abort() })).toEqual(
      { count: 0, sizeBytes: 0 },
    );
    expect(existsSync(join(root, 'examplebucket/orphan'))).toBe(true);
  });
});

describe('a sweep of a folder that another one has replaced', () => {
  it('moves nothing of the other one, also when that happens in the middle', async () => {
    await leave('examplebucket/1', 'examplebucket/2', 'examplebucket/empty/3');
    rmSync(join(root, 'examplebucket/empty/3'));
    const { signal } = new AbortController();
    const moveTo = join(folder, 'swept');
    const sweepWhile = (atPath: () => boolean) =>
      sweepFiles({ root, isAtPath: atPath, named: named(), written: new Set(), moveTo, signal });
    expect(await sweepWhile(() => false)).toEqual({ count: 0, sizeBytes: 0 });
    expect((await readdir(join(root, 'examplebucket'))).sort()).toEqual(['1', '2', 'empty']);
    expect(await sweepWhile(() => !existsSync(moveTo))).toMatchObject({ count: 1 });
  });
});

describeWith([MOUNT], 'a sweep to a disk that is full', () => {
  it('goes on with the files that it has room for, and tells of the others', async () => {
    await leave('examplebucket/1', 'examplebucket/3');
    await writeFile(join(root, 'examplebucket/2'), Buffer.alloc(2_000_000));
    const moveTo = await mkdtemp(join(tmpdir(), 'disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', moveTo]);
    onTestFinished(async () => {
      execFileSync('umount', ['-l', moveTo]);
      await rm(moveTo, { recursive: true });
    });
    const { signal } = new AbortController();
    expect(await sweepFiles({ root, isAtPath, named: named(), written: new Set(), moveTo, signal })).toEqual({
      count: 2,
      sizeBytes: 8,
      left: { count: 1, error: expect.stringContaining('ENOSPC') },
    });
    expect(await readdir(join(root, 'examplebucket'))).toEqual(['2']);
    expect((await readdir(join(moveTo, 'examplebucket'))).sort()).toEqual(['1', '3']);
  });
});

describe('a comparison', () => {
  it('counts files without a row, rows without a file, and files of another size, and changes nothing', async () => {
    await leave('examplebucket/kept', 'examplebucket/orphan', 'examplebucket/cut');
    await truncate(join(root, 'examplebucket/cut'), 1);
    const readNamed = () => named('examplebucket/kept', 'examplebucket/gone', 'examplebucket/cut', '~made/5/1');
    expect(await compareFiles(root, readNamed)).toEqual({
      unnamed: { count: 1, sizeBytes: 4 },
      gone: { count: 1, first: 'examplebucket/gone' },
      changed: { count: 1, first: 'examplebucket/cut' },
      unreadable: { count: 0, first: undefined },
    });
    expect(existsSync(join(root, 'examplebucket/orphan'))).toBe(true);
  });

  it('does not count what a running emulator changed meanwhile', async () => {
    await leave('examplebucket/new');
    let reads = 0;
    const readNamed = () => {
      reads += 1;
      return reads === 1
        ? named()
        : reads < 4
          ? named('examplebucket/new', 'examplebucket/deleted')
          : named('examplebucket/new');
    };
    expect(await compareFiles(root, readNamed)).toEqual({
      unnamed: { count: 0, sizeBytes: 0 },
      gone: { count: 0, first: undefined },
      changed: { count: 0, first: undefined },
      unreadable: { count: 0, first: undefined },
    });
  });
});

describe('a set of locations', () => {
  it('has what was added, and nothing else of twenty thousand', () => {
    const set = new LocationSet();
    for (let n = 0; n < 20_000; n++) set.add(`examplebucket/door/${1_735_732_800_000 + n * 5000}.ts`);
    const has = (n: number) => set.has(`examplebucket/door/${1_735_732_800_000 + n}.ts`);
    const wrong = Array.from({ length: 20_000 }, (_, n) => n).filter((n) => !has(n * 5000) || has(n * 5000 + 1));
    expect(wrong).toEqual([]);
  });
});

describeWith([DISKS], 'a sweep to another disk', () => {
  it('moves the files', async () => {
    await leave('examplebucket/tree/orphan');
    const moveTo = await mkdtemp(join(OTHER_DISK, 'swept-'));
    onTestFinished(() => rm(moveTo, { recursive: true, force: true }));
    const { signal } = new AbortController();
    expect(await sweepFiles({ root, isAtPath, named: named(), written: new Set(), moveTo, signal })).toMatchObject({
      count: 1,
    });
    expect(await readFile(join(moveTo, 'examplebucket/tree/orphan'), 'utf8')).toBe('left');
    expect(existsSync(join(root, 'examplebucket'))).toBe(false);
  });
});
