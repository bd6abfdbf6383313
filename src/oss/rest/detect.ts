import type { Resource } from '../../aliyun/auth/signed-request.ts';
import { isSubResource, selectsOperation } from '../../aliyun/auth/sub-resources.ts';
import { OssError } from '../../base/errors.ts';
import { type Level, type Operation, type Selector, selectorsOf } from './operation.ts';

/** The parts of a request that identify its operation. */
export interface Shape {
  readonly method: string;
  readonly resource: Resource;
  /** The first value of a repeated parameter. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
}

export type Detect = (shape: Shape) => Operation;

/** The parameter that distinguishes operations of one sub-resource. */
const QUALIFIER = 'comp';

interface Rule {
  readonly operation: Operation;
  readonly selectors: readonly Selector[];
}

type AddressLevel = Exclude<Level, 'channel'>;

/**
 * Makes the function that finds the operation of a request: among those with its method whose parameters are all
 * present, the one with the most parameters.
 *
 * @throws OssError MethodNotAllowed (the function) when there is no operation, and when a parameter belongs to operations
 *   of other methods only: `DELETE /key?acl` must not delete the object; NotImplemented when a sub-resource belongs to no
 *   operation here: `GET /?qosInfo` must not list the buckets
 */
export function createDetect(table: readonly Operation[]): Detect {
  const rules = table.map((operation) => ({ operation, selectors: selectorsOf(operation) })).sort(bySpecificity);
  const rulesOf = (level: AddressLevel) => rules.filter((rule) => isAt(rule.operation, level));
  const byLevel = { service: rulesOf('service'), bucket: rulesOf('bucket'), object: rulesOf('object') };
  const isSubResourceName = createIsSubResourceName(table);

  return (shape) => {
    const level = levelOf(shape.resource);
    const asked = [...shape.query.keys()].filter(isSubResourceName);
    const isClaimed = (name: string) => byLevel[level].some((rule) => selects(rule, name));
    if (!asked.every(isClaimed)) throw unknownSubResource(shape, asked);
    const fitting = byLevel[level].filter((rule) => fits(rule, shape));
    const found = fitting.find((rule) => rule.operation.method === shape.method);
    const selected = fitting.filter((rule) => rule.selectors.length > 0);
    if (found && (found.selectors.length > 0 || selected.length === 0)) {
      // `comp` makes another operation of a sub-resource. Those of a channel check it themselves.
      const isQualified = asked.length > 0 && found.operation.level !== 'channel' && shape.query.has(QUALIFIER);
      if ((isQualified && !selects(found, QUALIFIER)) || !asked.every((name) => selects(found, name)))
        throw unknownSubResource(shape, asked);
      return found.operation;
    }
    throw methodNotAllowed(shape.method, level, selected.length > 0 ? selected : fitting);
  };
}

/**
 * Makes the function that says whether a query parameter is a sub-resource, which no operation of the bucket or the
 * object itself has. A parameter with a value (`list-type=2`) and the `x-oss-` parameters are none: they can be in
 * requests of other operations too.
 */
export function createIsSubResourceName(table: readonly Operation[]): (name: string) => boolean {
  const selecting = table.flatMap(selectorsOf).filter(({ name, value }) => {
    return value === undefined && !name.startsWith('x-oss-');
  });
  const names = new Set(selecting.map(({ name }) => name).filter((name) => !isSubResource(name)));
  return (name) => selectsOperation(name) || names.has(name);
}

function selects({ selectors }: Rule, name: string): boolean {
  return selectors.some((selector) => selector.name === name);
}

function levelOf({ bucket, key }: Resource): AddressLevel {
  if (key !== '') return 'object';
  return bucket === '' ? 'service' : 'bucket';
}

function isAt(operation: Operation, level: AddressLevel): boolean {
  return operation.level === level || (operation.level === 'channel' && level !== 'service');
}

function bySpecificity(a: Rule, b: Rule): number {
  return specificity(b) - specificity(a);
}

/** Operations with more parameters are first; with the same number, those that require a header or a value. */
function specificity({ operation, selectors }: Rule): number {
  const hasDetail = operation.header !== undefined || selectors.some(({ value }) => value !== undefined);
  return selectors.length * 2 + (hasDetail ? 1 : 0);
}

function fits({ operation, selectors }: Rule, { query, headers }: Shape): boolean {
  if (operation.header !== undefined && !headers.has(operation.header)) return false;
  return selectors.every(({ name, value }) => {
    const given = query.get(name);
    if (given === undefined) return false;
    return value === undefined || given === value || given.startsWith(`${value},`);
  });
}

function methodNotAllowed(method: string, level: AddressLevel, allowed: readonly Rule[]): OssError {
  const methods = [...new Set(allowed.map((rule) => rule.operation.method))];
  return new OssError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    ec: '0017-00000001',
    details: { Method: method, ResourceType: allowed[0]?.selectors[0]?.name ?? level },
    headers: { allow: methods.join(', ') },
  });
}

function unknownSubResource({ query }: Shape, asked: readonly string[]): OssError {
  const comp = query.get(QUALIFIER);
  const name = [...asked, ...(comp === undefined ? [] : [`${QUALIFIER}=${comp}`])].join('&');
  return new OssError('NotImplemented', `The emulator does not implement the sub-resource ${name} here.`);
}
