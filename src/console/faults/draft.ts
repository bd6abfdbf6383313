/** A rule while it is edited: every field is text, and empty text means that the field is left out. */
import type { FaultPhase, FaultRule } from '../../control-plane/faults/fault-rule.ts';
import { EFFECTS, type EffectField, type EffectName, type MatchName, PHASES } from './effects.ts';

export const LIMITS = ['count', 'skip', 'probability', 'seed'] as const;
export type LimitName = (typeof LIMITS)[number];

export interface Draft {
  readonly phase: FaultPhase;
  readonly match: Readonly<Partial<Record<MatchName, string>>>;
  /** A flag that is set has the text `true`. */
  readonly effect: Readonly<Partial<Record<EffectName, string>>>;
  readonly limits: Readonly<Partial<Record<LimitName, string>>>;
}

export const EMPTY_DRAFT: Draft = { phase: 'request', match: {}, effect: {}, limits: {} };

/** Common failures that fill the form. */
export const EXAMPLES: readonly { readonly name: string; readonly draft: Draft }[] = [
  {
    name: 'One PutLiveChannel fails',
    draft: {
      ...EMPTY_DRAFT,
      match: { operation: 'PutLiveChannel' },
      effect: { code: 'InternalError', status: '500' },
      limits: { count: '1' },
    },
  },
  {
    name: 'Live calls are throttled',
    draft: { ...EMPTY_DRAFT, effect: { code: 'Throttling.User' }, limits: { probability: '0.2' } },
  },
  {
    name: 'Slow playback',
    draft: { ...EMPTY_DRAFT, match: { operation: 'GetObject' }, effect: { bytesPerSec: '50000' } },
  },
  {
    name: 'Pushes are refused',
    draft: { ...EMPTY_DRAFT, phase: 'rtmp.publish', effect: { code: 'AccessDenied' } },
  },
  {
    name: 'The publisher falls silent',
    draft: { ...EMPTY_DRAFT, phase: 'rtmp.message', effect: { freezePublisher: 'true' } },
  },
  { name: 'Disk full', draft: { ...EMPTY_DRAFT, phase: 'object.write', effect: { diskFull: 'true' } } },
];

/** The rule to set. It has only the fields of its phase, not those that were filled in for another phase. */
export function ruleOf({ phase, match, effect, limits }: Draft): FaultRule {
  const { matches, effects }: { matches: readonly MatchName[]; effects: readonly EffectName[] } = PHASES[phase];
  return {
    match: { ...(phase !== 'request' && { phase }), ...filled(matches, match) },
    effect: Object.fromEntries(
      effects.flatMap((name) => {
        const text = effect[name];
        return text ? [[name, effectValue(EFFECTS[name], text)]] : [];
      }),
    ),
    ...Object.fromEntries(Object.entries(filled(LIMITS, limits)).map(([name, text]) => [name, Number(text)])),
  };
}

/** A rule in one line: what it matches and what happens. */
export function describeRule({ match, effect, probability, count, skip }: FaultRule): string {
  const { phase = 'request', ...matches } = match;
  const where = [PHASES[phase].name, ...Object.entries(matches).map(([name, value]) => `${name} ${value}`)];
  const what = Object.entries(effect).map(([name, value]) => (value === true ? name : `${name} ${value}`));
  const limits = [
    probability !== undefined && `${probability * 100} % of the time`,
    count !== undefined && `at most ${count === 1 ? 'once' : `${count} times`}`,
    skip !== undefined && `after ${skip}`,
  ].filter((limit) => limit !== false);
  return `${where.join(', ')}: ${[what.join(', '), ...limits].join(', ')}`;
}

function filled<Name extends string>(
  names: readonly Name[],
  values: Readonly<Partial<Record<Name, string>>>,
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = values[name]?.trim();
      return text ? [[name, text]] : [];
    }),
  );
}

function effectValue({ type }: EffectField, text: string): string | number | boolean {
  if (type === 'flag') return true;
  return type === 'number' ? Number(text) : text;
}
