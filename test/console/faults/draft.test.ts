import { describe, expect, it } from 'vitest';
import { readFields } from '../../../src/base/schema.ts';
import { describeRule, EMPTY_DRAFT, EXAMPLES, ruleOf } from '../../../src/console/faults/draft.ts';
import { PHASES } from '../../../src/console/faults/effects.ts';
import { FAULT_EFFECTS, FAULT_MATCHES, faultRuleSchema } from '../../../src/control-plane/faults/fault-rule.ts';

describe('the form of a fault rule', () => {
  it('offers in every phase what can happen there, and to whom', () => {
    const phases = Object.entries(PHASES);
    expect(Object.fromEntries(phases.map(([phase, { effects }]) => [phase, effects]))).toEqual(FAULT_EFFECTS);
    expect(Object.fromEntries(phases.map(([phase, { matches }]) => [phase, matches]))).toEqual(FAULT_MATCHES);
  });

  it.each(EXAMPLES)('has an example "$name" that the emulator takes', ({ draft }) => {
    const rule = ruleOf(draft);
    expect(readFields(faultRuleSchema, rule, 'The rule')).toEqual(rule);
    const possible: readonly string[] = FAULT_EFFECTS[rule.match.phase ?? 'request'];
    expect(possible).toEqual(expect.arrayContaining(Object.keys(rule.effect)));
    expect(Object.keys(rule.effect)).not.toEqual([]);
  });

  it('makes numbers and flags of what was typed, and leaves out what was not', () => {
    const rule = ruleOf({
      phase: 'request',
      match: { operation: ' GetObject ', bucket: '' },
      effect: { delayMs: '500', reset: 'true', message: '' },
      limits: { probability: '0.5', count: '2' },
    });
    expect(rule).toEqual({
      match: { operation: 'GetObject' },
      effect: { delayMs: 500, reset: true },
      probability: 0.5,
      count: 2,
    });
  });

  it('drops what the phase that was chosen later knows nothing of', () => {
    const rule = ruleOf({
      ...EMPTY_DRAFT,
      phase: 'rtmp.message',
      match: { operation: 'GetObject', stream: 's1' },
      effect: { status: '503', freezePublisher: 'true' },
    });
    expect(rule).toEqual({ match: { phase: 'rtmp.message', stream: 's1' }, effect: { freezePublisher: true } });
  });

  it('reads as a line', () => {
    const rule = { match: { operation: 'GetObject' }, effect: { delayMs: 500, reset: true }, count: 1, skip: 2 };
    expect(describeRule(rule)).toBe('Request, operation GetObject: delayMs 500, reset, at most once, after 2');
  });
});
