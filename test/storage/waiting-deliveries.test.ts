import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { createInProcessLeases } from '../../src/storage/leases/in-process-leases.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { WaitingDeliveries } from '../../src/storage/waiting-deliveries.ts';

const KIND = 'waiting-test';

it('what waits on a node that is gone is taken over once, and what waits on one that is there is left alone', async () => {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const present = new Set(['one', 'two']);
  const node = (owner: string) => {
    const presentNodes = async () => [...present].map((id) => ({ id, name: id, ageMs: 0 }));
    const leases = { ...createInProcessLeases(), owner, presentNodes };
    return new WaitingDeliveries<string>(KIND, { metadata, leases, log: silentLog });
  };
  const stored = async () => (await metadata.listDocuments(KIND)).map(({ name }) => name);
  const until = async (names: readonly string[]) => {
    while ((await stored()).join() !== names.join()) await new Promise((resolve) => setImmediate(resolve));
  };
  const [one, two] = [node('one'), node('two')];
  one.keep('a', 'callback a');
  one.keep('a', 'callback a');
  one.keep('b', 'callback b');
  await until(['a', 'b']);
  one.remove('b');
  one.remove('never kept');
  await until(['a']);

  const resumed: string[] = [];
  const takeOver = () => two.takeOver((id, item) => resumed.push(`${id}: ${item}`));
  await takeOver();
  expect(resumed).toEqual([]);
  present.delete('one');
  await takeOver();
  await takeOver();
  expect(resumed).toEqual(['a: callback a']);
  two.remove('a');
  await until([]);
});
