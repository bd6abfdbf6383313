/** The operators of conditions. Source: "Policy elements" page of RAM, Condition. */
import { BlockList, isIP, isIPv4 } from 'node:net';
import { parseIsoTime } from '../../base/dates.ts';
import { hasBoundedWildcards, matchesWildcards } from './wildcards.ts';

export interface ConditionOperator {
  /** Whether a policy may name the value. */
  isValid(value: string): boolean;
  fits(actual: string, value: string): boolean;
  /** Met when no value fits, also when the request has nothing to compare. */
  readonly negated: boolean;
}

const text = (fits: ConditionOperator['fits'], negated = false, isValid = (_value: string) => true) => ({
  isValid,
  fits,
  negated,
});
const isEqual = (actual: string, value: string) => actual === value;
const isEqualInAnyCase = (actual: string, value: string) => actual.toLowerCase() === value.toLowerCase();
const isLike = (actual: string, value: string) => matchesWildcards(value, actual);

const OPERATORS: ReadonlyMap<string, ConditionOperator> = new Map<string, ConditionOperator>([
  ['StringEquals', text(isEqual)],
  ['StringNotEquals', text(isEqual, true)],
  ['StringEqualsIgnoreCase', text(isEqualInAnyCase)],
  ['StringNotEqualsIgnoreCase', text(isEqualInAnyCase, true)],
  ['StringLike', text(isLike, false, hasBoundedWildcards)],
  ['StringNotLike', text(isLike, true, hasBoundedWildcards)],
  ['Bool', text(isEqual, false, (value) => value === 'true' || value === 'false')],
  ['IpAddress', text(isInRange, false, (value) => parseRange(value) !== undefined)],
  ['NotIpAddress', text(isInRange, true, (value) => parseRange(value) !== undefined)],
  ...comparisons('Numeric', parseNumber),
  ...comparisons('Date', parseDate),
]);

export function findConditionOperator(name: string): ConditionOperator | undefined {
  return OPERATORS.get(name);
}

/** An address, or a range in CIDR notation. */
export interface IpRange {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefixBits: number;
}

export function parseRange(text: string): IpRange | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  if (isIP(address) === 0 || rest.length > 0) return undefined;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const most = family === 'ipv4' ? 32 : 128;
  const prefixBits = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  return prefixBits <= most ? { address, family, prefixBits } : undefined;
}

function isInRange(actual: string, value: string): boolean {
  const range = parseRange(value);
  if (!range || isIP(actual) === 0) return false;
  const list = new BlockList();
  list.addSubnet(range.address, range.prefixBits, range.family);
  return list.check(actual, isIPv4(actual) ? 'ipv4' : 'ipv6');
}

function comparisons(
  prefix: string,
  parse: (text: string) => number,
): readonly (readonly [string, ConditionOperator])[] {
  const operator = (compare: (actual: number, value: number) => boolean, negated = false): ConditionOperator => ({
    isValid: (value) => !Number.isNaN(parse(value)),
    fits: (actual, value) => compare(parse(actual), parse(value)),
    negated,
  });
  return [
    [`${prefix}Equals`, operator((actual, value) => actual === value)],
    [`${prefix}NotEquals`, operator((actual, value) => actual === value, true)],
    [`${prefix}LessThan`, operator((actual, value) => actual < value)],
    [`${prefix}LessThanEquals`, operator((actual, value) => actual <= value)],
    [`${prefix}GreaterThan`, operator((actual, value) => actual > value)],
    [`${prefix}GreaterThanEquals`, operator((actual, value) => actual >= value)],
  ];
}

function parseNumber(text: string): number {
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
}

/** ISO 8601, as in `2012-10-12T23:00:00+08:00`. */
function parseDate(text: string): number {
  return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? parseIsoTime(text)
    : Number.NaN;
}
