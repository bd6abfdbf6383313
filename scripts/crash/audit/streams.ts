import { readMediaPlaylist } from '../../../test/support/analyser/media-playlist.ts';
import type { Client } from '../client.ts';
import type { Ledger } from '../ledger.ts';
import { OBJECTS } from '../load/places.ts';

/** Whether every index file that was acknowledged is there, and names only slices that are there. */
export async function streamViolations(client: Client, { records }: Ledger): Promise<string[]> {
  const violations: string[] = [];
  const present = new Map<string, boolean>();
  for (const [recordId, key] of records) {
    const manifest = await client.ask('GET', `/${OBJECTS}/${key}`);
    if (manifest.status !== 200) {
      violations.push(`the index file ${key} of record ${recordId} answers ${manifest.status}`);
      continue;
    }
    for (const { uri } of readMediaPlaylist(manifest.text).segments) {
      const { pathname } = new URL(uri, `http://127.0.0.1:${client.port}/${OBJECTS}/${key}`);
      const path = decodeURIComponent(pathname);
      const isThere = present.get(path) ?? (await client.ask('HEAD', path)).status === 200;
      present.set(path, isThere);
      if (!isThere) violations.push(`the index file ${key} names ${path}, which is not there`);
    }
  }
  return violations;
}
