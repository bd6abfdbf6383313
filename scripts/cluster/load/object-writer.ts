import { OBJECTS } from '../../crash/load/places.ts';
import type { Post } from './worker.ts';

const MAX_BYTES = 40_000;

/** PutObject, overwriting and DeleteObject; a key whose last change was not answered is left for the auditor. */
export async function* objectWriter({ client, ledger, random, name }: Post): AsyncGenerator<void> {
  const from = random.below(2 ** 31);
  for (let number = 0; ; number++) {
    const path = `/${OBJECTS}/objects/${name}/${from}-${number}`;
    const entry = ledger.object(path);
    for (let writes = 1 + random.below(3); writes > 0; writes--) {
      const body = random.bytes(random.below(MAX_BYTES));
      await entry.change({ kind: 'bytes', bytes: body }, () => client.oss('PUT', path, { body }));
      yield;
    }
    if (random.chance(0.3)) await entry.change(undefined, () => client.oss('DELETE', path));
  }
}
