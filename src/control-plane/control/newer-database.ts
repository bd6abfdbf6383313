import type { Log } from '../../base/log.ts';
import type { Registry } from '../../ingest/registry.ts';
import type { Leases } from '../../storage/leases/leases.ts';

export interface NewerDatabaseDeps {
  readonly leases: Leases;
  readonly publishing: Pick<Registry, 'refuseNew'>;
  readonly log: Log;
}

const REFUSAL =
  'No new pushes are taken here: this emulator is older than its database. Connect again to reach another one.';

/**
 * Notices that a node of a newer version has changed the tables while this one runs. It takes no new pushes then, is not ready, and
 * tells a proxy that it is draining; what goes on may end.
 */
export class NewerDatabase {
  #reason: string | undefined;

  constructor({ leases, publishing, log }: NewerDatabaseDeps) {
    leases.onSeen(({ newerSchema }) => {
      if (newerSchema === undefined || this.#reason !== undefined) return;
      this.#reason = `a newer version of the emulator has changed the tables ("${newerSchema}"): stop this one, or start it in that version`;
      log.error('database.newer', { reason: this.#reason });
      publishing.refuseNew({ description: REFUSAL, reason: this.#reason });
    });
  }

  /** Why this emulator is not ready; undefined as long as it knows the tables. */
  get reason(): string | undefined {
    return this.#reason;
  }
}
