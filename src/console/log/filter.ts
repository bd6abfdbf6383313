import type { Entry, EntryKind } from './entry.ts';

export interface Filter {
  readonly kind: EntryKind | 'all';
  readonly refusedOnly: boolean;
  /** In what happened, where, how it came out and why. */
  readonly text: string;
}

/** Players ask for a playlist every few seconds, so they are left out at first. */
export const FIRST_FILTER: Filter = { kind: 'all', refusedOnly: false, text: '' };

/** Playback that went well is noise unless one asks for it. */
export function passes(entry: Entry, { kind, refusedOnly, text }: Filter): boolean {
  if (refusedOnly && !entry.refused) return false;
  if (kind === 'all' ? entry.kind === 'playback' && !entry.refused : entry.kind !== kind) return false;
  const { what, where, outcome, reason = '' } = entry;
  return `${what} ${where} ${outcome} ${reason}`.toLowerCase().includes(text.trim().toLowerCase());
}
