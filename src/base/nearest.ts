/** Names that differ in more letters are not suggested. */
const MAX_DISTANCE = 3;

/** Nobody reads a longer list. */
const MAX_LISTED = 30;
const NEAREST_LISTED = 5;

/** A name that a peer sent may be very long; its beginning is enough for an order. */
const MAX_COMPARED = 100;

/** The known name that is most similar, if it is similar enough. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of known) {
    // The distance is at least that; a name that a peer sent may be very long.
    if (Math.abs(candidate.length - name.length) > MAX_DISTANCE) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  return best && best.distance <= Math.min(MAX_DISTANCE, best.candidate.length / 2) ? best.candidate : undefined;
}

/** `unknown field "bukcet" (did you mean "bucket"?)`, or the known names, those that come nearest, when none is similar. */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const advice = meant === undefined ? listed(name, known) : `did you mean "${meant}"?`;
  return `unknown ${what} "${name}" (${advice})`;
}

function listed(name: string, known: readonly string[]): string {
  if (known.length <= MAX_LISTED) return `known are ${known.join(', ')}`;
  const wanted = name.slice(0, MAX_COMPARED).toLowerCase();
  const distances = known.map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }));
  const nearestFew = distances.sort((a, b) => a.distance - b.distance).slice(0, NEAREST_LISTED);
  return `of ${known.length}, the nearest are ${nearestFew.map(({ candidate }) => candidate).join(', ')}`;
}

/** The Levenshtein distance: insertions, deletions and substitutions. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
