import { type Client, md5 } from '../client.ts';
import type { Ledger, Version, VersionedKey } from '../ledger.ts';
import { VERSIONED } from '../load/places.ts';

/** Whether the versions of every key are those that were acknowledged, in their order, with their bytes. */
export async function versionViolations(client: Client, ledger: Ledger): Promise<string[]> {
  const violations: string[] = [];
  for (const entry of ledger.versioned.values()) {
    const found = await list(client, entry.key);
    const state = stateOf(entry, found);
    if (!state) {
      violations.push(
        `versions of ${entry.key} are ${text(found.versions)}, but were acknowledged as ${text(entry.versions)}`,
      );
    }
    entry.versions = [...(state ?? found.versions)];
    entry.attempted = undefined;
  }
  return violations;
}

interface Found {
  /** As the listing has them: versions first, then delete markers. */
  readonly versions: readonly Version[];
  readonly latest: string | undefined;
}

async function list(client: Client, key: string): Promise<Found> {
  const reply = await client.oss('GET', `/${VERSIONED}/`, { query: { versions: '', prefix: key } });
  const versions: Version[] = [];
  let latest: string | undefined;
  for (const [, kind, inner = ''] of reply.text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
    const versionId = /<VersionId>(.*?)</.exec(inner)?.[1] ?? '';
    if (/<IsLatest>true/.test(inner)) latest = versionId;
    const isMarker = kind === 'DeleteMarker';
    const bytes = isMarker ? undefined : await client.oss('GET', `/${VERSIONED}/${key}`, { query: { versionId } });
    versions.push({ versionId, md5: bytes && md5(bytes.body) });
  }
  return { versions, latest };
}

/** The acknowledged versions, or those with the change that was under way, newest first; undefined when it is neither. */
function stateOf({ versions, attempted }: VersionedKey, found: Found): readonly Version[] | undefined {
  const states = [versions];
  if (attempted && 'remove' in attempted) {
    states.push(versions.filter(({ versionId }) => versionId !== attempted.remove));
  } else if (attempted) {
    const added = found.versions.find(({ versionId }) => versions.every((known) => known.versionId !== versionId));
    if (added?.md5 === attempted.add) states.push(added ? [added, ...versions] : versions);
  }
  return states.find((state) => text(grouped(state)) === text(found.versions) && state[0]?.versionId === found.latest);
}

function grouped(versions: readonly Version[]): readonly Version[] {
  return [...versions.filter((version) => version.md5), ...versions.filter((version) => !version.md5)];
}

function text(versions: readonly Version[]): string {
  return JSON.stringify(
    versions.map((version) => [version.versionId.slice(-12), version.md5?.slice(0, 8) ?? 'marker']),
  );
}
