import { CompiledQuery } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { allRows, type QueryRunner } from '../../../../src/storage/metadata/sql/compiled.ts';
import { OneConnection } from '../../../../src/storage/metadata/sqlite/one-connection.ts';
import { DRIVERS } from '../../sqlite/drivers.ts';

const ADD = CompiledQuery.raw('insert into names values (?)');
const LIST = CompiledQuery.raw('select name from names order by name');

const add = (using: QueryRunner, name: string) => allRows(using, ADD, [name]);
const list = async (using: QueryRunner) => (await allRows(using, LIST, [])).map((row) => Object(row).name);

describe.each(DRIVERS)('the one connection of $name', (driver) => {
  function open(): OneConnection {
    const database = driver.open(':memory:', 0);
    database.exec('create table names (name text primary key)');
    const connection = new OneConnection(database);
    onTestFinished(() => connection.destroy());
    return connection;
  }

  test('keeps all that a transaction did, or nothing', async () => {
    const connection = open();
    expect(await connection.transaction(async (trx) => [await add(trx, 'a'), await list(trx)])).toEqual([[], ['a']]);
    const refused = connection.transaction(async (trx) => {
      await add(trx, 'b');
      await add(trx, 'a');
    });
    await expect(refused).rejects.toThrow('UNIQUE');
    expect(await list(connection)).toEqual(['a']);
  });

  test('reports why a transaction failed that SQLite has rolled back itself', async () => {
    const connection = open();
    const failed = connection.transaction(async (trx) => {
      await add(trx, 'a');
      await allRows(trx, CompiledQuery.raw('insert or rollback into names values (?)'), ['a']);
    });
    await expect(failed).rejects.toThrow('UNIQUE');
    await connection.transaction((trx) => add(trx, 'b'));
    expect(await list(connection)).toEqual(['b']);
  });

  test('lets nothing into a transaction of another, and everybody in the order of asking', async () => {
    const connection = open();
    const order: string[] = [];
    let letEnd = () => {};
    const held = new Promise<void>((resolve) => {
      letEnd = resolve;
    });
    const first = connection.transaction(async (trx) => {
      await add(trx, 'first');
      await held;
      order.push('first');
      throw new Error('given up');
    });
    const later = [
      connection.transaction(async (trx) => {
        order.push('second');
        await add(trx, 'second');
      }),
      add(connection, 'third').then(() => order.push('third')),
      connection.transaction(async (trx) => order.push(`fourth, after ${await list(trx)}`)),
    ];
    letEnd();
    await expect(first).rejects.toThrow('given up');
    await Promise.all(later);
    expect(order).toEqual(['first', 'second', 'third', 'fourth, after second,third']);
  });
});
