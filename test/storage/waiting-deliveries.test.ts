import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { createInProcessLeases } from '../../src/storage/leases/in-process-leases.ts';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
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

/** What the store is told, and a database that answers when the test says. */
async function openSlow(answer: Promise<unknown>) {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const told: string[] = [];
  const slow: MetadataStore = {
    ...metadata,
    async putDocument({ name }) {
      told.push(`put ${name}`);
      await answer;
    },
    async deleteDocument(_, __, name) {
      told.push(`delete ${name}`);
      return true;
    },
  };
  const deps = { metadata: slow, leases: createInProcessLeases(), log: silentLog };
  return { told, waiting: new WaitingDeliveries<string>(KIND, deps) };
}

it('while the database does not answer only what still waits is kept to be stored', async () => {
  const answering = new AbortController();
  const { told, waiting } = await openSlow(once(answering.signal, 'abort'));
  for (const id of ['a', 'b', 'c']) waiting.keep(id, id);
  // The first one is on its way.
  for (const id of ['a', 'b']) waiting.remove(id);
  answering.abort();
  await waiting.settled();
  expect(told).toEqual(['put a', 'put c', 'delete a']);
});

it('what is kept again before it was deleted stays', async () => {
  const answering = new AbortController();
  const { told, waiting } = await openSlow(once(answering.signal, 'abort'));
  for (const id of ['a', 'b']) waiting.keep(id, id);
  waiting.remove('a');
  waiting.keep('a', 'a');
  answering.abort();
  await waiting.settled();
  expect(told).toEqual(['put a', 'put b']);
});

it('a stop does not wait for more than one that cannot be stored', async () => {
  const { told, waiting } = await openSlow(Promise.reject(new Error('away')));
  for (const id of ['a', 'b', 'c']) waiting.keep(id, id);
  await waiting.settled();
  expect(told).toEqual(['put a']);
});
