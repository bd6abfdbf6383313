import type { Entry, EntryKind } from './entry.ts';

export interface Filter {
  readonly kind: EntryKind | 'all';
  readonly refusedOnly: boolean;
  /** Is searched in operation, place, outcome and reason. */
  readonly text: string;
}

export const FIRST_FILTER: Filter = { kind: 'all', refusedOnly: false, text: '' };

/** Players request a playlist every few seconds, so `all` leaves out playback that succeeded. */
export function passes(entry: Entry, { kind, refusedOnly, text }: Filter): boolean {
  if (refusedOnly && !entry.refused) return false;
  if (kind === 'all' ? entry.kind === 'playback' && !entry.refused : entry.kind !== kind) return false;
  const { what, where, outcome, reason = '' } = entry;
  return `${what} ${where} ${outcome} ${reason}`.toLowerCase().includes(text.trim().toLowerCase());
}
