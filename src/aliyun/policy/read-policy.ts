/** From the text of a policy to its value. */
import { jsonMembers, parseJson } from '../../base/encoded-json.ts';
import { findConditionOperator } from './condition-operators.ts';
import { type Condition, MalformedPolicy, type Names, type Policy, type Principal, type Statement } from './policy.ts';
import { comparisonsPerPlace, hasBoundedWildcards } from './wildcards.ts';

/** A bucket policy has principals. A RAM policy has none, and may have NotAction and NotResource. */
export type PolicyKind = 'bucket' | 'ram';

const ELEMENTS: Readonly<Record<PolicyKind, readonly string[]>> = {
  bucket: ['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'],
  ram: ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
};
/** `*`, `oss:*`, `oss:Get*` */
const ACTION = /^(\*|[A-Za-z0-9*-]+:[A-Za-z0-9*?]+)$/;
const RESOURCE_PARTS = 5;
/** Of all patterns together, because every request to the bucket is compared with them. */
const MAX_COMPARISONS_PER_PLACE = 512;

type Fields = ReadonlyMap<string, unknown>;

/** @throws MalformedPolicy */
export function readPolicy(text: string, kind: PolicyKind): Policy {
  const value = parseJson(text);
  if (value === undefined) throw new MalformedPolicy('it is no JSON');
  const fields = fieldsOf(value, 'the policy');
  refuseOthers(fields, ['Version', 'Statement', 'Id'], 'the policy');
  if (fields.get('Version') !== '1') throw new MalformedPolicy('Version must be the text "1"');
  const statements = fields.get('Statement');
  if (!Array.isArray(statements) || statements.length === 0) {
    throw new MalformedPolicy('Statement must be a list of at least one statement');
  }
  const read = statements.map((statement, index) => readStatement(statement, kind, `statement ${index + 1}`));
  const comparisons = read.flatMap(patternsOf).reduce((sum, pattern) => sum + comparisonsPerPlace(pattern), 0);
  if (comparisons > MAX_COMPARISONS_PER_PLACE) {
    throw new MalformedPolicy(
      `the texts with ? between two * have more than ${MAX_COMPARISONS_PER_PLACE} characters together`,
    );
  }
  return { statements: read };
}

/** The texts of a statement in which `*` and `?` are wildcards. */
function patternsOf({ principal, actions, resources, conditions }: Statement): readonly string[] {
  const likes = conditions.filter(({ operator }) => operator.endsWith('Like'));
  return [
    ...(principal.kind === 'some' ? principal.names : []),
    ...actions.patterns,
    ...resources.patterns,
    ...likes.flatMap(({ values }) => values),
  ];
}

function readStatement(value: unknown, kind: PolicyKind, where: string): Statement {
  const fields = fieldsOf(value, where);
  refuseOthers(fields, ELEMENTS[kind], where);
  const effect = fields.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw new MalformedPolicy(`${where}: Effect must be Allow or Deny`);
  return {
    effect,
    principal: kind === 'ram' ? { kind: 'holder' } : readPrincipal(fields.get('Principal'), where),
    actions: lowerCase(readNames(fields, 'Action', where, (name) => ACTION.test(name))),
    resources: readNames(fields, 'Resource', where, isResource),
    conditions: readConditions(fields.get('Condition'), where),
  };
}

/** An empty list means everyone. The service accepts a policy without the element, as the test of oss2 sends it. */
function readPrincipal(value: unknown, where: string): Principal {
  if (value === undefined) return { kind: 'nobody' };
  const names = textsOf(value, `${where}: Principal`);
  if (names.length === 0 || names.includes('*')) return { kind: 'everyone' };
  const wrong = names.find((name) => name === '' || !hasBoundedWildcards(name));
  if (wrong !== undefined) throw new MalformedPolicy(`${where}: "${wrong}" is no principal`);
  return { kind: 'some', names };
}

function readNames(
  fields: Fields,
  element: 'Action' | 'Resource',
  where: string,
  isName: (name: string) => boolean,
): Names {
  const except = fields.has(`Not${element}`);
  if (except && fields.has(element)) throw new MalformedPolicy(`${where} has both ${element} and Not${element}`);
  const patterns = textsOf(fields.get(except ? `Not${element}` : element), `${where}: ${element}`);
  if (patterns.length === 0) throw new MalformedPolicy(`${where} has no ${element}`);
  const wrong = patterns.find((pattern) => !isName(pattern) || !hasBoundedWildcards(pattern));
  if (wrong !== undefined) throw new MalformedPolicy(`${where}: "${wrong}" is no ${element}`);
  return { patterns, except };
}

/** Action names are compared without case. */
function lowerCase({ patterns, except }: Names): Names {
  return { patterns: patterns.map((pattern) => pattern.toLowerCase()), except };
}

/** `*`, or `acs:<service>:<region>:<account>:<name>`. */
function isResource(text: string): boolean {
  if (text === '*') return true;
  return text.startsWith('acs:') && text.split(':').length >= RESOURCE_PARTS && !text.endsWith(':');
}

function readConditions(value: unknown, where: string): readonly Condition[] {
  if (value === undefined) return [];
  const conditions: Condition[] = [];
  for (const [name, keys] of fieldsOf(value, `${where}: Condition`)) {
    const operator = findConditionOperator(name);
    if (!operator) throw new MalformedPolicy(`${where}: "${name}" is no condition operator`);
    for (const [key, content] of fieldsOf(keys, `${where}: ${name}`)) {
      const values = textsOf(content, `${where}: ${key}`);
      const wrong = values.find((text) => !operator.isValid(text));
      if (wrong !== undefined) throw new MalformedPolicy(`${where}: "${wrong}" is no value for ${name}`);
      if (values.length === 0) throw new MalformedPolicy(`${where}: ${key} has no value`);
      conditions.push({ operator: name, key: key.toLowerCase(), values });
    }
  }
  return conditions;
}

function fieldsOf(value: unknown, where: string): Fields {
  const fields = jsonMembers(value);
  if (fields) return fields;
  throw new MalformedPolicy(`${where} must be an object`);
}

function refuseOthers(fields: Fields, known: readonly string[], where: string): void {
  const other = [...fields.keys()].find((name) => !known.includes(name));
  if (other !== undefined) throw new MalformedPolicy(`${where} has an unknown element ${other}`);
}

/** One value or a list of them; numbers and booleans as text, because people write `false` without quotes. */
function textsOf(value: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.map((entry) => {
    if (typeof entry === 'string') return entry;
    if (typeof entry === 'boolean' || typeof entry === 'number') return String(entry);
    throw new MalformedPolicy(`${where} must be a text or a list of texts`);
  });
}
