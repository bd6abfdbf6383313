import { NOT_SERVED } from './not-served.ts';
import type { LeftOut, SuiteConditions, Verdict } from './suite.ts';

/** A test and what there is to say about it. */
export interface Remark {
  readonly test: string;
  readonly text: string;
}

export interface SuiteReport {
  readonly passed: readonly string[];
  readonly failed: readonly Remark[];
  readonly leftOut: readonly string[];
  /** Left out, but for a reason that this run does not confirm. */
  readonly stale: readonly Remark[];
}

/** Sorts the verdicts of a run. Everything left out was run too, and must have failed in the way its reason says. */
export function judge(
  verdicts: readonly Verdict[],
  allLeftOut: readonly LeftOut[],
  conditions: SuiteConditions,
): SuiteReport {
  const reasons = new Map<string, LeftOut>();
  for (const entry of allLeftOut.filter(({ when }) => applies(when ?? {}, conditions))) {
    for (const test of entry.tests) reasons.set(test, entry);
  }
  const counted = verdicts.filter(({ name }) => !reasons.has(name));
  const leftOut = verdicts.filter(({ name }) => reasons.has(name));
  return {
    passed: counted.filter(({ failure }) => failure === undefined).map(({ name }) => name),
    failed: counted.flatMap(({ name, failure }) => (failure === undefined ? [] : [{ test: name, text: failure }])),
    leftOut: leftOut.map(({ name }) => name),
    stale: [...reasons].flatMap(([test, reason]) => {
      const text = objection(
        reason,
        verdicts.find(({ name }) => name === test),
      );
      return text === undefined ? [] : [{ test, text }];
    }),
  };
}

function applies({ endpoint, signature }: Partial<SuiteConditions>, conditions: SuiteConditions): boolean {
  return (
    (endpoint === undefined || endpoint === conditions.endpoint) &&
    (signature === undefined || signature === conditions.signature)
  );
}

/** What is wrong with leaving the test out for this reason; undefined when nothing is. */
function objection(reason: LeftOut, verdict: Verdict | undefined): string | undefined {
  if (verdict === undefined) return 'there is no such test';
  if (reason.kind === 'load') return undefined;
  const { failure, refused } = verdict;
  if (failure === undefined) return 'it passes';
  if (reason.kind === 'operation' && reason.shows === undefined) {
    if (refused.some((operation) => NOT_SERVED[reason.family]?.includes(operation))) return undefined;
    return `no operation of "${reason.family}" was refused, but ${refused.join(', ') || 'none'}:\n${failure}`;
  }
  return reason.shows !== undefined && failure.includes(reason.shows)
    ? undefined
    : `"${reason.shows}" is not in:\n${failure}`;
}
