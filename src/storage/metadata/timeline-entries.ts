import type { MetadataStore, TimelineQuery, TimelineTaker } from './metadata-store.ts';
import type { FragmentEntry } from './records.ts';

/** The fragments of a range as a list, for few of them. */
export async function timelineEntries(
  metadata: Pick<MetadataStore, 'timeline'>,
  query: TimelineQuery,
): Promise<readonly FragmentEntry[]> {
  const taken = await metadata.timeline(query, () => new Entries());
  return taken.entries;
}

class Entries implements TimelineTaker {
  readonly entries: FragmentEntry[] = [];

  add(fragments: readonly FragmentEntry[]): void {
    for (const fragment of fragments) this.entries.push(fragment);
  }
}
