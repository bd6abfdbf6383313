/** Refuses rules that could never fire. */
import { isRpcErrorCode, RPC_ERROR_CODES } from '../../aliyun/rpc-error.ts';
import { ERROR_STATUS, UsageError } from '../../base/errors.ts';
import { unknownName } from '../../base/nearest.ts';
import { readFields } from '../../base/schema.ts';
import { isNamedStatus } from './fault-errors.ts';
import {
  FAULT_EFFECTS,
  FAULT_MATCHES,
  type FaultEffect,
  type FaultMatch,
  type FaultPhase,
  type FaultRule,
  faultRuleSchema,
} from './fault-rule.ts';

interface Operation {
  readonly name: string;
}

/** The operations that a rule may name. */
export interface FaultOperations {
  readonly oss: readonly Operation[];
  readonly live: readonly Operation[];
}

export interface CheckedRule {
  readonly rule: FaultRule;
  readonly phase: FaultPhase;
  /** Of the phase `request`: the operations it applies to. */
  readonly operations: ReadonlySet<string> | undefined;
}

/** One of the two APIs: the names of its operations, the fields that match them, its error codes. */
interface Api {
  readonly name: 'oss' | 'live';
  readonly operations: readonly string[];
  readonly places: readonly (keyof FaultMatch)[];
  readonly codes: readonly string[];
}

const OSS_PLACES = ['bucket', 'channel', 'key'] as const;
const LIVE_PLACES = ['app', 'stream'] as const;
const OSS_CODES = Object.keys(ERROR_STATUS);

/** @throws UsageError when the rule could never fire, or has an unknown field */
export function checkRule(input: FaultRule, known: FaultOperations): CheckedRule {
  const rule = readFields(faultRuleSchema, input, 'The fault rule');
  const { match, effect } = rule;
  const phase = match.phase ?? 'request';
  checkEffect(effect, phase);
  checkMatch(match, phase);
  if (phase === 'request') return { rule, phase, operations: new Set(operationsOf(rule, known)) };
  if (effect.code !== undefined && !OSS_CODES.includes(effect.code)) {
    throw refusal(unknownName('code', effect.code, OSS_CODES));
  }
  return { rule, phase, operations: undefined };
}

function checkEffect(effect: FaultEffect, phase: FaultPhase): void {
  const allowed: readonly string[] = FAULT_EFFECTS[phase];
  const given = Object.keys(effect);
  const foreign = given.find((name) => !allowed.includes(name));
  if (foreign) throw refusal(`${foreign} cannot happen in phase ${phase} (${allowed.join(', ')} can)`);
  if (given.length === 0) throw refusal(`effect needs one of ${allowed.join(', ')}`);
  const { code, status } = effect;
  if (code === undefined && status !== undefined && !isNamedStatus(status)) {
    throw refusal(`effect.status ${status} needs a code beside it`);
  }
}

function checkMatch(match: FaultMatch, phase: FaultPhase): void {
  const allowed: readonly string[] = FAULT_MATCHES[phase];
  const foreign = Object.keys(match).find((name) => name !== 'phase' && !allowed.includes(name));
  if (foreign) throw refusal(`match.${foreign} has no meaning in phase ${phase} (${allowed.join(', ')} have)`);
  const ofOss = OSS_PLACES.find((name) => match[name] !== undefined);
  const ofLive = LIVE_PLACES.find((name) => match[name] !== undefined);
  if (ofOss && ofLive) throw refusal(`nothing has both match.${ofOss} and match.${ofLive}`);
}

/** The operations of the APIs that know every part of the rule: the operation, the other matches, and the error code. */
function operationsOf({ match, effect }: FaultRule, { oss, live }: FaultOperations): readonly string[] {
  const apis: readonly Api[] = [
    { name: 'oss', operations: oss.map(nameOf), places: OSS_PLACES, codes: OSS_CODES },
    { name: 'live', operations: live.map(nameOf), places: LIVE_PLACES, codes: RPC_ERROR_CODES },
  ];
  const able = withCode(effect, withMatch(match, apis));
  return match.operation === undefined ? able.flatMap(({ operations }) => operations) : [match.operation];
}

function withMatch(match: FaultMatch, apis: readonly Api[]): readonly Api[] {
  const { operation } = match;
  const having = operation === undefined ? apis : apis.filter(({ operations }) => operations.includes(operation));
  if (operation !== undefined && having.length === 0) {
    const known = apis.flatMap(({ operations }) => operations);
    throw refusal(unknownName('operation', operation, known));
  }
  const matched = having.filter((api) => apis.every((other) => other === api || !namesPlace(match, other)));
  if (matched.length === 0) {
    throw refusal(
      `${operation} goes by ${having.flatMap(({ places }) => places.map((place) => `match.${place}`)).join(', ')}`,
    );
  }
  return matched;
}

/** The RPC gateway has more codes than we list: a rule for RPC calls only may give any code together with a status. */
function withCode({ code, status }: FaultEffect, apis: readonly Api[]): readonly Api[] {
  if (code === undefined) return apis;
  const having = apis.filter(({ codes }) => codes.includes(code));
  if (having.length > 0) return having;
  const isLive = apis.every(({ name }) => name === 'live');
  if (isLive && (isRpcErrorCode(code) || status !== undefined)) return apis;
  const known = new Set(apis.flatMap(({ codes }) => codes));
  throw refusal(`${unknownName('code', code, [...known])}${isLive ? '; any other needs effect.status beside it' : ''}`);
}

function namesPlace(match: FaultMatch, { places }: Api): boolean {
  return places.some((place) => match[place] !== undefined);
}

function refusal(message: string): UsageError {
  return new UsageError(`The fault rule: ${message}.`);
}

function nameOf({ name }: Operation): string {
  return name;
}
