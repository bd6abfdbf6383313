import { ERROR_STATUS, type ErrorCode, OssError, UsageError } from '../errors.ts';
import type { Events } from '../events/events.ts';
import { readFields } from '../fields.ts';
import { unknownName } from '../nearest.ts';
import { seededRandom } from './random.ts';
import {
  FAULT_EFFECTS,
  type FaultEffect,
  type FaultMatch,
  type FaultPhase,
  type FaultRule,
  faultRuleSchema,
} from './rule.ts';

/** What is about to happen; what is not known at that point is left out. */
export interface FaultTarget {
  readonly operation?: string;
  readonly bucket?: string;
  readonly channel?: string;
  readonly key?: string;
}

/** A rule that is set, and what became of it. */
export interface SetFault {
  readonly id: string;
  readonly rule: FaultRule;
  readonly phase: FaultPhase;
  /** How often it fitted. */
  readonly matched: number;
  readonly fired: number;
}

/** A rule that fires now. */
export interface Fault {
  readonly effect: FaultEffect;
  /** The error to answer with, if it asks for one. */
  readonly error: OssError | undefined;
  /** Aborts when the rule is removed. */
  readonly removed: AbortSignal;
}

interface Entry {
  readonly id: string;
  readonly rule: FaultRule;
  readonly phase: FaultPhase;
  readonly random: () => number;
  readonly removal: AbortController;
  matched: number;
  fired: number;
}

/** What an error code is when only the status is given. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'InvalidArgument',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

export interface FaultsOptions {
  readonly events: Events;
  /** Names of the REST operations, to check a rule's against. */
  readonly operations: readonly string[];
}

/**
 * Things that go wrong on purpose. Whoever carries out a phase asks `find` first; without rules that costs one look at a
 * field. Of several rules the first that fires counts.
 */
export class Faults {
  readonly #options: FaultsOptions;
  #entries: readonly Entry[] = [];
  #lastNumber = 0;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /**
   * Sets a rule, behind those that are set.
   *
   * @example faults.add({ match: { operation: 'GetObject' }, effect: { code: 'InternalError' }, count: 2 });
   * @throws UsageError when the rule could never fire, or has a field we do not know
   */
  add(rule: FaultRule): SetFault {
    const checked = readFields(faultRuleSchema, rule, 'The fault rule');
    const phase = checked.match.phase ?? 'request';
    this.#check(checked, phase);
    const entry: Entry = {
      id: `fault-${++this.#lastNumber}`,
      rule: checked,
      phase,
      random: seededRandom(checked.seed ?? 1),
      removal: new AbortController(),
      matched: 0,
      fired: 0,
    };
    this.#entries = [...this.#entries, entry];
    return stateOf(entry);
  }

  /** False when there is no such rule (any more). */
  remove(id: string): boolean {
    const entry = this.#entries.find((candidate) => candidate.id === id);
    this.#entries = this.#entries.filter((candidate) => candidate !== entry);
    entry?.removal.abort();
    return entry !== undefined;
  }

  clear(): void {
    for (const { id } of this.#entries) this.remove(id);
  }

  list(): readonly SetFault[] {
    return this.#entries.map(stateOf);
  }

  /** Whether there is any rule at all. */
  get isActive(): boolean {
    return this.#entries.length > 0;
  }

  /** The fault that strikes here and now, if any. It counts as fired. */
  find(phase: FaultPhase, target: FaultTarget): Fault | undefined {
    if (!this.isActive) return undefined;
    const entry = this.#entries.find((candidate) => candidate.phase === phase && fires(candidate, target));
    if (!entry) return undefined;
    const { effect } = entry.rule;
    const described = Object.entries(effect).map(([name, value]) => `${name}=${value}`);
    this.#options.events.emit({ type: 'fault.fired', rule: entry.id, phase, effect: described.join(' '), ...target });
    return { effect, error: errorOf(effect, entry.id), removed: entry.removal.signal };
  }

  #check({ match, effect }: FaultRule, phase: FaultPhase): void {
    const { operations } = this.#options;
    const allowed: readonly string[] = FAULT_EFFECTS[phase];
    const given = Object.keys(effect);
    const foreign = given.find((name) => !allowed.includes(name));
    if (foreign) {
      throw new UsageError(`The fault rule: ${foreign} cannot happen in phase ${phase} (${allowed.join(', ')} can).`);
    }
    if (given.length === 0) throw new UsageError(`The fault rule: effect needs one of ${allowed.join(', ')}.`);
    if (match.operation !== undefined && phase !== 'request') {
      throw new UsageError(`The fault rule: match.operation has no meaning in phase ${phase}.`);
    }
    if (match.operation !== undefined && !operations.includes(match.operation)) {
      throw new UsageError(`The fault rule: ${unknownName('operation', match.operation, operations)}.`);
    }
    if (effect.code !== undefined && !isErrorCode(effect.code)) {
      throw new UsageError(`The fault rule: ${unknownName('code', effect.code, Object.keys(ERROR_STATUS))}.`);
    }
    if (effect.status !== undefined && effect.code === undefined && !CODE_OF_STATUS[effect.status]) {
      throw new UsageError(`The fault rule: effect.status ${effect.status} needs a code beside it.`);
    }
  }
}

/** Counts the match, and throws the dice where there are any. */
function fires(entry: Entry, target: FaultTarget): boolean {
  const { match, probability = 1, count = Number.POSITIVE_INFINITY, skip = 0 } = entry.rule;
  if (entry.fired >= count || !fits(match, target)) return false;
  entry.matched += 1;
  if (entry.matched <= skip || entry.random() >= probability) return false;
  entry.fired += 1;
  return true;
}

function fits(match: FaultMatch, target: FaultTarget): boolean {
  const { operation, bucket, channel, key } = match;
  if (operation !== undefined && operation !== target.operation) return false;
  if (bucket !== undefined && bucket !== target.bucket) return false;
  if (channel !== undefined && channel !== (target.channel ?? target.key?.split('/')[0])) return false;
  if (key === undefined) return true;
  return key.endsWith('*') ? target.key?.startsWith(key.slice(0, -1)) === true : key === target.key;
}

function errorOf({ code, status, message }: FaultEffect, rule: string): OssError | undefined {
  const known = code ?? (status === undefined ? undefined : CODE_OF_STATUS[status]);
  if (known === undefined || !isErrorCode(known)) return undefined;
  return new OssError(known, message ?? 'A fault rule of the emulator asked for this error.', {
    ...(status !== undefined && { status }),
    reason: `fault rule ${rule}`,
  });
}

function isErrorCode(code: string): code is ErrorCode {
  return code in ERROR_STATUS;
}

function stateOf({ id, rule, phase, matched, fired }: Entry): SetFault {
  return { id, rule, phase, matched, fired };
}
