/** The same line of two texts, each divided into the common beginning, the different middle and the common end. */
export interface LinePair {
  readonly ours: LineParts | undefined;
  readonly theirs: LineParts | undefined;
  readonly same: boolean;
}

export interface LineParts {
  readonly before: string;
  readonly different: string;
  readonly after: string;
}

/** Compares line by line: both texts have the same fields in the same order, so no lines have to be aligned. */
export function pairLines(ours: string, theirs: string): readonly LinePair[] {
  const ourLines = ours.split('\n');
  const theirLines = theirs.split('\n');
  return Array.from({ length: Math.max(ourLines.length, theirLines.length) }, (_, index) =>
    pair(ourLines[index], theirLines[index]),
  );
}

function pair(ours: string | undefined, theirs: string | undefined): LinePair {
  if (ours === undefined || theirs === undefined) {
    return { ours: whole(ours), theirs: whole(theirs), same: false };
  }
  const begin = commonLength(ours, theirs, (text, index) => text[index]);
  const end = Math.min(
    commonLength(ours, theirs, (text, index) => text[text.length - 1 - index]),
    Math.min(ours.length, theirs.length) - begin,
  );
  return { ours: cut(ours, begin, end), theirs: cut(theirs, begin, end), same: ours === theirs };
}

function whole(line: string | undefined): LineParts | undefined {
  return line === undefined ? undefined : { before: '', different: line, after: '' };
}

function cut(line: string, begin: number, end: number): LineParts {
  const until = line.length - end;
  return { before: line.slice(0, begin), different: line.slice(begin, until), after: line.slice(until) };
}

function commonLength(one: string, other: string, at: (text: string, index: number) => string | undefined): number {
  const shorter = Math.min(one.length, other.length);
  let length = 0;
  while (length < shorter && at(one, length) === at(other, length)) length++;
  return length;
}
