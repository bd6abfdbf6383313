/** Longer pieces are searched with a table, which keeps the time linear. */
const SHORT = 16;
/** The longest piece between two `*` in which `?` may be, because such a piece has to be compared at every place. */
const MAX_VARIABLE_PIECE = 64;

/**
 * Whether the whole text fits the pattern, in which `*` stands for any characters and `?` for one. The time is linear:
 * each piece between two `*` is taken at its first place after the piece before it.
 */
export function matchesWildcards(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return text.length === pattern.length && fitsAt(pattern, text, 0);
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop() ?? '';
  const end = text.length - last.length;
  if (end < first.length || !fitsAt(first, text, 0) || !fitsAt(last, text, end)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = findPiece(piece, text, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= end;
}

/** Whether the time for the pattern is bounded. */
export function hasBoundedWildcards(pattern: string): boolean {
  return comparisonsPerPlace(pattern) <= MAX_VARIABLE_PIECE;
}

/** How many characters may have to be compared at each place of a text: those of the longest piece with `?`. */
export function comparisonsPerPlace(pattern: string): number {
  if (!pattern.includes('?')) return 0;
  const floating = pattern.split('*').slice(1, -1);
  return floating.reduce((most, piece) => (piece.includes('?') ? Math.max(most, piece.length) : most), 0);
}

function fitsAt(piece: string, text: string, at: number): boolean {
  if (!piece.includes('?')) return text.startsWith(piece, at);
  for (let index = 0; index < piece.length; index++) {
    if (piece[index] !== '?' && piece[index] !== text[at + index]) return false;
  }
  return true;
}

function findPiece(piece: string, text: string, from: number): number {
  if (piece.includes('?')) return findVariablePiece(piece, text, from);
  return piece.length <= SHORT ? text.indexOf(piece, from) : findLongPiece(piece, text, from);
}

function findVariablePiece(piece: string, text: string, from: number): number {
  for (let at = from; at + piece.length <= text.length; at++) {
    if (fitsAt(piece, text, at)) return at;
  }
  return -1;
}

/** Knuth-Morris-Pratt: `indexOf` needs the product of both lengths in the worst case. */
function findLongPiece(piece: string, text: string, from: number): number {
  const borders = bordersOf(piece);
  let matched = 0;
  for (let at = from; at < text.length; at++) {
    while (matched > 0 && piece[matched] !== text[at]) matched = borders[matched - 1] ?? 0;
    if (piece[matched] === text[at]) matched++;
    if (matched === piece.length) return at - matched + 1;
  }
  return -1;
}

/** For each prefix the length of its longest proper prefix that is also its suffix. */
function bordersOf(piece: string): Uint32Array {
  const borders = new Uint32Array(piece.length);
  let length = 0;
  for (let at = 1; at < piece.length; at++) {
    while (length > 0 && piece[length] !== piece[at]) length = borders[length - 1] ?? 0;
    if (piece[length] === piece[at]) length++;
    borders[at] = length;
  }
  return borders;
}
