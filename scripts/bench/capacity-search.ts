/** The search for the most pushes that a server carries. */

export interface Attempt<Outcome> {
  readonly pushes: number;
  readonly outcome: Outcome;
}

export interface Found<Outcome> {
  /** The most that were carried; undefined when not even one was. */
  readonly carried: Attempt<Outcome> | undefined;
  /** The fewest that were too many; undefined when as many as may be tried were carried. */
  readonly exceeded: Attempt<Outcome> | undefined;
}

export interface Range {
  /** The first attempt. */
  readonly from: number;
  /** No more are tried. */
  readonly most: number;
}

/** A result is as exact as this share of it. */
const RESOLUTION = 0.1;

/** Doubles until it is too much, then halves what is between. */
export async function searchCapacity<Outcome>(
  { from, most }: Range,
  attempt: (pushes: number) => Promise<Outcome>,
  isCarried: (outcome: Outcome) => boolean,
): Promise<Found<Outcome>> {
  let carried: Attempt<Outcome> | undefined;
  let exceeded: Attempt<Outcome> | undefined;
  for (let pushes = Math.min(from, most); pushes > 0; pushes = next(carried?.pushes ?? 0, exceeded?.pushes, most)) {
    const outcome = await attempt(pushes);
    if (isCarried(outcome)) carried = { pushes, outcome };
    else exceeded = { pushes, outcome };
  }
  return { carried, exceeded };
}

/** 0 when the search is over. */
function next(carried: number, exceeded: number | undefined, most: number): number {
  if (exceeded === undefined) return carried === most ? 0 : Math.min(most, 2 * carried);
  const isExact = exceeded - carried <= Math.max(1, RESOLUTION * carried);
  return isExact ? 0 : Math.floor((carried + exceeded) / 2);
}
