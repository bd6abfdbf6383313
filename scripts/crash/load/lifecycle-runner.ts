import { setTimeout as delay } from 'node:timers/promises';
import type { Desk } from './load.ts';
import { OBJECTS } from './places.ts';

const KEYS = 3;

/** Stores what the rule of the bucket deletes, and has the rule executed. The only one who does, because a run takes all. */
export async function lifecycleRunner({ client, ledger, random, gone }: Desk): Promise<never> {
  for (;;) {
    const path = `/${OBJECTS}/old/${random.below(KEYS)}`;
    const entry = ledger.object(path);
    const bytes = random.bytes(100);
    await entry.change({ kind: 'bytes', bytes }, () => client.oss('PUT', path, { body: bytes }));
    await entry.change(undefined, () => client.control('POST', '/lifecycle/run', { bucket: OBJECTS }));
    await delay(20, undefined, { signal: gone });
  }
}
