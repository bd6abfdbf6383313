import { expect, it } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { NewerDatabase } from '../../../src/control-plane/control/newer-database.ts';
import type { PushRefusal } from '../../../src/ingest/registry.ts';
import { createInProcessLeases } from '../../../src/storage/leases/in-process-leases.ts';
import type { Seen } from '../../../src/storage/leases/leases.ts';

it('takes no new pushes, and says why, once the database is newer', () => {
  const listeners: ((seen: Seen) => void)[] = [];
  const refusals: PushRefusal[] = [];
  const newer = new NewerDatabase({
    leases: { ...createInProcessLeases(), onSeen: (listener) => listeners.push(listener) },
    publishing: { refuseNew: (refusal) => refusals.push(refusal) },
    log: silentLog,
  });
  const see = (newerSchema: string | undefined) => {
    for (const listener of listeners) listener({ reset: undefined, newerSchema });
  };
  see(undefined);
  expect([newer.reason, refusals]).toEqual([undefined, []]);
  see('9999 later');
  see('9999 later');
  expect(newer.reason).toContain('"9999 later"');
  expect(refusals).toEqual([{ description: expect.stringContaining('older than its database'), reason: newer.reason }]);
});
