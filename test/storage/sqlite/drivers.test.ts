import { mkdir, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resultCodeOf } from '../../../src/storage/sqlite/result-code.ts';
import type { SqliteConnection } from '../../../src/storage/sqlite/sqlite-driver.ts';
import { FIRST_CHARACTER } from '../../contract/metadata-records.ts';
import { DRIVERS } from './drivers.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drivers-'));
  path = join(folder, 'database.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

/** What a use of SQLite fails with. */
function failureOf(use: () => unknown): ReturnType<typeof resultCodeOf> | 'none' {
  try {
    use();
    return 'none';
  } catch (error) {
    return resultCodeOf(error);
  }
}

describe.each(DRIVERS)('$name', (driver) => {
  const TABLES = `
    create table parents (name text primary key, size integer not null) strict;
    create table children (parent text references parents (name)) strict;
  `;
  const memory = (): SqliteConnection => {
    const database = driver.open(':memory:', 0);
    database.exec('pragma foreign_keys = on');
    database.exec(TABLES);
    return database;
  };

  test('gives back texts and numbers as they were stored', () => {
    const database = memory();
    const insert = database.prepare('insert into parents values (?, ?)');
    const rows: readonly (readonly [string, number])[] = [
      ['', 0],
      ['quote \' and " and ?', -1],
      [`a${FIRST_CHARACTER}b`, Number.MAX_SAFE_INTEGER],
      ['🎥\u{10ffff}\uffff', Number.MIN_SAFE_INTEGER],
      ['long'.repeat(100_000), Date.UTC(9999, 11, 31)],
    ];
    for (const row of rows) expect(insert.run([...row])).toMatchObject({ changes: 1 });
    expect(database.prepare('select name, size from parents order by rowid').all([])).toEqual(
      rows.map(([name, size]) => ({ name, size })),
    );
    expect(database.prepare('select ? as missing').all([null])).toEqual([{ missing: null }]);
    database.close();
  });

  test('stores no text that it would not give back', () => {
    const database = memory();
    const insert = database.prepare('insert into parents values (?, 1)');
    const isRefused = failureOf(() => insert.run(['a\0b'])) !== 'none';
    expect(database.prepare('select name from parents').all([])).toEqual(isRefused ? [] : [{ name: 'a\0b' }]);
    expect(database.prepare('select name from parents where name > ?').all(['b\0'])).toEqual([]);
    database.close();
  });

  test('knows which statements give rows', () => {
    const database = memory();
    const texts: readonly (readonly [string, boolean])[] = [
      ['select 1', true],
      ['  SELECT 1', true],
      ['with few as (select 1) select * from few', true],
      ['values (1)', true],
      ['pragma foreign_keys', true],
      ["insert into parents values ('a', 1) returning size", true],
      ["insert into parents values ('a', 1)", false],
      ["update parents set size = 2 where name = 'returned'", false],
      ['delete from parents', false],
      ['begin', false],
    ];
    expect(texts.map(([text]) => [text, database.prepare(text).reader])).toEqual(texts);
    database.close();
  });

  test('names what SQLite refused', () => {
    const database = memory();
    database.exec("insert into parents values ('a', 1)");
    const failures = {
      primaryKey: failureOf(() => database.exec("insert into parents values ('a', 1)")),
      foreignKey: failureOf(() => database.prepare('insert into children values (?)').run(['nobody'])),
      notNull: failureOf(() => database.prepare('insert into parents values (?, ?)').run(['b', null])),
      unique: failureOf(() =>
        database.exec('create unique index one on parents (size); insert into parents values (1, 1)'),
      ),
      type: failureOf(() => database.prepare('insert into parents values (?, ?)').run(['b', 'much'])),
      text: failureOf(() => database.prepare('no statement')),
      full: failureOf(() => {
        database.exec('pragma max_page_count = 10');
        database.prepare('insert into parents values (?, 2)').run(['long'.repeat(100_000)]);
      }),
    };
    expect(failures).toEqual({
      primaryKey: 'CONSTRAINT_PRIMARYKEY',
      foreignKey: 'CONSTRAINT_FOREIGNKEY',
      notNull: 'CONSTRAINT_NOTNULL',
      unique: 'CONSTRAINT_UNIQUE',
      type: 'CONSTRAINT',
      text: 'ERROR',
      full: 'FULL',
    });
    database.close();
  });

  test('names what is wrong with a file', async () => {
    expect(failureOf(() => driver.open(join(folder, 'missing', 'file'), 0))).toBe('CANTOPEN');
    await mkdir(join(folder, 'a-folder'));
    expect(failureOf(() => driver.open(join(folder, 'a-folder'), 0))).toBe('CANTOPEN');

    await writeFile(path, 'a letter to a friend, long enough to be taken for a page of a database'.repeat(20));
    const letter = driver.open(path, 0);
    expect(failureOf(() => letter.exec('create table a (b)'))).toBe('NOTADB');
    letter.close();
    await truncate(path);

    const whole = driver.open(path, 0);
    whole.exec(TABLES);
    whole.exec("insert into parents values ('a', 1)");
    whole.close();
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(4096, 0xff), 0, 4096, 4096);
    await file.close();
    const damaged = driver.open(path, 0);
    expect(failureOf(() => damaged.prepare('select * from parents').all([]))).toBe('CORRUPT');
    damaged.close();
  });

  test('says that another one writes', () => {
    const [one, other] = [driver.open(path, 0), driver.open(path, 0)];
    one.exec('begin exclusive');
    expect(failureOf(() => other.exec('begin exclusive'))).toBe('BUSY');
    one.close();
    expect(failureOf(() => other.exec('begin exclusive'))).toBe('none');
    other.close();
  });

  test('is closed once, however often it is asked to', () => {
    const database = memory();
    database.close();
    expect(() => database.close()).not.toThrow();
    expect(() => database.exec('select 1')).toThrow();
  });
});

test('an error that is not of SQLite has no result code', () => {
  expect(resultCodeOf(new Error('SQLITE_BUSY'))).toBeUndefined();
  expect(resultCodeOf(Object.assign(new Error('full'), { code: 'ENOSPC' }))).toBeUndefined();
  expect(resultCodeOf('SQLITE_BUSY')).toBeUndefined();
});
