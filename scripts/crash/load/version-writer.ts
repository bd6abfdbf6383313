import { md5 } from '../client.ts';
import type { Desk } from './load.ts';
import { VERSIONED } from './places.ts';

const KEYS = 3;
const MAX_BYTES = 20_000;
const MAX_VERSIONS = 12;

/** New versions, delete markers, and versions deleted for good. */
export async function versionWriter({ client, ledger, random }: Desk): Promise<never> {
  for (;;) {
    const entry = ledger.versionedKey(`v/${random.below(KEYS)}`);
    const path = `/${VERSIONED}/${entry.key}`;
    const { versions } = entry;
    if (versions.length > 0 && (versions.length > MAX_VERSIONS || random.chance(0.3))) {
      const { versionId } = random.pick(versions);
      entry.attempted = { remove: versionId };
      await client.oss('DELETE', path, { query: { versionId } });
      entry.versions = versions.filter((version) => version.versionId !== versionId);
    } else {
      const body = random.chance(0.2) ? undefined : random.bytes(random.below(MAX_BYTES));
      const sum = body && md5(body);
      entry.attempted = { add: sum };
      const { headers } = await (body ? client.oss('PUT', path, { body }) : client.oss('DELETE', path));
      entry.versions = [{ versionId: String(headers['x-oss-version-id']), md5: sum }, ...versions];
    }
    entry.attempted = undefined;
  }
}
