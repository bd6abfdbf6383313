import type { Events } from '../../events/events.ts';
import { type CheckedRule, checkRule, type FaultOperations } from './check-rule.ts';
import type { Fault, FaultPhase, FaultRule } from './fault-rule.ts';
import { seededRandom } from './random.ts';

/** What a fault may apply to; fields that are not known at that point are left out. */
export interface FaultTarget {
  readonly operation?: string;
  readonly bucket?: string;
  readonly channel?: string;
  readonly key?: string;
  readonly app?: string;
  readonly stream?: string;
}

/** A rule that is set, with its counters. */
export interface SetFault {
  readonly id: string;
  readonly rule: FaultRule;
  readonly phase: FaultPhase;
  /** How often it matched. */
  readonly matched: number;
  readonly fired: number;
}

interface Entry extends CheckedRule {
  readonly id: string;
  readonly random: () => number;
  readonly removal: AbortController;
  matched: number;
  fired: number;
}

export interface FaultsOptions {
  readonly events: Events;
  readonly operations: FaultOperations;
}

/**
 * Failures on purpose. The code of each phase calls `find` first, which without rules only reads one field. When several
 * rules match, the first one that fires applies.
 */
export class Faults {
  readonly #options: FaultsOptions;
  #entries: readonly Entry[] = [];
  #lastNumber = 0;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /**
   * Adds a rule after the existing ones.
   *
   * @example faults.add({ match: { operation: 'GetObject' }, effect: { code: 'InternalError' }, count: 2 });
   * @throws UsageError when the rule could never fire, or has an unknown field
   */
  add(rule: FaultRule): SetFault {
    const checked = checkRule(rule, this.#options.operations);
    const entry: Entry = {
      ...checked,
      id: `fault-${++this.#lastNumber}`,
      random: seededRandom(checked.rule.seed ?? 1),
      removal: new AbortController(),
      matched: 0,
      fired: 0,
    };
    this.#entries = [...this.#entries, entry];
    return stateOf(entry);
  }

  /** The names that a rule may match, as in the API references, in alphabetical order. */
  get operations(): { readonly oss: readonly string[]; readonly live: readonly string[] } {
    const { oss, live } = this.#options.operations;
    return { oss: oss.map(({ name }) => name).sort(), live: live.map(({ name }) => name).sort() };
  }

  /** False when there is no such rule. */
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

  /** Whether there is any rule. */
  get isActive(): boolean {
    return this.#entries.length > 0;
  }

  /** The fault that fires now, if any; counts it as fired. */
  find(phase: FaultPhase, target: FaultTarget): Fault | undefined {
    if (!this.isActive) return undefined;
    const entry = this.#entries.find((candidate) => candidate.phase === phase && fires(candidate, target));
    if (!entry) return undefined;
    const { effect } = entry.rule;
    const described = Object.entries(effect).map(([name, value]) => `${name}=${value}`);
    this.#options.events.emit({ type: 'fault.fired', rule: entry.id, phase, effect: described.join(' '), ...target });
    return { rule: entry.id, effect, removed: entry.removal.signal };
  }
}

/** Counts the match, and decides by chance when the rule has a probability. */
function fires(entry: Entry, target: FaultTarget): boolean {
  const { probability = 1, count = Number.POSITIVE_INFINITY, skip = 0 } = entry.rule;
  if (entry.fired >= count || !fits(entry, target)) return false;
  entry.matched += 1;
  if (entry.matched <= skip || entry.random() >= probability) return false;
  entry.fired += 1;
  return true;
}

function fits({ rule, operations }: Entry, target: FaultTarget): boolean {
  const { bucket, channel, key, app, stream } = rule.match;
  if (operations && !operations.has(target.operation ?? '')) return false;
  if (bucket !== undefined && bucket !== target.bucket) return false;
  if (app !== undefined && app !== target.app) return false;
  if (stream !== undefined && stream !== target.stream) return false;
  if (channel !== undefined && channel !== (target.channel ?? target.key?.split('/')[0])) return false;
  if (key === undefined) return true;
  return key.endsWith('*') ? target.key?.startsWith(key.slice(0, -1)) === true : key === target.key;
}

function stateOf({ id, rule, phase, matched, fired }: Entry): SetFault {
  return { id, rule, phase, matched, fired };
}
